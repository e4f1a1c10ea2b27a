import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { type BatchQueue, createBatchQueue } from '../batch/queue.ts';
import { LOOPBACK } from '../core/call.ts';
import type { Clock, Random } from '../core/ports.ts';
import type { Store } from '../core/stores.ts';
import { callerOf } from '../policy/keys.ts';
import type { Settings } from './settings.ts';

/** The queue of batches over the farm's store. */
export function composeBatches(parts: {
  readonly settings: Settings;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: (line: string) => void;
}): BatchQueue {
  const { settings, store, clock, random, log } = parts;
  const { batches, limits, store: place } = settings.config;
  return createBatchQueue({
    objects: store,
    async callerOf(key) {
      if (key === LOOPBACK.key) return LOOPBACK;
      const row = (await store.doListKeys()).find((one) => one.id === key);
      return row === undefined || row.revokedAt !== undefined ? undefined : callerOf(row);
    },
    clock,
    sleep: (ms, signal) => sleep(ms, undefined, { signal, ref: false }).catch(() => undefined),
    nextTurn: () => nextTurn(),
    holder: random.id(16),
    // The home's lock lets one process at a time into its SQLite; Postgres has many guests.
    isAlone: place.postgresEnv === undefined,
    concurrent: batches.concurrent,
    quietMs: batches.quietSeconds * 1000,
    requestMs: limits.requestSeconds * 1000,
    lineBytes: limits.bodyBytes,
    log,
  });
}
