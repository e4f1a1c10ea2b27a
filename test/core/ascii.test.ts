import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAscii } from '../../src/core/ascii.ts';

describe('whether a text is ASCII', () => {
  it('is told as a look at every character tells it', () => {
    const unit = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary-ascii' }));
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 5 }), (parts) => {
        const text = parts.join('');
        expect(isAscii(text)).toBe([...text].every((mark) => (mark.codePointAt(0) ?? 0) < 128));
      }),
    );
  });

  it('is told of one character anywhere in a long text, also of half a pair', () => {
    const length = 150_000;
    expect(isAscii('a'.repeat(length))).toBe(true);
    for (const mark of ['\x80', 'ÿ', '\u0660', '\ud800', '😀'])
      for (const at of [0, 65_534, 65_535, 65_536, 131_071, length - 1])
        expect(isAscii(`${'a'.repeat(at)}${mark}${'a'.repeat(length - at)}`)).toBe(false);
  });
});
