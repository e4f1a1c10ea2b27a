import { setImmediate as nextTurn } from 'node:timers/promises';
import { openTextStream, type TextStream } from '../adapters/sources/text-stream.ts';
import { TextTable } from '../base/text-table.ts';
import { CadreError } from '../core/errors.ts';
import type { GivenNames } from '../learn/labelled-rows.ts';
import { readSource, type SourceRow } from '../learn/row-source.ts';
import { RowTable } from '../learn/row-table.ts';

/** What every command on data is told. */
export interface DataWish {
  readonly file: string;
  readonly names: GivenNames;
  readonly signal: AbortSignal;
  readonly onProgress: (stage: string, done: number, total: number) => void;
}

export interface OpenedTable {
  readonly table: RowTable;
  readonly stream: TextStream;
  /** First line of a table; absent of JSON. */
  readonly header?: string;
  readonly notes: readonly string[];
  /** Values of the wanted column, row by row; empty where a row has none. */
  readonly column: TextTable;
  /** Rows that have no value in it. */
  readonly withoutColumn: number;
}

/** A turn of the event loop at least this often, so that Ctrl-C is heard. */
const TURN_MS = 50;

/** Reads a file of labelled rows into memory. Throws `invalid_request` that names file and line. */
export async function openTable(wish: DataWish, column?: string): Promise<OpenedTable> {
  const { file, names, signal, onProgress } = wish;
  const stream = await openTextStream(file, signal);
  const table = new RowTable();
  const values = new TextTable();
  let [header, withoutColumn]: [string | undefined, number] = [undefined, 0];
  const add = (row: SourceRow) => {
    if (table.add(row) < 0 || column === undefined) return;
    const value = row.fieldOf(column)?.trim() ?? '';
    if (value === '') withoutColumn += 1;
    values.add(value.slice(0, 1000));
  };
  for await (const batch of readSource(file, stream.pieces(), names)) {
    signal.throwIfAborted();
    header ??= batch.header;
    named(file, () => batch.rows.forEach(add));
    onProgress('rows read', table.read, 0);
    if (table.isFull) break;
  }
  if (table.length === 0)
    throw new CadreError('invalid_request', `${file} has no row with a text and a label`, {
      param: 'data',
    });
  return {
    table,
    stream,
    ...(header === undefined ? {} : { header }),
    notes: [
      ...(stream.note === undefined ? [] : [stream.note]),
      ...(table.isFull ? [`only the first ${table.read} rows were read`] : []),
    ],
    column: values,
    withoutColumn,
  };
}

/** Every row once more, as it stands in the file, with its place in the table (−1 = in none). */
export async function* rowsAgain(
  { stream, table }: Pick<OpenedTable, 'stream' | 'table'>,
  { file, names, signal }: DataWish,
): AsyncGenerator<{ readonly row: SourceRow; readonly place: number }> {
  let place = 0;
  for await (const batch of readSource(file, stream.pieces(), names)) {
    signal.throwIfAborted();
    for (const row of batch.rows) {
      if (row.problem !== undefined) yield { row, place: -1 };
      else if (place < table.length) {
        yield { row, place };
        place += 1;
      }
    }
  }
}

/** Runs work that yields its progress to its end, with pauses for the event loop. */
export async function finish<P, T>(
  work: Generator<P, T>,
  signal: AbortSignal,
  onStep: (progress: P) => void,
): Promise<T> {
  let last = performance.now();
  for (let step = work.next(); ; step = work.next()) {
    if (step.done) return step.value;
    onStep(step.value);
    if (performance.now() - last < TURN_MS) continue;
    await nextTurn();
    signal.throwIfAborted();
    last = performance.now();
  }
}

function named(file: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CadreError('invalid_request', `${file} ${error.message}`, { param: 'data' });
  }
}
