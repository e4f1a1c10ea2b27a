import { setImmediate as nextTurn } from 'node:timers/promises';
import { CadreError } from '../core/errors.ts';
import type { GivenLabel, LabelVote, TrafficText, TrafficWish } from '../core/labelling.ts';
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
  /** What people said in the queue, by receipt. */
  readonly given: ReadonlyMap<string, GivenLabel>;
  /** What a candidate said otherwise than what was shown, by receipt. */
  readonly differing?: ReadonlyMap<string, string>;
  /** Texts that are enough, the newest. */
  readonly textsMost?: number;
}

const PAGE = 200;
/** Texts that are read in one go: some milliseconds. */
const TURN = 20;
/** Receipts that are looked through, and texts that are taken, the newest. */
const RECEIPTS_MOST = 200_000;
const TEXTS_MOST = 20_000;
/** Fewer labelled texts teach nothing that could be measured. */
const TEXTS_LEAST = 20;
const LABEL_LENGTH = 64;
const LABEL_WORDS = 6;
const NO_LABEL = 'none of these';

/** Requests of a capability whose text was kept, newest first, and how many others there are. */
interface Found {
  readonly texts: readonly TrafficText[];
  readonly matching: number;
  readonly kept: number;
  /** What was asked for in all the traffic. */
  readonly others: ReadonlySet<string>;
}

/**
 * Requests of a capability whose text was kept, with what is said of their labels, as JSON lines.
 * Rejects with `invalid_request` that says how much there is and what is missing.
 */
export async function readTraffic(store: TrafficStore, reading: Reading) {
  const found = await findTexts(store, reading);
  requireEnough(reading, found);
  const lines = found.texts.map((one) => JSON.stringify(one)).join('\n');
  return { name: trafficName(reading.capability), bytes: new TextEncoder().encode(lines) };
}

/** What the manifest of a specialist calls the data that it was taught with. */
export function trafficName(capability: string): string {
  return `traffic of ${capability}`;
}

/** Rejects with `invalid_request` where nothing was asked of the capability. */
export async function findTexts(store: TrafficStore, reading: Reading): Promise<Found> {
  const texts: TrafficText[] = [];
  const { textsMost = TEXTS_MOST } = reading;
  let [seen, matching, kept] = [0, 0, 0];
  const others = new Set<string>();
  let next: { before: number; beforeId?: string } | undefined = { before: reading.until + 1 };
  while (next !== undefined && seen < RECEIPTS_MOST && texts.length < textsMost) {
    reading.signal.throwIfAborted();
    const receipts: readonly Receipt[] = await store.doListReceipts({ limit: PAGE, ...next });
    seen += receipts.length;
    for (const receipt of receipts) {
      if (!isAsked(receipt)) continue;
      const names = namesOf(receipt);
      for (const name of names) others.add(name);
      if (!names.includes(reading.capability)) continue;
      matching += 1;
      const text = await store.doGetText(receipt.id);
      if (text === undefined || text.prompt.trim() === '') continue;
      kept += 1;
      // A store in this process answers at once: requests get their turn here.
      if (kept % TURN === 0) await nextTurn();
      texts.push(withGiven(await textOf(store, receipt, text, reading), reading));
    }
    const last = receipts.at(-1);
    next = receipts.length === PAGE && last ? { before: last.at, beforeId: last.id } : undefined;
  }
  if (matching > 0) return { texts, matching, kept, others };
  const there = [...others].slice(0, 20).join(', ') || 'no answered request at all';
  throw refusal(
    `no request was made to “${reading.capability}”, nor of such a task; there is ${there}`,
  );
}

/** Whether a receipt is of a request that a client made, and got an answer to. */
function isAsked({ depth, operation, outcome }: Receipt): boolean {
  return depth === 0 && operation === undefined && outcome === 'answered';
}

/** Whether a receipt is of a request to the capability. */
export function isOf(receipt: Receipt, capability: string): boolean {
  return isAsked(receipt) && namesOf(receipt).includes(capability);
}

/** What a person said in the queue counts as what he said by feedback. */
function withGiven(text: TrafficText, { labels, given }: Reading): TrafficText {
  const one = given.get(text.id);
  const label = one && (labels === null || labels.includes(one.label)) ? one.label : undefined;
  if (one === undefined || label === undefined) return text;
  return { ...text, votes: [...text.votes, { label, source: 'human', at: one.at }] };
}

function refusal(words: string): CadreError {
  return new CadreError('invalid_request', words, { param: 'capability' });
}

function namesOf({ requestedModel, route }: Receipt): string[] {
  const task = route?.tasks[0]?.task;
  return task === undefined ? [requestedModel] : [requestedModel, task];
}

function requireEnough({ capability }: Reading, found: Found): void {
  const labelled = found.texts.filter((one) => one.votes.length > 0);
  const labels = new Set(labelled.flatMap((one) => one.votes.map((vote) => vote.label)));
  const have = `traffic of “${capability}”: ${found.matching} requests, ${found.kept} with kept text, ${labelled.length} of these with a label`;
  if (labelled.length < TEXTS_LEAST)
    throw refusal(
      `${have}; ${TEXTS_LEAST - labelled.length} more are needed: keys that keep text, answers that are labels, corrections by /v1/feedback, labels by \`cadre label\``,
    );
  if (labels.size < 2)
    throw refusal(`${have}, all “${[...labels].join()}”; at least two labels are needed`);
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
  const differs = reading.differing?.get(id);
  return { id, at, text: text.prompt, votes: voted, denied, ...(differs && { differs }) };
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
export function labelIn(answer: string, labels: TrafficWish['labels']): string | undefined {
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

/** Whether an answer is the label, 1 or 0; undefined where it is no label at all. */
export function labelScore(answer: string, label: string): 0 | 1 | undefined {
  if (labelIn(answer, [label]) !== undefined) return 1;
  return answer.includes(NO_LABEL) || labelIn(answer, null) !== undefined ? 0 : undefined;
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
