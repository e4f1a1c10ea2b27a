import type { Farm } from '../core/farm.ts';
import type { Clock } from '../core/ports.ts';
import type { FeedbackStore } from '../core/stores.ts';
import { outcomesOf } from '../record/outcomes.ts';

/** What callers say of answers, and all that is known of how good these were. */
export function composeFeedback(
  store: FeedbackStore,
  clock: Clock,
): Pick<Farm, 'giveFeedback' | 'outcomes'> {
  return {
    async giveFeedback(receipt, caller, said) {
      for (const { source, score, text } of said)
        await store.doPutFeedback({
          receipt: receipt.id,
          source,
          key: caller.key,
          score,
          at: clock.now(),
          ...(text === undefined || !caller.keepsText ? {} : { text }),
        });
    },
    async outcomes(receipt) {
      return outcomesOf(receipt, await store.doGetFeedback(receipt.id));
    },
  };
}
