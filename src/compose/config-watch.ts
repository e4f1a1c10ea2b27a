import { readFileSync, type Stats, statSync, unwatchFile, watchFile } from 'node:fs';

/** Looking is a stat of one or two files; editors that replace a file and network folders are seen too. */
const LOOK_MS = 2000;

/**
 * Calls back when one of the files appears, changes or goes, until the signal aborts. A file that is
 * gone, empty or without an end of its last line may be half written: it counts when it is still the
 * same at the next look.
 */
export function watchConfig(
  files: readonly string[],
  onChange: () => void,
  signal: AbortSignal,
  lookMs = LOOK_MS,
): void {
  if (signal.aborted) return;
  const watches = files.map((file) => {
    let later: NodeJS.Timeout | undefined;
    // A file that is not there is told once as such at the start; that is no change.
    const look = (now: Stats, before: Stats) => {
      if (isSame(now, before)) return;
      clearTimeout(later);
      if (!mayBeHalf(file)) return onChange();
      const wait = () => {
        if (isSame(statOf(file), now)) onChange();
      };
      later = setTimeout(wait, lookMs).unref();
    };
    watchFile(file, { interval: lookMs, persistent: false }, look);
    return () => {
      clearTimeout(later);
      unwatchFile(file, look);
    };
  });
  signal.addEventListener(
    'abort',
    () => {
      for (const end of watches) end();
    },
    { once: true },
  );
}

function isSame(one: Looked, other: Looked): boolean {
  return one.mtimeMs === other.mtimeMs && one.size === other.size && one.ino === other.ino;
}

type Looked = Pick<Stats, 'mtimeMs' | 'size' | 'ino'>;

/** As `watchFile` tells it, also of a file that is gone. */
function statOf(file: string): Looked {
  return statSync(file, { throwIfNoEntry: false }) ?? { mtimeMs: 0, size: 0, ino: 0 };
}

function mayBeHalf(file: string): boolean {
  try {
    const text = readFileSync(file, 'utf8');
    return text.trim() === '' || !text.endsWith('\n');
  } catch {
    return true;
  }
}
