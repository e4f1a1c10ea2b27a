import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { CadreError } from '../../core/errors.ts';

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
  const database = new DatabaseSync(join(home, 'lock.db'), { timeout: 0 });
  try {
    database.exec(
      'PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE IF NOT EXISTS holder (pid INTEGER);',
    );
  } catch (error) {
    database.close();
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
    const reason = error instanceof Error ? error.message : String(error);
    throw new CadreError('config_invalid', `the home ${folder} cannot be made: ${reason}`, {
      param: 'CADRE_HOME',
      cause: error,
    });
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
