import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { CadreError } from '../../core/errors.ts';
import { fileTrouble } from '../../core/file-trouble.ts';

/** Who holds a home, as another process reads it. */
export interface HomeHolder {
  readonly pid: number;
  readonly socket: string;
  readonly url?: string;
}

export interface HomeLock {
  /** Publishes where the holder can be reached. */
  announce(holder: HomeHolder): void;
  release(): void;
}

/**
 * Takes a home for this process. The lock is SQLite's exclusive file lock, which the kernel drops
 * when the process ends in any way, kill -9 included; farm.json beside it only informs.
 */
export function lockHome(home: string): HomeLock {
  makeFolder(home);
  const path = join(home, 'lock.db');
  const database = openLock(path);
  try {
    database.exec(
      'PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE IF NOT EXISTS holder (pid INTEGER);',
    );
  } catch (error) {
    database.close();
    if (!isHeld(error)) throw unusable(path, error);
    const holder = readHolder(home);
    const who =
      holder === undefined
        ? 'another process'
        : `process ${holder.pid}${holder.url ? ` (${holder.url})` : ''}`;
    throw new CadreError('home_locked', `${home} is held by ${who}; stop it with \`cadre stop\``, {
      cause: error,
    });
  }
  const file = join(home, 'farm.json');
  return {
    announce: (holder) => writeFileSync(file, JSON.stringify(holder), { mode: 0o600 }),
    release: () => {
      rmSync(file, { force: true });
      database.close();
    },
  };
}

function openLock(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path, { timeout: 0 });
  } catch (error) {
    throw unusable(path, error);
  }
}

/** SQLite's result codes (sqlite.org/rescode.html); the low byte is the primary one. */
const [BUSY, LOCKED, FULL] = [5, 6, 13];

function isHeld(error: unknown): boolean {
  const code = codeOf(error);
  return code === BUSY || code === LOCKED;
}

function codeOf(error: unknown): number {
  const code = (error as { errcode?: unknown } | undefined)?.errcode;
  return typeof code === 'number' ? code & 0xff : 0;
}

/** The operator's trouble with the lock of a home: a full or read-only disk, rights, a damaged file. */
function unusable(path: string, cause: unknown): CadreError {
  if (codeOf(cause) === FULL)
    return new CadreError('disk_full', `no space is left on the disk of ${path}`, { cause });
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new CadreError('file_refused', `${path} cannot be written: ${reason}`, { cause });
}

/**
 * Makes the folder and its parents one by one: a recursive mkdir never returns below a file system
 * that pretends to accept folders (/proc, seen with Node 24.21).
 */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (existsSync(folder)) return;
    throw fileTrouble(error, folder) ?? error;
  }
}

/** What the last holder published; it may be dead. */
export function readHolder(home: string): HomeHolder | undefined {
  try {
    const value = JSON.parse(readFileSync(join(home, 'farm.json'), 'utf8')) as HomeHolder;
    return typeof value.pid === 'number' && typeof value.socket === 'string' ? value : undefined;
  } catch {
    // Absent or half-written by a killed process: nobody can be reached through it either way.
    return undefined;
  }
}
