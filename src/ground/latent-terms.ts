import type { SparseMatrix } from '../base/sparse-matrix.ts';
import { UnpackedEntries } from './packed-entries.ts';
import type { TermLists } from './term-lists.ts';

/** Which terms have a column, and what each weighs. */
export interface LatentVocabulary {
  /** Column by the lists' number of the term; −1 = none. Newer terms lie beyond its end. */
  readonly columns: Int32Array;
  /** Inverse document frequency by column. */
  readonly weights: Float32Array;
}

/** Columns; the most frequent terms. With 200 dimensions the basis has 24 MB then. */
const TERMS = 30_000;
const PLACES_PER_STEP = 128;

/** The terms that at least two and less than half of the living places have. */
export function latentVocabulary(lists: TermLists): LatentVocabulary {
  const found: number[] = [];
  for (let term = 0; term < lists.termCount; term += 1) {
    const count = lists.documentFrequencyOf(term);
    if (count >= 2 && count < lists.aliveCount / 2) found.push(term);
  }
  if (found.length > TERMS) {
    const frequency = (term: number) => lists.documentFrequencyOf(term);
    found.sort((left, right) => frequency(right) - frequency(left) || left - right);
    found.length = TERMS;
  }
  const columns = new Int32Array(lists.termCount).fill(-1);
  found.forEach((term, column) => {
    columns[term] = column;
  });
  return { columns, weights: Float32Array.from(found, (term) => lists.idfOf(term)) };
}

/** (1 + ln frequency) × idf by column, scaled to length 1; empty where no term has a column. */
export function weighTerms(
  counts: ReadonlyMap<number, number>,
  { columns, weights }: LatentVocabulary,
): [column: number, weight: number][] {
  const entries: [number, number][] = [];
  let squares = 0;
  for (const [term, frequency] of counts) {
    const column = columns[term] ?? -1;
    if (column < 0) continue;
    const weight = (1 + Math.log(frequency)) * (weights[column] as number);
    squares += weight * weight;
    entries.push([column, weight]);
  }
  const factor = squares === 0 ? 0 : 1 / Math.sqrt(squares);
  for (const entry of entries) entry[1] *= factor;
  return entries;
}

/** One row per place, its terms weighed; pauses now and then. */
export function* latentMatrix(
  lists: TermLists,
  vocabulary: LatentVocabulary,
  places: readonly number[],
): Generator<void, SparseMatrix> {
  const read = new UnpackedEntries();
  const starts = new Int32Array(places.length + 1);
  const columns: number[] = [];
  const values: number[] = [];
  for (const [row, place] of places.entries()) {
    lists.read(place, read);
    const counts = new Map<number, number>();
    for (let at = 0; at < read.count; at += 1)
      counts.set(read.numbers[at] as number, read.frequencies[at] as number);
    for (const [column, value] of weighTerms(counts, vocabulary)) {
      columns.push(column);
      values.push(value);
    }
    starts[row + 1] = columns.length;
    if (row % PLACES_PER_STEP === 0) yield;
  }
  return {
    rowCount: places.length,
    columnCount: vocabulary.weights.length,
    starts,
    columns: Int32Array.from(columns),
    values: Float32Array.from(values),
  };
}
