import { randomFillSync } from 'node:crypto';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const LENGTH = 24;
const pool = new Uint8Array(4096);
let used = pool.length;

/** `req_` + 24 random characters. */
export function newRequestId(): string {
  return newObjectId('req_');
}

/** A prefix + 24 random characters (120 bits); bytes are drawn for 170 ids at a time. */
export function newObjectId(prefix: string): string {
  if (used + LENGTH > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  let id = prefix;
  for (const end = used + LENGTH; used < end; used += 1) id += ALPHABET[(pool[used] ?? 0) & 31];
  return id;
}
