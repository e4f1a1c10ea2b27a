import type { DocumentRow } from '../core/stores.ts';

/** Milliseconds; the wait before the second attempt, then four times as long each time. */
const FIRST_WAIT = 60_000;
const WAIT_GROWTH = 4;
/** Attempts at one state of a document: within a day. The nightly run and `cadre index` try once more. */
const MOST_ATTEMPTS = 6;

/** When a document whose reading failed so often is tried again by itself; undefined = no more. */
export function nextAttempt(attempts: number, now: number): number | undefined {
  if (attempts >= MOST_ATTEMPTS) return undefined;
  return now + FIRST_WAIT * WAIT_GROWTH ** (attempts - 1);
}

export function isDue({ problem, retryAt }: DocumentRow, now: number): boolean {
  return problem !== undefined && retryAt !== undefined && retryAt <= now;
}
