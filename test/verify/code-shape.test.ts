import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkCode } from '../../src/verify/code-shape.ts';
import { sumSigns } from '../../src/verify/sum-signs.ts';

const fenced = (language: string, code: string) =>
  `Here:\n\n\`\`\`${language}\n${code}\n\`\`\`\nDone.`;

describe('checkCode', () => {
  it.each([
    ['python', 'def f(x):\n    """It\'s (one"""\n    return {"a": [x, "]"]}  # it\'s fine ('],
    ['python', 'if a: print("b")\nfor i in r:\n\n    # nothing yet\n    pass'],
    ['python', "s = f'{x!r}' if y else r'\\d('"],
    ['ts', "const f = (a: string) => `it's (`; // it's ("],
    ['rust', "fn f<'a>(x: &'a str) -> &'a str { x }"],
    ['js', 'const r = /[("]/g;\nf(r);'],
    ['json', '{"a": [1, 2]}'],
  ])('accepts %s: %s', (language, code) => {
    expect(checkCode(fenced(language, code))?.passed).toBe(true);
  });

  it.each([
    ['python', 'def f(x:\n    return x'],
    ['python', 'def f(x):\nreturn x'],
    ['python', 'print("hello)'],
    ['js', 'function f() { return [1, 2; }'],
    ['java', 'class A { void f() { }'],
    ['json', '{"a": [1, 2}'],
  ])('refuses %s: %s', (language, code) => {
    expect(checkCode(fenced(language, code))?.passed).toBe(false);
  });

  it('looks at nothing else: prose, languages that it does not read, blocks without a name', () => {
    expect(checkCode('a (b')).toBeUndefined();
    expect(checkCode(fenced('sql', "select 'a ("))).toBeUndefined();
    expect(checkCode(fenced('', 'f(('))).toBeUndefined();
  });

  it('survives any block', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('python', 'ts', 'json'),
        fc.string({ maxLength: 300 }),
        (language, code) => {
          expect(() => checkCode(fenced(language, code))).not.toThrow();
        },
      ),
    );
  });
});

describe('sumSigns', () => {
  it('tells what of the question is used and what the result looks like', () => {
    const asked = 'Tom has 3 bags of 1,200 grams and 5 of 40.';
    const whole = sumSigns(asked, '3 × 1,200 = 3600, 5 × 40 = 200, so 3800');
    expect(whole).toMatchObject({ used: 1, fraction: false, copied: false, none: false });
    expect(whole.held).toBeCloseTo(Math.log(3), 6);
    expect(whole.fresh).toBeCloseTo(Math.log(4), 6);
    expect(sumSigns(asked, 'It is 3 / 5 = 0.6')).toMatchObject({ used: 0.5, fraction: true });
    expect(sumSigns(asked, 'It is 40')).toMatchObject({ copied: true });
    expect(sumSigns(asked, 'many')).toMatchObject({ used: 0, none: true });
    expect(sumSigns('', '')).toMatchObject({ used: 0, none: true });
  });
});
