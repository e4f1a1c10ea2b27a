import type { Farm } from '../core/farm.ts';
import type { Clock } from '../core/ports.ts';
import type { FeedbackStore, ReceiptStore } from '../core/stores.ts';
import { outcomesOf } from '../record/outcomes.ts';
import type { GateDrift } from './gate-drift.ts';
import { shadowsOf } from './graded-traffic.ts';

/** What callers say of answers, and all that is known of how good these were. */
export function composeFeedback(parts: {
  readonly store: FeedbackStore & Pick<ReceiptStore, 'doListReceipts'>;
  readonly clock: Clock;
  readonly drift: Pick<GateDrift, 'learnSaid'>;
}): Pick<Farm, 'giveFeedback' | 'outcomes' | 'shadowsOf'> {
  const { store, clock, drift } = parts;
  return {
    async giveFeedback(receipt, caller, said) {
      const before = await store.doGetFeedback(receipt.id);
      for (const { source, score, text } of said)
        await store.doPutFeedback({
          receipt: receipt.id,
          source,
          key: caller.key,
          score,
          at: clock.now(),
          ...(text === undefined || !caller.keepsText ? {} : { text }),
        });
      // What the first one said counts once, however often he or others change it.
      if (before.length === 0) drift.learnSaid(receipt, await store.doGetFeedback(receipt.id));
    },
    async outcomes(receipt) {
      return outcomesOf(receipt, await store.doGetFeedback(receipt.id));
    },
    shadowsOf: (receipt) => shadowsOf(store, receipt),
  };
}
