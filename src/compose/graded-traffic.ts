import type { GradedAnswer, GradedPage, Outcome } from '../core/outcome.ts';
import type { Receipt } from '../core/receipt.ts';
import type { FeedbackStore, ReceiptStore } from '../core/stores.ts';
import { bothEndsOf } from '../gate/excerpt.ts';
import { gradeOf, outcomesOf } from '../record/outcomes.ts';

/** Receipts that one page looks through. */
const PAGE = 200;

/** Receipts below one that are looked through: its shadow run, and those that gave way before it. */
const CHILDREN_MOST = 20;
/** What a comparison with another spoke counts beside what a person said; judgement, not measured. */
const SHADOW_WEIGHT = 0.5;

type TrafficStore = Pick<ReceiptStore, 'doListReceipts' | 'doGetText'> &
  Pick<FeedbackStore, 'doGetFeedback'>;

/**
 * Requests whose text was kept, with the grades of their answers by people, by escalations and by
 * shadow runs, newest first. What the checks made of an answer is no grade here: it holds the gate's
 * own estimate, and a gate that learned from that would learn from itself.
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
    const row = await gradedRow(store, receipt, text.prompt);
    if (row !== undefined) rows.push(row);
  }
  const last = receipts.at(-1);
  const isMore = receipts.length === PAGE && last !== undefined;
  return {
    rows,
    keptCount,
    ...(isMore ? { next: { before: last.at, beforeId: last.id } } : {}),
  };
}

/** Receipts of a request's shadow runs, oldest first; only requests to `auto` have some. */
export async function shadowsOf(
  store: Pick<ReceiptStore, 'doListReceipts'>,
  { id, depth, requestedModel }: Receipt,
): Promise<readonly Receipt[]> {
  if (depth > 0 || !requestedModel.startsWith('auto')) return [];
  // By the parent alone: whose key it is says less, and a database may look there first.
  const children = await store.doListReceipts({ limit: CHILDREN_MOST, parent: id });
  return children.filter((one) => one.shadow !== undefined).toReversed();
}

async function gradedRow(
  store: TrafficStore,
  receipt: Receipt,
  prompt: string,
): Promise<GradedAnswer | undefined> {
  const [feedback, shadows] = await Promise.all([
    store.doGetFeedback(receipt.id),
    shadowsOf(store, receipt),
  ]);
  const outcomes = outcomesOf(receipt, feedback, shadows).filter(
    (one) => one.source !== 'verification',
  );
  const spokes = new Set(outcomes.map((one) => one.spoke));
  const grades = [...spokes].flatMap((spoke) => gradeOf(outcomes, spoke) ?? []);
  return grades.length === 0 ? undefined : rowOf(receipt, shadows, prompt, grades);
}

/** What was seen of the answers that somebody graded who had not only their checks to go by. */
function signsOf({ assessments = [] }: Receipt, grades: readonly Outcome[]) {
  const known = assessments.flatMap(({ spoke, signs }) =>
    grades.some((one) => one.spoke === spoke && one.source !== 'escalation')
      ? [[spoke, signs] as const]
      : [],
  );
  return known.length === 0 ? {} : { signs: Object.fromEntries(known) };
}

function rowOf(
  receipt: Receipt,
  shadows: readonly Receipt[],
  prompt: string,
  grades: readonly Outcome[],
): GradedAnswer {
  const byShadow = grades.filter((one) => one.source === 'shadow').length / grades.length;
  const task = receipt.route?.tasks[0]?.task;
  // A spoke that its list of tasks kept out is a candidate in its shadow run alone.
  const candidates = [...shadows, receipt].flatMap(({ route }) => route?.candidates ?? []);
  return {
    prompt: bothEndsOf(prompt),
    ...(task === undefined ? {} : { task }),
    scores: Object.fromEntries(grades.map(({ spoke, score }) => [spoke, score])),
    sources: Object.fromEntries(grades.map(({ spoke, source }) => [spoke, source])),
    ...(byShadow === 0 ? {} : { weight: 1 - (1 - SHADOW_WEIGHT) * byShadow }),
    costs: Object.fromEntries(candidates.map(({ spoke, cost }) => [spoke, cost])),
    seconds: Object.fromEntries(
      candidates.map(({ spoke, latencyMs }) => [spoke, latencyMs / 1000]),
    ),
    ...signsOf(receipt, grades),
  };
}
