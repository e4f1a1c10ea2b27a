import { afterEach, expect, it, vi } from 'vitest';
import { ProgressLine, safe, safeLine } from '../../src/cli/terminal.ts';

afterEach(() => vi.restoreAllMocks());

it('keeps a file name on the line of its progress, without what a terminal would obey', () => {
  const written: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
  new ProgressLine().update('reading', 1, 4, 'a\x1b[2J\nb\u202egpj.exe');
  expect(written.join('')).toMatch(/^ {2}reading 25 % a�\[2J b�gpj\.exe\n$/);
});

it.each(['\u202a', '\u202e', '\u2066', '\u2069'])('takes out marks of direction: %j', (mark) => {
  expect(safe(`a${mark}b`)).toBe('a�b');
  expect(safeLine(`a${mark}b`)).toBe('a�b');
});
