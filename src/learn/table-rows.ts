import { RecordSplitter } from '../base/record-splitter.ts';
import { CadreError } from '../core/errors.ts';

export interface TableRow {
  /** Where it begins, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
  /** Why nobody can tell which field is which. */
  readonly problem?: string;
}

export interface Table {
  readonly header: readonly string[];
  readonly rows: readonly TableRow[];
}

/**
 * A table (comma, semicolon or tab) that is in memory as a whole. Throws `invalid_request` that names
 * the file and the line of a quoted field that does not end.
 */
export function readTable(name: string, text: string): Table {
  const end = text.indexOf('\n');
  const splitter = new RecordSplitter(separatorOf(end < 0 ? text : text.slice(0, end)));
  const [first, ...records] = taken(name, () => [...splitter.push(text), ...splitter.end()]);
  const header = first?.fields ?? [];
  const rows = records.map(({ line, fields }) => {
    const problem = surplusOf(header, fields);
    return { line, fields, ...(problem === undefined ? {} : { problem }) };
  });
  return { header, rows };
}

/** What stands most often in the header line. */
export function separatorOf(line: string): string {
  const counts = [',', ';', '\t'].map((one) => ({ one, count: line.split(one).length }));
  return counts.toSorted((a, b) => b.count - a.count)[0]?.one ?? ',';
}

/**
 * A text with a comma that lacks its quotes moves all that follows by one column, so that a piece of it
 * would be the label. Empty fields at the end, as spreadsheets write them, move nothing.
 */
export function surplusOf(
  header: readonly string[],
  fields: readonly string[],
): string | undefined {
  const isMore = fields.slice(header.length).some((field) => field.trim() !== '');
  return isMore ? 'more fields than the header' : undefined;
}

export function taken<T>(name: string, take: () => T): T {
  try {
    return take();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const words = `${name}${error.message.startsWith('line') ? ',' : ''} ${error.message}`;
    throw new CadreError('invalid_request', words, { param: 'data' });
  }
}
