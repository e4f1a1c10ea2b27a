import { setTimeout as sleep } from 'node:timers/promises';
import { toCadreError } from '../core/errors.ts';

/** Longest wait for a farm that has taken the home and does not answer yet; starts take 1 to 10 s. */
const STARTING_MS = 20_000;
const STEP_MS = 100;

/**
 * Tries again while another process holds the home and cannot be asked: it is starting, or about to end.
 * Rejects as the last attempt.
 */
export async function inHomeTurn<T>(attempt: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let waited = 0; ; waited += STEP_MS) {
    try {
      return await attempt();
    } catch (error) {
      if (toCadreError(error).code !== 'home_locked' || waited >= STARTING_MS) throw error;
    }
    await sleep(STEP_MS, undefined, { signal });
  }
}
