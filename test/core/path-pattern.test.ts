import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coversPath, matchesPath } from '../../src/core/path-pattern.ts';

describe('path patterns', () => {
  it.each([
    ['guides/*.md', 'guides/start.md', true],
    ['guides/*.md', 'guides/deep/start.md', false],
    ['guides/**/*.md', 'guides/deep/er/start.md', true],
    ['guides/**/*.md', 'guides/start.md', true],
    ['guides/', 'guides/a/b.pdf', true],
    ['guides/', 'guides2/a.pdf', false],
    ['*.pdf', 'a/b/c.pdf', true],
    ['/*.pdf', 'a/c.pdf', false],
    ['/*.pdf', 'c.pdf', true],
    ['a?c.md', 'abc.md', true],
    ['**', 'any/thing', true],
    ['a.c', 'abc', false],
    ['[x].md', '[x].md', true],
    ['nach 😀/?.md', 'nach 😀/😀.md', true],
  ])('%s and %s: %s', (pattern, path, expected) => {
    expect(matchesPath(pattern, path)).toBe(expected);
  });

  it('cover all that lies in a folder that fits', () => {
    expect(coversPath('hr', 'hr/pay/a.md')).toBe(true);
    expect(coversPath('h*', 'x/hr/a.md')).toBe(true);
    expect(coversPath('hr/*', 'hr/pay/a.md')).toBe(true);
    expect(coversPath('hr', 'hrm/a.md')).toBe(false);
  });

  it('agree with the regular expression that says the same', () => {
    const name = fc.stringMatching(/^[ab]{1,3}$/);
    const part = fc.stringMatching(/^[ab*?]{1,4}$/);
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 2, maxLength: 4 }),
        fc.array(name, { maxLength: 4 }),
        (parts, names) => {
          if (names.length === 0) return;
          const source = parts
            .map((one) =>
              one === '**'
                ? '(?:[^/]*/)*'
                : `${one.replaceAll(/\*+/g, '[^/]*').replaceAll('?', '[^/]')}/`,
            )
            .join('');
          const expected = new RegExp(`^${source}$`).test(`${names.join('/')}/`);
          expect(matchesPath(parts.join('/'), names.join('/'))).toBe(expected);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('take time in proportion to the lengths, whatever is asked', () => {
    const pattern = `${'*a'.repeat(140)}b`;
    expect(matchesPath(pattern, 'a'.repeat(4000))).toBe(false);
  });
});
