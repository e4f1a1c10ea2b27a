import { CadreError } from './errors.ts';

/** What the operating system said of a file, in words. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not use it',
  EPERM: 'this user may not use it',
  EROFS: 'its file system is read-only',
  ENOENT: 'it, or a folder above it, is not there',
  ENOTDIR: 'a file lies where a folder is needed',
  EEXIST: 'something else lies there already',
  EISDIR: 'a folder lies where a file is needed',
  ENAMETOOLONG: 'its name is too long',
  EIO: 'the disk cannot read or write it',
};
/** Node tells a read-only file system so where it makes a folder with its parents. */
const NOT_MADE = 'it cannot be made: the file system is read-only, or a folder above it is missing';
const FULL = new Set(['ENOSPC', 'EDQUOT']);

/**
 * An error of the operating system about a file as what it is, the operator's trouble: `disk_full` or
 * `file_refused` with the path (`place` where the system names none). Undefined for any other error.
 */
export function fileTrouble(thrown: unknown, place: string): CadreError | undefined {
  if (!(thrown instanceof Error) || !('syscall' in thrown)) return undefined;
  const {
    code = '',
    path,
    dest,
    syscall,
  } = thrown as NodeJS.ErrnoException & { readonly dest?: string };
  const where = dest ?? path;
  const details = { cause: thrown };
  if (FULL.has(code))
    return new CadreError(
      'disk_full',
      `no space is left on the disk of ${where ?? place}`,
      details,
    );
  const reason = code === 'ENOENT' && syscall === 'mkdir' ? NOT_MADE : REASONS[code];
  if (reason === undefined || where === undefined) return undefined;
  return new CadreError('file_refused', `${where} cannot be used: ${reason}`, details);
}
