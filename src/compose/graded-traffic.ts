import type { GradedAnswer, GradedPage } from '../core/outcome.ts';
import type { Receipt } from '../core/receipt.ts';
import type { FeedbackStore, ReceiptStore } from '../core/stores.ts';
import { bothEndsOf } from '../gate/excerpt.ts';
import { gradeOf, outcomesOf } from '../record/outcomes.ts';

/** Receipts that one page looks through. */
const PAGE = 200;

type TrafficStore = Pick<ReceiptStore, 'doListReceipts' | 'doGetText'> &
  Pick<FeedbackStore, 'doGetFeedback'>;

/**
 * Requests whose text was kept, with the grades of their answers by people and by escalations, newest
 * first. What the checks made of an answer is no grade here: it holds the gate's own estimate, and a
 * gate that learned from that would learn from itself.
 */
export async function readGradedPage(
  store: TrafficStore,
  after?: GradedPage['next'],
): Promise<GradedPage> {
  const receipts = await store.doListReceipts({ limit: PAGE, ...after });
  const rows: GradedAnswer[] = [];
  let keptCount = 0;
  for (const receipt of receipts) {
    if (receipt.depth > 0 || receipt.operation !== undefined) continue;
    const text = await store.doGetText(receipt.id);
    if (text === undefined || text.prompt === '') continue;
    keptCount += 1;
    const scores = await scoresOf(store, receipt);
    if (Object.keys(scores).length > 0) rows.push(rowOf(receipt, text.prompt, scores));
  }
  const last = receipts.at(-1);
  const isMore = receipts.length === PAGE && last !== undefined;
  return {
    rows,
    keptCount,
    ...(isMore ? { next: { before: last.at, beforeId: last.id } } : {}),
  };
}

async function scoresOf(
  store: TrafficStore,
  receipt: Receipt,
): Promise<Readonly<Record<string, number>>> {
  const all = outcomesOf(receipt, await store.doGetFeedback(receipt.id));
  const outcomes = all.filter((one) => one.source !== 'verification');
  const spokes = new Set(outcomes.map((one) => one.spoke));
  const grades = [...spokes].flatMap((spoke) => gradeOf(outcomes, spoke) ?? []);
  return Object.fromEntries(grades.map(({ spoke, score }) => [spoke, score]));
}

function rowOf({ route }: Receipt, prompt: string, scores: GradedAnswer['scores']): GradedAnswer {
  const task = route?.tasks[0]?.task;
  const costs = (route?.candidates ?? []).map(({ spoke, cost }) => [spoke, cost] as const);
  return {
    prompt: bothEndsOf(prompt),
    ...(task === undefined ? {} : { task }),
    scores,
    costs: Object.fromEntries(costs),
  };
}
