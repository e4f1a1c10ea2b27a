import type { Span } from '../base/span-tagger.ts';
import { SPAN_TEXT_MOST } from '../base/span-tagger.ts';
import { CadreError } from '../core/errors.ts';
import type { LeftOut } from '../core/specialist.ts';
import { lineOf, rowKey } from './curated-rows.ts';
import { readTable } from './table-rows.ts';
import type { SpanRow } from './train-span-tagger.ts';

export interface SpanRows {
  readonly rows: readonly SpanRow[];
  /** Sorted. */
  readonly labels: readonly string[];
  readonly leftOut: readonly LeftOut[];
}

const ROWS_MOST = 20_000;
const LABELS_MOST = 50;
const SAMPLES = 5;
const LEAST_ROWS = 4;

interface Given {
  readonly line: number;
  readonly value: unknown;
  readonly problem?: string;
}

/**
 * Texts with the places of their fields: JSON lines `{text, spans: [{start, end, label}]}` (UTF-16
 * offsets, `end` exclusive) or `{text, fields: {name: value}}`, or a table with the column `text` and
 * one column per field. A row whose spans are not pieces of its text, or whose values do not stand in
 * it, is left out and told; so is a text that comes again, one that comes with other spans, and what
 * follows the first 20,000 usable rows. Throws `invalid_request` for what cannot be learnt from.
 */
export function readSpanRows(name: string, text: string): SpanRows {
  const start = text.trimStart();
  if (start === '') throw invalid(name, 'is empty');
  const given = start.startsWith('{') ? linesOf(text) : tableOf(name, text);
  const bad = new Map<string, string[]>();
  const leave = (reason: string, sample: string) => {
    const samples = bad.get(reason);
    if (samples === undefined) bad.set(reason, [sample]);
    else samples.push(sample);
  };
  const read: SpanRow[] = [];
  for (const { line, value, problem } of given) {
    const row = problem ?? rowOf(value);
    if (typeof row === 'string') leave(row, `row ${line}`);
    else read.push(row);
  }
  const agreed = agreeing(read, leave);
  const rows = agreed.slice(0, ROWS_MOST);
  for (const row of agreed.slice(ROWS_MOST))
    leave(`after the first ${ROWS_MOST} that could be used`, lineOf(row.text));
  const labels = [...new Set(rows.flatMap((row) => row.spans.map((span) => span.label)))].sort();
  const leftOut = [...bad].map(([reason, samples]) => ({
    reason,
    count: samples.length,
    samples: samples.slice(0, SAMPLES),
  }));
  const why = leftOut.map((one) => `${one.count} left out: ${one.reason} (${one.samples[0]})`);
  if (rows.length < LEAST_ROWS || labels.length === 0)
    throw invalid(
      name,
      `holds ${rows.length} different texts with ${labels.length} fields; at least ${LEAST_ROWS} texts and one field are needed: {"text": "…", "spans": [{"start": 0, "end": 4, "label": "…"}]} or {"text": "…", "fields": {"name": "value"}}${why.length > 0 ? `; ${why.join('; ')}` : ''}`,
    );
  if (labels.length > LABELS_MOST)
    throw invalid(name, `names ${labels.length} fields, at most ${LABELS_MOST} can be learnt`);
  return { rows, labels, leftOut };
}

function linesOf(text: string): Given[] {
  return text.split('\n').flatMap((line, at) => {
    if (line.trim() === '') return [];
    try {
      return [{ line: at + 1, value: JSON.parse(line) as unknown }];
    } catch {
      return [{ line: at + 1, value: undefined }];
    }
  });
}

function tableOf(name: string, text: string): Given[] {
  const table = readTable(name, text);
  const header = table.header.map((one) => one.trim());
  const place = header.findIndex((one) => one.toLowerCase() === 'text');
  if (place < 0 || header.length < 2)
    throw invalid(
      name,
      `needs a column \`text\` and one per field: it has ${header
        .slice(0, 20)
        .map((one) => `“${one.slice(0, 40)}”`)
        .join(', ')}`,
    );
  return table.rows.map(({ fields, ...row }) => ({
    ...row,
    value: {
      text: fields[place],
      fields: Object.fromEntries(
        header.flatMap((column, other) => (other === place ? [] : [[column, fields[other] ?? '']])),
      ),
    },
  }));
}

