import { CadreError } from '../core/errors.ts';
import { linesOf, listOf, type Numbered } from './labelled-rows.ts';
import { readTable } from './table-rows.ts';

/** One passage as a row grades it for its query. */
export interface GradedPair {
  readonly query: string;
  readonly passage: string;
  /** From 0 on. */
  readonly grade: number;
}

export interface ReadPairs {
  readonly pairs: readonly GradedPair[];
  /** Why some of the row, or all of it, says nothing. */
  readonly problems: readonly string[];
  /** It has the fields that are looked for. */
  readonly isShaped: boolean;
}

/** Names of fields, in any case, in the order in which they are looked for. */
const QUERIES = ['query', 'question', 'q', 'search', 'anchor'];
const PASSAGES = ['passage', 'document', 'text', 'doc', 'content', 'answer'];
const GRADES = ['relevant', 'relevance', 'grade', 'label', 'score', 'is_relevant'];
const POSITIVES = ['positive', 'positives', 'positive_passages', 'pos'];
const NEGATIVES = ['negatives', 'negative', 'negative_passages', 'hard_negatives', 'neg'];
const FIELDS_SHOWN = 20;

/** Rows of a table by its header, of JSON lines or of one JSON list, and the fields there are. */
export function readRankObjects(
  name: string,
  text: string,
): { readonly objects: readonly Numbered[]; readonly fields: readonly string[] } {
  const start = text.trimStart();
  if (start === '') throw new CadreError('invalid_request', `${name} is empty`, { param: 'data' });
  const objects = start.startsWith('[')
    ? listOf(name, start)
    : start.startsWith('{')
      ? linesOf(name, text)
      : tableOf(name, text);
  const fields = new Set<string>();
  for (const { value } of objects.slice(0, FIELDS_SHOWN))
    for (const field of Object.keys(Object(value))) fields.add(field);
  return { objects, fields: [...fields].slice(0, FIELDS_SHOWN) };
}

function tableOf(name: string, text: string): Numbered[] {
  const { header, rows } = readTable(name, text);
  const names = header.map((one) => one.trim());
  if (rows.length === 0) return [{ line: 1, value: fromRecord(names, []) }];
  return rows.map(({ fields, ...row }) => ({ ...row, value: fromRecord(names, fields) }));
}

function fromRecord(names: readonly string[], record: readonly string[]): object {
  return Object.fromEntries(names.map((name, at) => [name, record[at] ?? '']));
}

/** What one row says of which passages. */
export function pairsOf(value: unknown): ReadPairs {
  const fields = new Map(
    Object.entries(Object(value) as Record<string, unknown>).map(([name, one]) => [
      name.trim().toLowerCase(),
      one,
    ]),
  );
  const has = (names: readonly string[]) => names.some((name) => fields.has(name));
  const isPair = has(PASSAGES) && has(GRADES);
  const isShaped = has(QUERIES) && (isPair || has(POSITIVES) || has(NEGATIVES));
  const broken = (problem: string): ReadPairs => ({ pairs: [], problems: [problem], isShaped });
  if (value === undefined) return broken('not JSON');
  if (!isShaped) return broken('no query with passages');
  const [query = ''] = textsOf(fields, QUERIES);
  if (query === '') return broken('no query');
  if (!has(POSITIVES) && !has(NEGATIVES)) return onePair(query, fields, broken);
  const graded = [
    ...textsOf(fields, POSITIVES).map((passage) => ({ passage, grade: 1 })),
    ...textsOf(fields, NEGATIVES).map((passage) => ({ passage, grade: 0 })),
  ];
  const empty = graded.filter((one) => one.passage === '').length;
  return {
    pairs: graded.filter((one) => one.passage !== '').map((one) => ({ query, ...one })),
    problems: new Array<string>(empty).fill('an empty passage'),
    isShaped,
  };
}

function onePair(
  query: string,
  fields: ReadonlyMap<string, unknown>,
  broken: (problem: string) => ReadPairs,
): ReadPairs {
  const [passage = ''] = textsOf(fields, PASSAGES);
  if (passage === '') return broken('an empty passage');
  const grade = gradeOf(GRADES.map((name) => fields.get(name)).find((one) => one !== undefined));
  if (grade === undefined) return broken('a grade that is no number from 0 on');
  return { pairs: [{ query, passage, grade }], problems: [], isShaped: true };
}

/** Texts of the first of the fields that is there: one, a list, or objects with a `text`. */
function textsOf(fields: ReadonlyMap<string, unknown>, names: readonly string[]): string[] {
  const value = names.map((name) => fields.get(name)).find((one) => one !== undefined);
  return (Array.isArray(value) ? value : [value]).flatMap((one: unknown) => {
    const text = typeof one === 'object' && one !== null ? (one as { text?: unknown }).text : one;
    if (typeof text === 'string') return [text.trim()];
    return typeof text === 'number' ? [String(text)] : [];
  });
}

function gradeOf(value: unknown): number | undefined {
  if (typeof value === 'boolean') return Number(value);
  const text = typeof value === 'string' ? value.trim().toLowerCase() : value;
  if (text === 'true' || text === 'yes') return 1;
  if (text === 'false' || text === 'no') return 0;
  const grade = text === '' || text === null ? Number.NaN : Number(text);
  return Number.isFinite(grade) && grade >= 0 ? grade : undefined;
}
