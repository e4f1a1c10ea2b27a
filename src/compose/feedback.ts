import type { Farm } from '../core/farm.ts';
import type { FeedbackRow } from '../core/outcome.ts';
import type { Clock } from '../core/ports.ts';
import type { Receipt } from '../core/receipt.ts';
import type { FeedbackStore, KeyStore, ReceiptStore } from '../core/stores.ts';
import { answererOf, outcomesOf } from '../record/outcomes.ts';
import { FeedbackShare } from './feedback-share.ts';
import { shadowsOf } from './graded-traffic.ts';

/** What callers say of answers, and all that is known of how good these were. */
export function composeFeedback(parts: {
  readonly store: FeedbackStore &
    Pick<ReceiptStore, 'doListReceipts'> &
    Pick<KeyStore, 'doListKeys'>;
  readonly clock: Clock;
  /** Who learns from what is said. */
  readonly learners: readonly {
    readonly learnSaid: (
      receipt: Receipt,
      feedback: readonly FeedbackRow[],
    ) => void | Promise<void>;
  }[];
}): Pick<Farm, 'giveFeedback' | 'outcomes' | 'shadowsOf'> {
  const { store, clock, learners } = parts;
  const share = new FeedbackShare(store);
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
      const spoke = answererOf(receipt);
      if (before.length > 0 || spoke === undefined || !(await share.doTake(spoke, caller))) return;
      const feedback = await store.doGetFeedback(receipt.id);
      for (const learner of learners) await learner.learnSaid(receipt, feedback);
    },
    async outcomes(receipt) {
      return outcomesOf(receipt, await store.doGetFeedback(receipt.id));
    },
    shadowsOf: (receipt) => shadowsOf(store, receipt),
  };
}