/** The row, or what is wrong with it. */
function rowOf(value: unknown): SpanRow | string {
  if (value === undefined) return 'not JSON';
  const { text, spans, fields } = Object(value) as Record<string, unknown>;
  if (typeof text !== 'string' || text.trim() === '') return 'no text';
  if (text.length > SPAN_TEXT_MOST) return `a text of more than ${SPAN_TEXT_MOST} characters`;
  if (Array.isArray(spans)) return checked(text, spans);
  if (typeof fields !== 'object' || fields === null) return 'neither spans nor fields';
  return located(text, fields as Record<string, unknown>);
}

function checked(text: string, given: readonly unknown[]): SpanRow | string {
  const spans: Span[] = [];
  for (const one of given) {
    const { start, end, label } = Object(one) as Record<string, unknown>;
    if (typeof label !== 'string' || label.trim() === '') return 'a span without a label';
    if (!Number.isInteger(start) || !Number.isInteger(end)) return 'a span without start and end';
    const [from, to] = [Number(start), Number(end)];
    if (from < 0 || to > text.length) return 'a span outside of its text';
    if (text.slice(from, to).trim() === '') return 'an empty span';
    spans.push({ start: from, end: to, label: label.trim() });
  }
  return inOrder(text, spans);
}

/** The first place of each value that no other value has. */
function located(text: string, fields: Record<string, unknown>): SpanRow | string {
  const spans: Span[] = [];
  const values = Object.entries(fields).flatMap(([label, value]) =>
    (Array.isArray(value) ? value : [value]).map((one) => ({ label, value: valueText(one) })),
  );
  // Long values first: a short one may stand within them.
  for (const { label, value } of values.toSorted((a, b) => b.value.length - a.value.length)) {
    if (value === '') continue;
    let start = text.indexOf(value);
    while (start >= 0 && !isFree(text, spans, start, start + value.length))
      start = text.indexOf(value, start + 1);
    if (start < 0) return `the value of “${lineOf(label)}” does not stand in the text`;
    spans.push({ start, end: start + value.length, label });
  }
  return inOrder(text, spans);
}

function isFree(text: string, spans: readonly Span[], start: number, end: number): boolean {
  const isWithin = (at: number) => /[\p{L}\p{N}]{2}/u.test(text.slice(Math.max(0, at - 1), at + 1));
  return (
    !isWithin(start) && !isWithin(end) && spans.every((one) => one.end <= start || one.start >= end)
  );
}

function valueText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
}

function inOrder(text: string, given: readonly Span[]): SpanRow | string {
  const spans = given.toSorted((a, b) => a.start - b.start);
  const overlaps = spans.some((span, at) => span.start < (spans[at - 1]?.end ?? 0));
  return overlaps ? 'spans that overlap' : { text, spans };
}

function agreeing(
  rows: readonly SpanRow[],
  leave: (reason: string, sample: string) => void,
): SpanRow[] {
  const known = new Map<string, string>();
  const contradicted = new Set<string>();
  for (const row of rows) {
    const key = rowKey(row.text);
    const spans = JSON.stringify(row.spans.map((span) => [span.start, span.end, span.label]));
    if ((known.get(key) ?? spans) !== spans) contradicted.add(key);
    known.set(key, spans);
  }
  const seen = new Set<string>();
  return rows.filter((row) => {
    const key = rowKey(row.text);
    if (contradicted.has(key)) leave('the same text with other spans', lineOf(row.text));
    else if (seen.has(key)) leave('repeated', lineOf(row.text));
    else {
      seen.add(key);
      return true;
    }
    return false;
  });
}

function invalid(name: string, problem: string): CadreError {
  return new CadreError('invalid_request', `${name} ${problem}`, { param: 'data' });
}
