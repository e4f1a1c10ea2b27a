import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { CommandInput } from '../../src/cli/command.ts';
import { sourceOf } from '../../src/cli/index-source.ts';

const folder = mkdtempSync(join(tmpdir(), 'places-'));
afterAll(() => rmSync(folder, { recursive: true }));
const input = (flags: CommandInput['flags'] = {}) => ({ flags }) as CommandInput;

it.each([
  ['s.db', /--sql/],
  ['notes.md', /name the folder/],
])('says what to do with the file %s', (name, told) => {
  const place = join(folder, name);
  writeFileSync(place, 'x');
  expect(() => sourceOf(input(), place)).toThrow(told);
});

it('names https for a repository that is given for ssh', () => {
  for (const place of ['git@example.org:a/b.git', 'ssh://git@example.org/a/b'])
    expect(() => sourceOf(input(), place)).toThrow(/https/);
});
