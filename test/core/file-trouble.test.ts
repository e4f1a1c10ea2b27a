import { mkdirSync, mkdtempSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fileTrouble } from '../../src/core/file-trouble.ts';

const folder = mkdtempSync(join(tmpdir(), 'cadre-trouble-'));
const file = join(folder, 'file');
writeFileSync(file, '');

function troubleOf(work: () => unknown) {
  try {
    work();
  } catch (error) {
    return fileTrouble(error, folder);
  }
  throw new Error('the system refused nothing');
}

it.each([
  ['a full disk', () => writeFileSync('/dev/full', 'x'), 'disk_full', folder],
  ['a file for a folder', () => readdirSync(file), 'file_refused', file],
  ['a file above', () => mkdirSync(join(file, 'below')), 'file_refused', join(file, 'below')],
  ['a folder for a file', () => writeFileSync(folder, ''), 'file_refused', folder],
  ['what is missing', () => mkdirSync(join(folder, 'no', 'x')), 'file_refused', join('no', 'x')],
  ['a move', () => renameSync(file, join(file, 'x')), 'file_refused', join(file, 'x')],
])('%s is the operator’s trouble', (_, work, code, place) => {
  const error = troubleOf(work);
  expect(error?.code).toBe(code);
  expect(error?.message).toContain(place);
  expect(error?.message).not.toMatch(/E[A-Z]{4}|mkdir|scandir/);
});

it('leaves other errors alone', () => {
  expect(fileTrouble(new TypeError('x is not a function'), folder)).toBeUndefined();
  expect(fileTrouble({ code: 'ENOSPC' }, folder)).toBeUndefined();
});
