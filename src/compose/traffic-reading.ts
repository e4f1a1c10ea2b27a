import { CadreError } from '../core/errors.ts';
import type { LabelVote, TrafficText, TrafficWish } from '../core/labelling.ts';
import type { FeedbackRow } from '../core/outcome.ts';
import type { Receipt } from '../core/receipt.ts';
import type { FeedbackStore, KeptText, ReceiptStore } from '../core/stores.ts';
import { answererOf } from '../record/outcomes.ts';
import { shadowsOf } from './graded-traffic.ts';

export type TrafficStore = Pick<ReceiptStore, 'doListReceipts' | 'doGetText'> &
  Pick<FeedbackStore, 'doGetFeedback'>;

interface Reading extends TrafficWish {
  /** Of the specialist: what it answered itself teaches nothing. */
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
  readonly signal: AbortSignal;
}

const PAGE = 200;
/** Receipts that are looked through, and texts that are taken, the newest. */
const RECEIPTS_MOST = 200_000;
const TEXTS_MOST = 20_000;
/** Fewer labelled texts teach nothing that could be measured. */
const TEXTS_LEAST = 20;
const LABEL_LENGTH = 64;
const LABEL_WORDS = 6;
const NO_LABEL = 'none of these';

/**
 * Requests of a capability whose text was kept, with what is said of their labels, as JSON lines.
 * Rejects with `invalid_request` that says how much there is and what is missing.
 */
export async function readTraffic(store: TrafficStore, reading: Reading) {
  const texts: TrafficText[] = [];
  let [seen, matching, kept] = [0, 0, 0];
  const others = new Set<string>();
  let next: { before: number; beforeId?: string } | undefined = { before: reading.until + 1 };
  while (next !== undefined && seen < RECEIPTS_MOST && texts.length < TEXTS_MOST) {
    reading.signal.throwIfAborted();
    const receipts: readonly Receipt[] = await store.doListReceipts({ limit: PAGE, ...next });
    seen += receipts.length;
    for (const receipt of receipts) {
      if (receipt.depth > 0 || receipt.operation !== undefined || receipt.outcome !== 'answered')
        continue;
      const names = namesOf(receipt);
      for (const name of names) others.add(name);
      if (!names.includes(reading.capability)) continue;
      matching += 1;
      const text = await store.doGetText(receipt.id);
      if (text === undefined || text.prompt.trim() === '') continue;
      kept += 1;
      texts.push(await textOf(store, receipt, text, reading));
    }
    const last = receipts.at(-1);
    next = receipts.length === PAGE && last ? { before: last.at, beforeId: last.id } : undefined;
  }
  requireEnough(reading, { matching, kept, texts, others });
  const lines = texts.map((one) => JSON.stringify(one)).join('\n');
  return { name: `traffic of ${reading.capability}`, bytes: new TextEncoder().encode(lines) };
}

function namesOf({ requestedModel, route }: Receipt): string[] {
  const task = route?.tasks[0]?.task;
  return task === undefined ? [requestedModel] : [requestedModel, task];
}

function requireEnough(
  { capability }: Reading,
  found: {
    readonly matching: number;
    readonly kept: number;
    readonly texts: readonly TrafficText[];
    readonly others: ReadonlySet<string>;
  },
): void {
  const refuse = (words: string) =>
    new CadreError('invalid_request', words, { param: 'capability' });
  if (found.matching === 0) {
    const there = [...found.others].slice(0, 20).join(', ') || 'no answered request at all';
    throw refuse(`no request was made to “${capability}”, nor of such a task; there is ${there}`);
  }
  const labelled = found.texts.filter((one) => one.votes.length > 0);
  const labels = new Set(labelled.flatMap((one) => one.votes.map((vote) => vote.label)));
  const have = `traffic of “${capability}”: ${found.matching} requests, ${found.kept} with kept text, ${labelled.length} of these with a label`;
  if (labelled.length < TEXTS_LEAST)
    throw refuse(
      `${have}; ${TEXTS_LEAST - labelled.length} more are needed: keys that keep text, answers that are labels, corrections by /v1/feedback`,
    );
  if (labels.size < 2)
    throw refuse(`${have}, all “${[...labels].join()}”; at least two labels are needed`);
}

