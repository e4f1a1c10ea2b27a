import type { LabelledText } from '../base/ngram-classifier.ts';
import { parsedJson } from '../base/parsed-json.ts';
import { CadreError } from '../core/errors.ts';
import { readTable } from './table-rows.ts';

/** Rows of a file of labelled examples. */
export interface LabelledRows {
  readonly rows: readonly LabelledText[];
  /** Numbers of rows that say nothing, by what they lack. */
  readonly broken: ReadonlyMap<string, readonly number[]>;
}

/** Column names in the order in which they are looked for. */
const TEXT_NAMES = [
  'text',
  'utterance',
  'query',
  'sentence',
  'question',
  'message',
  'input',
  'prompt',
  'content',
  'body',
  'description',
  'title',
];
/** Names of labels before their numbers, where a set has both. */
const LABEL_NAMES = [
  'label_text',
  'label_name',
  'label',
  'intent',
  'category',
  'class',
  'topic',
  'target',
  'tag',
  'output',
  'completion',
];

/**
 * Rows of a table (comma, semicolon or tab; a header names the columns), of JSON lines or of one JSON
 * list. A line may also be a chat: its last assistant message is the label, the user's message before
 * it the text. Throws `invalid_request` that names the file and what it has instead.
 */
export function readLabelledRows(name: string, text: string, given: GivenNames = {}): LabelledRows {
  const start = text.trimStart();
  if (start === '') throw invalid(name, 'is empty');
  if (start.startsWith('[')) return fromObjects(name, listOf(name, start), given);
  if (start.startsWith('{')) return fromObjects(name, linesOf(name, text), given);
  return fromTable(name, text, given);
}

function fromTable(name: string, text: string, given: GivenNames): LabelledRows {
  const table = readTable(name, text);
  const place = placesOf(name, table.header, given);
  const rows: LabelledText[] = [];
  const broken = new Map<string, number[]>();
  for (const { line, fields, problem } of table.rows)
    if (problem === undefined)
      addRow({ rows, broken }, line, fields[place.text], fields[place.label]);
    else addBroken(broken, problem, line);
  return { rows, broken };
}

/** Names of columns or fields that a person gave, in the place of the usual ones. */
export interface GivenNames {
  readonly text?: string | undefined;
  readonly label?: string | undefined;
  /** What the column of the label may be called, the likeliest first; absent = the usual names. */
  readonly labels?: readonly string[] | undefined;
}

/** Where text and label stand in a table. Throws `invalid_request` that tells the columns there are. */
export function placesOf(
  name: string,
  found: readonly string[],
  given: GivenNames = {},
): { readonly text: number; readonly label: number } {
  const columns = found.map((one) => one.trim().toLowerCase());
  const text = placeOf(columns, namesOf(given.text, TEXT_NAMES));
  const labels = namesOf(given.label, given.labels ?? LABEL_NAMES);
  const label = placeOf(columns, labels);
  if (text >= 0 && label >= 0) return { text, label };
  const own = given.labels?.[0] ?? 'label';
  const also = given.labels?.slice(1, 5) ?? LABEL_NAMES.slice(3, 7);
  const missing = [...(text < 0 ? ['text'] : []), ...(label < 0 ? [own] : [])].join(' and ');
  const shown = found.slice(0, 20).map((one) => `“${one.trim().slice(0, 40)}”`);
  throw invalid(
    name,
    `has no column for ${missing}: it has ${shown.join(', ')}; name them \`text\` and \`${own}\` (also ${TEXT_NAMES.slice(1, 5).join(', ')} … and ${also.join(', ')} …)`,
  );
}

function namesOf(given: string | undefined, usual: readonly string[]): readonly string[] {
  return given === undefined ? usual : [given.trim().toLowerCase()];
}

function placeOf(columns: readonly string[], names: readonly string[]): number {
  for (const name of names) {
    const place = columns.indexOf(name);
    if (place >= 0) return place;
  }
  return -1;
}

export interface Numbered {
  readonly line: number;
  /** Undefined = not JSON. */
  readonly value: unknown;
  /** Why it cannot be learnt from, whatever it holds. */
  readonly problem?: string;
}

