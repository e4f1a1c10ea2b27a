import { randomFillSync } from 'node:crypto';

/** In the order of their codes, so that ids sort as the numbers do that they write. */
const ALPHABET = '234567abcdefghijklmnopqrstuvwxyz';
const LENGTH = 24;
/** Characters that write the time in milliseconds: 2^45 of them last until the year 3084. */
const TIME_LENGTH = 9;
const pool = new Uint8Array(4096);
let used = pool.length;
let lastTime = -1;
let timePrefix = '';

/**
 * `req_` + 24 characters: the millisecond and 75 random bits. The time comes first so that rows of
 * one moment are neighbours in every index of the store.
 */
export function newRequestId(): string {
  const now = Date.now();
  if (now !== lastTime) {
    lastTime = now;
    timePrefix = `req_${timeText(now)}`;
  }
  return appendRandom(timePrefix, LENGTH - TIME_LENGTH);
}

/** A prefix + 24 random characters (120 bits); bytes are drawn for 170 ids at a time. */
export function newObjectId(prefix: string): string {
  return appendRandom(prefix, LENGTH);
}

/** True of what `newObjectId` with this prefix may have made: nothing else is worth a look-up. */
export function isObjectId(prefix: string, id: string): boolean {
  return id.length === prefix.length + LENGTH && id.startsWith(prefix) && /^[\w-]+$/.test(id);
}

/** True of what may be any id of the farm's; a store may choke on what else stands in a path. */
export function isId(id: string): boolean {
  return /^[\w-]{1,64}$/.test(id);
}

function appendRandom(prefix: string, count: number): string {
  if (used + count > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  let id = prefix;
  for (const end = used + count; used < end; used += 1) id += ALPHABET[(pool[used] ?? 0) & 31];
  return id;
}

function timeText(time: number): string {
  let text = '';
  for (let rest = time; text.length < TIME_LENGTH; rest = Math.floor(rest / 32))
    text = `${ALPHABET[rest % 32]}${text}`;
  return text;
}