async function textOf(
  store: TrafficStore,
  receipt: Receipt,
  text: KeptText,
  reading: Reading,
): Promise<TrafficText> {
  const { id, at } = receipt;
  const own = labelIn(text.answer, reading.labels);
  const feedback = await store.doGetFeedback(id);
  const { votes, denied } = saidBy(feedback, own, reading.labels);
  const voted = [...votes];
  const answered = machineVote(receipt, text, own, reading);
  if (answered !== undefined) voted.push({ ...answered, at });
  for (const shadow of await shadowsOf(store, receipt)) {
    const other = await store.doGetText(shadow.id);
    const label = other && labelIn(other.answer, reading.labels);
    if (label !== undefined) voted.push({ label, source: 'judge', at: shadow.at });
  }
  return { id, at, text: text.prompt, votes: voted, denied };
}

/** What people said: a correction names the label, a good grade confirms the answer, a bad one denies it. */
function saidBy(
  feedback: readonly FeedbackRow[],
  own: string | undefined,
  labels: TrafficWish['labels'],
): { readonly votes: readonly LabelVote[]; readonly denied: readonly string[] } {
  const votes: LabelVote[] = [];
  const denied: string[] = [];
  for (const { source, score, text, at } of feedback) {
    const corrected = source === 'correction' ? labelIn(text ?? '', labels) : undefined;
    if (corrected !== undefined) votes.push({ label: corrected, source: 'human', at });
    if (own === undefined || own === corrected) continue;
    if (score < 0.5) denied.push(own);
    else votes.push({ label: own, source: 'human', at });
  }
  return { votes, denied };
}

function machineVote(
  receipt: Receipt,
  { events }: KeptText,
  own: string | undefined,
  { name, labels }: Reading,
): Pick<LabelVote, 'label' | 'source'> | undefined {
  const spoke = answererOf(receipt);
  if (spoke === undefined || spoke === name || spoke.startsWith(`${name}@`)) return undefined;
  const calls = events.flatMap((event) =>
    event.type === 'tool-call-delta' ? (event.name ?? []) : [],
  );
  const isChecked = receipt.checks.some((one) => one.check === 'tool-call' && one.passed);
  const tool = calls.length === 1 && isChecked ? labelIn(calls[0] ?? '', labels) : undefined;
  if (tool !== undefined) return { label: tool, source: 'tool' };
  if (own === undefined) return undefined;
  if (receipt.attempts.some((one) => one.outcome === 'escalated'))
    return { label: own, source: 'escalation' };
  if (receipt.confidence === undefined) return { label: own, source: 'answer' };
  return receipt.confidence < 0.5 ? undefined : { label: own, source: 'judge' };
}

/** The label that an answer is: a short line, or the first text of its JSON; of given labels one of them. */
function labelIn(answer: string, labels: TrafficWish['labels']): string | undefined {
  const plain = fromJson(answer.trim())
    .trim()
    .replace(/^["'“”*`]+|["'“”*`.]+$/g, '');
  if (labels !== null) return labels.find((one) => one.toLowerCase() === plain.toLowerCase());
  const isLabel =
    plain !== '' &&
    plain !== NO_LABEL &&
    plain.length <= LABEL_LENGTH &&
    !plain.includes('\n') &&
    plain.split(/\s+/).length <= LABEL_WORDS;
  return isLabel ? plain : undefined;
}

function fromJson(text: string): string {
  if (!text.startsWith('{')) return text;
  try {
    const values = Object.values(JSON.parse(text) as object);
    return values.find((one): one is string => typeof one === 'string') ?? '';
  } catch {
    return text;
  }
}
