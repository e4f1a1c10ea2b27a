import { accessSync, constants, lstatSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileTrouble } from '../core/file-trouble.ts';
import { UsageError } from './command.ts';

/**
 * Throws UsageError where a file that is to be written cannot be, before any work is done: a folder,
 * a link or a device lies there, or its folder is missing or refused.
 */
export function checkOutput(flag: string, path: string): void {
  if (path.trim() === '') throw new UsageError(`${flag} needs the name of a file`);
  const folder = dirname(path);
  const refuse = (words: string) =>
    new UsageError(`${flag} ${path}: the folder ${folder} ${words}`);
  try {
    // With the slash, a file in the folder's place is refused too.
    accessSync(`${folder}/`, constants.W_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTDIR') throw refuse('is no folder');
    throw refuse(code === 'ENOENT' ? 'does not exist' : 'may not be written by this user');
  }
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) throw new UsageError(`${flag} ${path} is a folder; name a file in it`);
  if (found?.isSymbolicLink())
    throw new UsageError(`${flag} ${path} is a link; name the file that is to be written`);
  if (found !== undefined && !found.isFile())
    throw new UsageError(`${flag} ${path} is no ordinary file; name another`);
}

/**
 * Writes a file whole or not at all, for this user's eyes alone: what lay there under wider rights,
 * or under another name too, is replaced, not written to. Throws `disk_full` or `file_refused`.
 */
export function writeOutput(path: string, text: string): void {
  const partial = `${path}.${process.pid}.new`;
  try {
    rmSync(partial, { force: true });
    writeFileSync(partial, text, { mode: 0o600, flag: 'wx', flush: true });
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw fileTrouble(error, path) ?? error;
  }
}
