import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contentHash } from './content-hash.ts';

/** A Unix socket's path may have 107 bytes; a long home gets one in the temporary folder. */
export function socketPath(home: string): string {
  const path = join(home, 'farm.sock');
  if (Buffer.byteLength(path) <= 100) return path;
  return join(tmpdir(), `cadre-${contentHash(home).slice(0, 16)}.sock`);
}
