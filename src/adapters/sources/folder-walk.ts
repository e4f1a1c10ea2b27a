import type { BigIntStats, Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CadreError } from '../../core/errors.ts';
import type { SourceItem } from '../../core/source.ts';
import { FILE_LIMIT, formatOf } from '../parsers/formats.ts';
import { UnreadSuffixes } from './unread-suffixes.ts';

export interface Skipped {
  readonly path: string;
  readonly reason: string;
}

export interface FolderListing {
  readonly files: readonly SourceItem[];
  readonly skipped: readonly Skipped[];
  /** Absolute paths of the folder and all below it that are read. */
  readonly folders: readonly string[];
}

const MOST_FILES = 200_000;
/** Names that hold no documents of the user's; nothing is said about them. */
const IGNORED = new Set(['node_modules', '__pycache__', 'package-lock.json', 'pnpm-lock.yaml']);

export function isIgnored(name: string): boolean {
  return name.startsWith('.') || name.startsWith('~$') || IGNORED.has(name);
}

/**
 * Every file below a folder that a parser reads, in the order of paths. Links are not followed: one
 * that points inside would give a document twice, one that points outside would let a document
 * from elsewhere in. Rejects with `invalid_request` for a folder that is missing, no folder or unreadable.
 */
export async function walkFolder(
  folder: string,
  signal: AbortSignal,
  onCount: (count: number) => void = () => undefined,
): Promise<FolderListing> {
  const walk = new FolderWalk(await rootOf(folder), signal, onCount);
  return walk.run();
}

/** Size and time of the last change, to the nanosecond. */
export function markOf({ size, mtimeNs }: BigIntStats): string {
  return `${size}-${mtimeNs}`;
}

class FolderWalk {
  readonly #root: string;
  readonly #signal: AbortSignal;
  readonly #onCount: (count: number) => void;
  readonly #files: SourceItem[] = [];
  readonly #skipped: Skipped[] = [];
  readonly #folders: string[] = [];
  /** Files by suffix that no parser reads. */
  readonly #unread = new UnreadSuffixes();

  constructor(root: string, signal: AbortSignal, onCount: (count: number) => void) {
    this.#root = root;
    this.#signal = signal;
    this.#onCount = onCount;
  }

  async run(): Promise<FolderListing> {
    const open = [''];
    for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
      this.#signal.throwIfAborted();
      open.push(...(await this.#readFolder(folder)));
      this.#onCount(this.#files.length);
    }
    this.#skipped.push(...this.#unread.skipped);
    this.#files.sort((left, right) => (left.path < right.path ? -1 : 1));
    return { files: this.#files, skipped: this.#skipped, folders: this.#folders };
  }

  /** Folders below this one. */
  async #readFolder(folder: string): Promise<string[]> {
    const entries = await this.#entriesOf(folder);
    if (entries === undefined) return [];
    this.#folders.push(join(this.#root, folder));
    const below: string[] = [];
    for (const entry of entries) {
      if (isIgnored(entry.name)) continue;
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) below.push(path);
      else if (entry.isSymbolicLink()) await this.#noteLink(path);
      else if (entry.isFile()) await this.#addFile(path);
    }
    return below;
  }

  async #entriesOf(folder: string): Promise<Dirent[] | undefined> {
    try {
      return await readdir(join(this.#root, folder), { withFileTypes: true });
    } catch (thrown) {
      if (folder === '') throw unreadableRoot(this.#root, thrown);
      this.#skipped.push({ path: folder, reason: reasonOf(thrown) });
      return undefined;
    }
  }

  async #addFile(path: string): Promise<void> {
    if (formatOf(path) === undefined) {
      this.#unread.add(path);
      return;
    }
    const absolute = join(this.#root, path);
    try {
      const found = await stat(absolute, { bigint: true });
      if (found.size > FILE_LIMIT) {
        this.#skipped.push({
          path,
          reason: `larger than ${FILE_LIMIT / 1e6} MB; cut it into parts`,
        });
        return;
      }
      this.#files.push({
        path,
        mark: markOf(found),
        bytes: Number(found.size),
        modifiedAt: Number(found.mtimeMs),
      });
    } catch (thrown) {
      this.#skipped.push({ path, reason: reasonOf(thrown) });
    }
    if (this.#files.length > MOST_FILES)
      throw new CadreError(
        'invalid_request',
        `the folder ${this.#root} has more than ${MOST_FILES} documents`,
        {
          param: 'folder',
        },
      );
  }

  /** A link inside the folder is silent: its target is read at its own place. */
  async #noteLink(path: string): Promise<void> {
    const target = await realpath(join(this.#root, path)).catch(() => undefined);
    if (target === undefined || target === this.#root || target.startsWith(`${this.#root}/`))
      return;
    this.#skipped.push({ path, reason: 'a link out of the folder; links are not followed' });
  }
}

async function rootOf(folder: string): Promise<string> {
  try {
    const root = await realpath(folder);
    if ((await stat(root)).isDirectory()) return root;
  } catch (thrown) {
    throw unreadableRoot(folder, thrown);
  }
  throw new CadreError('invalid_request', `${folder} is a file, not a folder`, { param: 'folder' });
}

function unreadableRoot(folder: string, thrown: unknown): CadreError {
  const code = (thrown as { code?: unknown }).code;
  const message =
    code === 'ENOENT' || code === 'ENOTDIR'
      ? `there is no folder ${folder}`
      : `the folder ${folder} cannot be read: ${reasonOf(thrown)}`;
  return new CadreError('invalid_request', message, { param: 'folder', cause: thrown });
}

export function reasonOf(thrown: unknown): string {
  const { code, message } = thrown as { code?: unknown; message?: unknown };
  if (code === 'EACCES' || code === 'EPERM') return 'the farm may not read it';
  if (code === 'ENOENT') return 'it is gone, or its name is not valid UTF-8';
  return String(message ?? thrown);
}
