import type { Receipt } from '../core/receipt.ts';
import type { Store } from '../core/stores.ts';
import type { ShownList } from '../ground/weight-shown.ts';
import { gradeOf, outcomesOf } from '../record/outcomes.ts';

const PAGE = 200;
const MOST_RECEIPTS = 20_000;
const MOST_LISTS = 2000;
/** What a verified answer counts of which nobody said anything, beside one that somebody liked. */
const UNSAID = 0.25;
const LIKED = 0.5;

type ReceiptsAndFeedback = Pick<Store, 'doListReceipts' | 'doGetFeedback'>;

/**
 * What verified answers cite of what they were given, by receipts. They were given it in the order of
 * paths, so its rank is not what made them cite it; answers that somebody disliked say nothing, and
 * those that were read on for have passages of other questions.
 */
export async function citedLists(
  store: ReceiptsAndFeedback,
  collection: string,
): Promise<ShownList[]> {
  const lists: ShownList[] = [];
  let page: { readonly before?: number; readonly beforeId?: string } = {};
  for (let seen = 0; seen < MOST_RECEIPTS && lists.length < MOST_LISTS; seen += PAGE) {
    const receipts = await store.doListReceipts({ limit: PAGE, ...page });
    for (const receipt of receipts) {
      const list = await listOf(store, receipt, collection);
      if (list !== undefined) lists.push(list);
    }
    const last = receipts.at(-1);
    if (last === undefined || receipts.length < PAGE) break;
    page = { before: last.at, beforeId: last.id };
  }
  return lists;
}

async function listOf(
  store: ReceiptsAndFeedback,
  receipt: Receipt,
  collection: string,
): Promise<ShownList | undefined> {
  const { sources, outcome, confidence, reading, cache, shadow } = receipt;
  if (outcome !== 'answered' || confidence === undefined || reading || cache || shadow) return;
  const own = sources.flatMap((one) => {
    const { deviations } = one;
    return one.collection === collection && deviations ? [{ ...one, ...deviations }] : [];
  });
  const taken = new Set(own.flatMap((one) => (one.cited ? [one.documentId] : [])));
  if (taken.size === 0 || own.every((one) => taken.has(one.documentId))) return;
  const feedback = await store.doGetFeedback(receipt.id);
  const spoke = receipt.attempts.findLast((one) => one.outcome === 'released')?.spoke ?? '';
  const grade = gradeOf(outcomesOf(receipt, feedback), spoke);
  const isSaid = feedback.length > 0;
  if ((grade?.score ?? 0) < LIKED) return;
  const passages = new Map(
    own.map(({ documentId, words, meaning, score }) => [
      `${documentId} ${words} ${meaning}`,
      { words, meaning, document: documentId, score },
    ]),
  );
  return {
    passages: [...passages.values()]
      .sort((left, right) => right.score - left.score)
      .map(({ score: _score, ...one }) => one),
    taken: [...taken],
    bias: 'none',
    trust: isSaid ? 1 : UNSAID,
  };
}