export function linesOf(name: string, text: string): Numbered[] {
  const found: Numbered[] = [];
  text.split('\n').forEach((line, at) => {
    if (line.trim() !== '') found.push({ line: at + 1, value: parsedJson(line) });
  });
  if (found.every((one) => one.value === undefined)) throw invalid(name, 'holds no line of JSON');
  return found;
}

export function listOf(name: string, text: string): Numbered[] {
  const list = parsedJson(text);
  if (Array.isArray(list)) return list.map((value, at) => ({ line: at + 1, value }));
  throw invalid(name, 'begins like a list of JSON, but is none');
}

function fromObjects(name: string, values: readonly Numbered[], given: GivenNames): LabelledRows {
  const rows: LabelledText[] = [];
  const broken = new Map<string, number[]>();
  const keys = new Set<string>();
  for (const { line, value } of values) {
    if (value === undefined) addBroken(broken, 'not JSON', line);
    else {
      const object = Object(value) as Record<string, unknown>;
      const pair = pairOf(object, given);
      addRow({ rows, broken }, line, pair.text, pair.label);
      if (rows.length === 0) for (const key of Object.keys(object).slice(0, 20)) keys.add(key);
    }
  }
  if (rows.length > 0) return { rows, broken };
  const own = given.labels?.[0] ?? 'label';
  const shown = [...keys].map((key) => `“${key.slice(0, 40)}”`).join(', ');
  throw invalid(
    name,
    `has no row with a text and a ${own}: its fields are ${shown || 'none'}; name them \`text\` and \`${own}\`, or write chats as {"messages": […]}`,
  );
}

/** Text and label of one object: of its fields, or of a chat in `messages`. */
export function pairOf(
  object: Record<string, unknown>,
  given: GivenNames = {},
): { readonly text?: string | undefined; readonly label?: string | undefined } {
  if (Array.isArray(object['messages'])) return fromChat(object['messages']);
  const text = given.text === undefined ? TEXT_NAMES : [given.text];
  const label = given.label === undefined ? (given.labels ?? LABEL_NAMES) : [given.label];
  return { text: fieldOf(object, text), label: fieldOf(object, label) };
}

function fieldOf(object: Record<string, unknown>, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = object[name];
    if (typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  }
  return undefined;
}

/** The last assistant message is the label of the user's message before it. */
function fromChat(messages: readonly unknown[]): { text?: string; label?: string } {
  let text: string | undefined;
  let label: string | undefined;
  let asked: string | undefined;
  for (const message of messages) {
    const { role, content } = Object(message) as { role?: unknown; content?: unknown };
    if (role === 'user') asked = contentText(content);
    if (role !== 'assistant') continue;
    label = contentText(content);
    text = asked;
  }
  return {
    ...(text === undefined ? {} : { text }),
    ...(label === undefined ? {} : { label }),
  };
}

export function contentText(content: unknown): string | undefined {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return undefined;
  const texts = content.flatMap((part) => {
    const { text } = Object(part) as { text?: unknown };
    return typeof text === 'string' ? [text] : [];
  });
  return texts.length === 0 ? undefined : texts.join('\n');
}

function addRow(
  into: { readonly rows: LabelledText[]; readonly broken: Map<string, number[]> },
  line: number,
  text: string | undefined,
  label: string | undefined,
): void {
  const cleanText = text?.trim() ?? '';
  const cleanLabel = label?.trim() ?? '';
  if (cleanText !== '' && cleanLabel !== '') into.rows.push({ text: cleanText, label: cleanLabel });
  else addBroken(into.broken, cleanText === '' ? 'no text' : 'no label', line);
}

function addBroken(broken: Map<string, number[]>, reason: string, line: number): void {
  const lines = broken.get(reason) ?? [];
  lines.push(line);
  broken.set(reason, lines);
}

function invalid(name: string, problem: string): CadreError {
  return new CadreError('invalid_request', `${name} ${problem}`, { param: 'data' });
}
