import { CadreError } from '../core/errors.ts';
import type { LeftOut } from '../core/specialist.ts';
import { lineOf, rowKey } from './curated-rows.ts';
import { ownTexts } from './instructions.ts';
import {
  contentText,
  linesOf,
  listOf,
  type Numbered,
  pairOf,
  readLabelledRows,
} from './labelled-rows.ts';
import { nearTexts } from './near-rows.ts';
import type { TaughtMessage, TaughtRow } from './taught-row.ts';

/** Fewer teach nothing that the prompt could not say. */
const ROWS_LEAST = 20;
const ROWS_MOST = 50_000;
/** Characters; a longer row is a document. */
const ROW_MOST = 16_000;
const SAMPLES = 5;

/**
 * Rows of JSON lines, one JSON list or a table: chats in `messages` (the last message is the answer),
 * `prompt` and `completion`, or a text and a label. What repeats, contradicts or says nothing is left
 * out and told. Throws `invalid_request` for what cannot be learnt from.
 */
export function readAdapterRows(
  name: string,
  text: string,
): { readonly rows: readonly TaughtRow[]; readonly leftOut: readonly LeftOut[] } {
  const { rows, broken } = rawRows(name, text);
  const leftOut: LeftOut[] = [...broken].map(([reason, lines]) => ({
    reason,
    count: lines.length,
    samples: lines.slice(0, SAMPLES).map((line) => `row ${line}`),
  }));
  const agreed = agreeing(rows, leftOut);
  const kept = agreed.slice(0, ROWS_MOST);
  leftOut.push({
    reason: `beyond ${ROWS_MOST} rows`,
    count: agreed.length - kept.length,
    samples: [],
  });
  if (kept.length < ROWS_LEAST)
    throw new CadreError(
      'invalid_request',
      `${name} has ${kept.length} rows that can be learnt; an adapter takes ${ROWS_LEAST} at least. Write them as {"messages": […]} or {"prompt": …, "completion": …}`,
      { param: 'data' },
    );
  return { rows: kept, leftOut: leftOut.filter((one) => one.count > 0) };
}

/** What is asked, for keys. */
export function askedText({ messages }: TaughtRow): string {
  return messages.map((message) => message.content).join('\n');
}

/**
 * Keeps a fifth of the rows apart, 1,000 at most, by a hash of their words; near-duplicates stay on one
 * side. `hash` gives 32 even bits of a text.
 */
export function splitAdapterRows(
  rows: readonly TaughtRow[],
  hash: (text: string) => number,
): { readonly taught: readonly TaughtRow[]; readonly kept: readonly TaughtRow[] } {
  // With the words of the instruction in them all rows would be alike.
  const own = ownTexts(rows);
  const { leaders } = nearTexts(own.map((text) => ({ text, label: '' }))).near;
  const limit = 2 ** 32 * Math.min(KEPT_SHARE, KEPT_MOST / rows.length);
  const isKept = rows.map((_, at) => hash(rowKey(own[leaders[at] ?? at] ?? '')) < limit);
  return {
    taught: rows.filter((_, at) => !isKept[at]),
    kept: rows.filter((_, at) => isKept[at]),
  };
}

const KEPT_SHARE = 0.2;
const KEPT_MOST = 1000;

interface RawRows {
  readonly rows: TaughtRow[];
  readonly broken: Map<string, number[]>;
}

function rawRows(name: string, text: string): RawRows {
  const start = text.trimStart();
  if (!start.startsWith('{') && !start.startsWith('[')) return fromTable(name, text);
  const values = start.startsWith('{') ? linesOf(name, text) : listOf(name, start);
  const raw: RawRows = { rows: [], broken: new Map() };
  for (const value of values) {
    const row = rowOf(value);
    if (typeof row === 'string') raw.broken.set(row, [...(raw.broken.get(row) ?? []), value.line]);
    else raw.rows.push(row);
  }
  return raw;
}

function fromTable(name: string, text: string): RawRows {
  const { rows, broken } = readLabelledRows(name, text);
  return {
    rows: rows.map((row) => ({
      messages: [{ role: 'user', content: row.text }],
      answer: row.label,
    })),
    broken: new Map([...broken].map(([reason, lines]) => [reason, [...lines]])),
  };
}

/** The row, or why it is none. */
function rowOf({ value }: Numbered): TaughtRow | string {
  if (value === undefined) return 'not JSON';
  const object = Object(value) as Record<string, unknown>;
  const { prompt, completion } = object;
  if (Array.isArray(object['messages']))
    return fromMessages(object['messages'].slice(0, -1), [object['messages'].at(-1)]);
  if (prompt !== undefined && completion !== undefined)
    return fromMessages(
      Array.isArray(prompt) ? prompt : [{ role: 'user', content: prompt }],
      Array.isArray(completion) ? completion : [{ role: 'assistant', content: completion }],
    );
  const { text, label } = pairOf(object);
  return fromMessages([{ role: 'user', content: text }], [{ role: 'assistant', content: label }]);
}

function fromMessages(asked: readonly unknown[], answered: readonly unknown[]): TaughtRow | string {
  const messages = asked.map(messageOf);
  const [answer, ...more] = answered.map(messageOf);
  const whole = messages.filter((one) => one !== undefined);
  if (whole.length < messages.length || !whole.some((one) => one.role === 'user'))
    return 'no question in words';
  if (answer?.role !== 'assistant' || more.length > 0)
    return 'no answer of the assistant at its end';
  const length = whole.reduce((sum, one) => sum + one.content.length, answer.content.length);
  if (length > ROW_MOST) return `longer than ${ROW_MOST} characters`;
  return { messages: whole, answer: answer.content };
}

const ROLES: Readonly<Record<string, TaughtMessage['role']>> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  assistant: 'assistant',
};

/** Undefined for what has no words, or a role that templates of small models do not know. */
function messageOf(value: unknown): TaughtMessage | undefined {
  const { role, content } = Object(value) as { role?: unknown; content?: unknown };
  const known = typeof role === 'string' ? ROLES[role] : undefined;
  const text = contentText(content) ?? writtenOut(content);
  if (known === undefined || text === undefined || text.trim() === '') return undefined;
  return { role: known, content: text.trim() };
}

/** An answer may be given as the JSON that it is. */
function writtenOut(content: unknown): string | undefined {
  const isJson =
    (typeof content === 'object' && content !== null && !Array.isArray(content)) ||
    typeof content === 'number' ||
    typeof content === 'boolean';
  return isJson ? JSON.stringify(content) : undefined;
}

function agreeing(rows: readonly TaughtRow[], leftOut: LeftOut[]): TaughtRow[] {
  const answers = new Map<string, Set<string>>();
  for (const row of rows) {
    const key = rowKey(askedText(row));
    answers.set(key, (answers.get(key) ?? new Set()).add(row.answer));
  }
  const kept: TaughtRow[] = [];
  const seen = new Set<string>();
  const samples: string[] = [];
  let [contradicting, repeated] = [0, 0];
  for (const row of rows) {
    const key = rowKey(askedText(row));
    if ((answers.get(key)?.size ?? 0) > 1) {
      contradicting += 1;
      if (!seen.has(key) && samples.length < SAMPLES) samples.push(`“${lineOf(askedText(row))}”`);
    } else if (seen.has(key)) repeated += 1;
    else kept.push(row);
    seen.add(key);
  }
  leftOut.push(
    { reason: 'the same question with several answers', count: contradicting, samples },
    { reason: 'repeated', count: repeated, samples: [] },
  );
  return kept;
}
