import { type Stats, unwatchFile, watchFile } from 'node:fs';

/** Looking is a stat of one or two files; editors that replace a file and network folders are seen too. */
const LOOK_MS = 2000;

/** Calls back when one of the files appears, changes or goes, until the signal aborts. */
export function watchConfig(
  files: readonly string[],
  onChange: () => void,
  signal: AbortSignal,
  lookMs = LOOK_MS,
): void {
  if (signal.aborted) return;
  // A file that is not there is told once as such at the start; that is no change.
  const look = (now: Stats, before: Stats) => {
    if (now.mtimeMs !== before.mtimeMs || now.size !== before.size || now.ino !== before.ino)
      onChange();
  };
  for (const file of files) watchFile(file, { interval: lookMs, persistent: false }, look);
  signal.addEventListener(
    'abort',
    () => {
      for (const file of files) unwatchFile(file, look);
    },
    { once: true },
  );
}
