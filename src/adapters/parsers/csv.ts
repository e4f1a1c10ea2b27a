import type { ParsedDocument } from '../../core/ports.ts';
import { headerCount } from './table-grid.ts';
import { BlockCutter, cellOf } from './text-lines.ts';

const DELIMITERS = [',', ';', '\t', '|'];
/** Characters; a quote that never closes would swallow the rest of the file. */
const LONGEST_RECORD = 20_000;
const SAMPLE = 20_000;
const MOST_CELLS = 2000;

interface Record {
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly cells: readonly { readonly start: number; readonly end: number }[];
}

/**
 * One row per record (quoted fields may hold line ends and delimiters). The first record with
 * several cells, if it looks like headers, heads the cells of those after it; it is the heading of
 * all in any case.
 */
export function parseCsv(text: string): ParsedDocument {
  const cutter = new BlockCutter(text);
  const records = recordsOf(text, delimiterOf(text.slice(0, SAMPLE)));
  const textsOf = (record: Record | undefined) =>
    (record?.cells ?? []).map(({ start, end }) => text.slice(start, end).trim());
  const first = Math.max(
    0,
    records.findIndex((record) => record.cells.length > 1),
  );
  const sample = records.slice(first, first + 20).map((record) => ({ cells: textsOf(record) }));
  const headers = headerCount(sample) === 1 ? (sample[0]?.cells ?? []) : [];
  const head = records[first];
  const heading =
    head === undefined
      ? []
      : [text.slice(head.start, head.end).trim().replace(/\s+/g, ' ').slice(0, 160).toWellFormed()];
  for (const [index, record] of records.entries()) {
    const cells =
      index <= first
        ? []
        : record.cells.flatMap(
            ({ start, end }, column) => cellOf(text, start, end, headers[column] ?? '') ?? [],
          );
    // What heads the others is said with each of them, and is no passage of its own.
    const isHeader = index === first && headers.length > 0;
    cutter.cut(
      isHeader ? 'heading' : 'table-row',
      record.start,
      record.end,
      record.line,
      index > first || isHeader ? heading : [],
      cells,
    );
  }
  return cutter.document();
}

/** The mark that most of the first lines have; of several the most frequent. */
function delimiterOf(sample: string): string {
  const lines = sample.split('\n').slice(0, 20);
  const scores = DELIMITERS.map((mark) => {
    const counts = lines.map((line) => line.split(mark).length - 1);
    const total = counts.reduce((sum, count) => sum + count, 0);
    return counts.filter((count) => count > 0).length + total / (total + 1);
  });
  return DELIMITERS[scores.indexOf(Math.max(...scores))] ?? ',';
}

function recordsOf(text: string, delimiter: string): Record[] {
  const mark = delimiter.charCodeAt(0);
  const records: Record[] = [];
  let start = 0;
  let line = 1;
  let recordLine = 1;
  let from = 0;
  let isQuoted = false;
  let cells: Record['cells'][number][] = [];
  const closeCell = (end: number) => {
    if (cells.length < MOST_CELLS) cells.push(unquoted(text, from, end));
    from = end + 1;
  };
  const closeRecord = (end: number) => {
    closeCell(end);
    if (text.slice(start, end).trim() !== '') records.push({ start, end, line: recordLine, cells });
    cells = [];
    start = end + 1;
    isQuoted = false;
  };
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) isQuoted = !isQuoted;
    else if (code === mark && !isQuoted) closeCell(at);
    if (code !== 0x0a) continue;
    line += 1;
    if (isQuoted && at - start <= LONGEST_RECORD) continue;
    closeRecord(at);
    recordLine = line;
  }
  closeRecord(text.length);
  return records;
}

/** A field without the quotes around it. */
function unquoted(text: string, start: number, end: number) {
  const field = /^\s*"([\s\S]*)"\s*$/.exec(text.slice(start, end));
  if (field === null) return { start, end };
  const from = text.indexOf('"', start) + 1;
  return { start: from, end: from + (field[1] ?? '').length };
}
