import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const POLL_MS = 250;

/** Bytes of all files below a folder; 0 when it is not there. Files that vanish meanwhile count 0. */
export async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  let bytes = 0;
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const found = await stat(join(entry.parentPath, entry.name)).catch(() => undefined);
    bytes += found?.size ?? 0;
  }
  return bytes;
}

/**
 * Runs `work` and tells the growth of `folder` while it runs: package clients report progress only
 * to terminals, but their temporary files grow where they were told to put them.
 */
export async function whileWatching<T>(
  folder: string,
  onBytes: (bytes: number) => void,
  work: () => Promise<T>,
): Promise<T> {
  let isRunning = true;
  const poll = async () => {
    if (!isRunning) return;
    const bytes = await folderBytes(folder);
    if (isRunning) {
      onBytes(bytes);
      timer = setTimeout(poll, POLL_MS);
    }
  };
  let timer = setTimeout(poll, POLL_MS);
  try {
    return await work();
  } finally {
    isRunning = false;
    clearTimeout(timer);
  }
}
