import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../core/config.ts';
import { toCadreError } from '../core/errors.ts';
import type { Clock } from '../core/ports.ts';
import type { Store } from '../core/stores.ts';
import type { RoomVectorStores } from '../ground/vector-stores.ts';
import { retentionCutoffs } from '../record/retention.ts';

const HOUR_MS = 3_600_000;

/** Deletes receipts, kept text and objects whose time is over, at start and every hour. */
export async function keepTidy(
  parts: {
    readonly store: Store;
    readonly clock: Clock;
    /** As configured at the moment. */
    readonly config: () => Config['record'];
    readonly vectorStores: Pick<RoomVectorStores, 'tidy'>;
    readonly log: (line: string) => void;
  },
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const now = parts.clock.now();
      await parts.store.doPurge(retentionCutoffs(now, parts.config()));
      await parts.store.doPurgeObjects(now);
      await parts.vectorStores.tidy();
    } catch (thrown) {
      if (!signal.aborted)
        parts.log(`what is old could not be deleted: ${toCadreError(thrown).message}`);
    }
    await sleep(HOUR_MS, undefined, { signal, ref: false }).catch(() => undefined);
  }
}
