import { toCadreError } from '../core/errors.ts';
import type { CallOptions, FolderSource, SourceFile } from '../core/ports.ts';
import type { DocumentRow } from '../core/stores.ts';

export interface Reading {
  readonly file: SourceFile;
  /** '' when the bytes could not be read. */
  readonly hash: string;
  /** The version that this one follows. */
  readonly stored?: DocumentRow;
  /** Why not even its bytes could be read. */
  readonly problem?: string;
}

/** What has to be done so that a collection equals its folder. */
export interface FolderChanges {
  readonly moved: readonly { readonly stored: DocumentRow; readonly file: SourceFile }[];
  readonly removed: readonly DocumentRow[];
  /** New and changed files. */
  readonly read: readonly Reading[];
  readonly unchanged: number;
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
  readonly fileCount: number;
}

export interface CompareOptions extends CallOptions {
  /** Read documents again that could not be read before. */
  readonly retriesProblems: boolean;
}

/**
 * Compares a folder with the stored documents: first path, size and time, then the hash of the
 * bytes. A file whose hash belongs to a document that is no longer at its place was renamed.
 */
export async function compareFolder(
  source: FolderSource,
  folder: string,
  documents: readonly DocumentRow[],
  options: CompareOptions,
): Promise<FolderChanges> {
  const { files, skipped } = await source.doList(folder, options);
  const byPath = new Map(documents.map((document) => [document.path, document]));
  const present = new Set(files.map((file) => file.path));
  const isHidden = (path: string) => skipped.some((one) => path.startsWith(`${one.path}/`));
  const missing = documents.filter((one) => !present.has(one.path) && !isHidden(one.path));
  const moved: { stored: DocumentRow; file: SourceFile }[] = [];
  const read: Reading[] = [];
  let unchanged = 0;
  for (const file of files) {
    options.signal.throwIfAborted();
    const stored = byPath.get(file.path);
    const isRetried = options.retriesProblems && stored?.problem !== undefined;
    if (stored !== undefined && !isRetried && isSameFile(stored, file)) {
      unchanged += 1;
      if (!isSameGrant(stored, file)) moved.push({ stored, file });
      continue;
    }
    const reading = await hashFile(source, file, stored, options);
    const isSame = reading.hash !== '' && reading.hash === stored?.hash && !isRetried;
    const origin = stored === undefined ? takeMissing(missing, reading.hash) : undefined;
    if (isSame) {
      unchanged += 1;
      moved.push({ stored, file });
    } else if (reading.problem !== undefined && reading.problem === stored?.problem) unchanged += 1;
    else if (origin !== undefined) moved.push({ stored: origin, file });
    else read.push(reading);
  }
  return { moved, removed: missing, read, unchanged, skipped, fileCount: files.length };
}

function isSameFile(stored: DocumentRow, file: SourceFile): boolean {
  return stored.bytes === file.bytes && stored.modifiedAt === file.modifiedAt && stored.hash !== '';
}

/** Both come from the same source, which names the same things in the same order. */
function isSameGrant(stored: DocumentRow, file: SourceFile): boolean {
  return JSON.stringify(stored.given ?? {}) === JSON.stringify(file.given ?? {});
}

async function hashFile(
  source: FolderSource,
  file: SourceFile,
  stored: DocumentRow | undefined,
  options: CallOptions,
): Promise<Reading> {
  const base = stored === undefined ? { file } : { file, stored };
  try {
    return { ...base, hash: await source.doHash(file, options) };
  } catch (thrown) {
    options.signal.throwIfAborted();
    return { ...base, hash: '', problem: toCadreError(thrown).message };
  }
}

function takeMissing(missing: DocumentRow[], hash: string): DocumentRow | undefined {
  const index = missing.findIndex((document) => document.hash === hash && hash !== '');
  return index < 0 ? undefined : missing.splice(index, 1)[0];
}
