import { unwatchFile, watchFile } from 'node:fs';

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
  for (const file of files) watchFile(file, { interval: lookMs, persistent: false }, onChange);
  signal.addEventListener(
    'abort',
    () => {
      for (const file of files) unwatchFile(file, onChange);
    },
    { once: true },
  );
}
