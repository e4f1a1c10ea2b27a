import {
  chmodSync,
  linkSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { checkOutput, writeOutput } from '../../src/cli/output-file.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cadre-output-'));
  file = join(folder, 'rows.jsonl');
});

describe('a file that a command writes', () => {
  it('is for this user alone, also where a file that all may read lay there', () => {
    writeFileSync(file, 'before');
    chmodSync(file, 0o644);
    linkSync(file, join(folder, 'other'));
    checkOutput('--out', file);
    writeOutput(file, 'a prompt');
    expect(readFileSync(file, 'utf8')).toBe('a prompt');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(folder, 'other'), 'utf8')).toBe('before');
    expect(readdirSync(folder).toSorted()).toEqual(['other', 'rows.jsonl']);
  });

  it('is refused before the work where it cannot be written', () => {
    writeFileSync(file, '');
    symlinkSync(file, join(folder, 'link'));
    symlinkSync(join(folder, 'gone'), join(folder, 'dangling'));
    for (const [path, words] of [
      [folder, /is a folder/],
      [join(folder, 'link'), /is a link/],
      [join(folder, 'dangling'), /is a link/],
      ['/dev/null', /no ordinary file/],
      [join(folder, 'none', 'x'), /the folder .*none does not exist/],
      [join(file, 'x'), /rows\.jsonl is no folder/],
      ['', /needs the name/],
    ] as const)
      expect(() => checkOutput('--out', path)).toThrow(words);
  });

  it('leaves nothing behind where it fails', () => {
    expect(() => writeOutput(folder, 'x')).toThrow(/cannot be used: /);
    expect(
      readdirSync(join(folder, '..')).filter((one) => one.includes(`${process.pid}.new`)),
    ).toEqual([]);
  });
});
