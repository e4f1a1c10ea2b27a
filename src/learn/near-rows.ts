import { NearIndex } from '../base/near-index.ts';
import type { LabelledText } from '../base/ngram-classifier.ts';
import { plainWords, textNumber } from '../base/shingles.ts';
import { RowTable } from './row-table.ts';

/** Overlap of shingles from which texts are near-duplicates: one word of seven changed, or a letter of forty. */
export const NEAR = 0.6;
/** Neighbours that are kept per row. */
const NEIGHBOURS_MOST = 16;
const TURN = 2000;
/** Pairs under two labels that are kept; `conflictCount` counts them all. */
const CONFLICTS_MOST = 100_000;

/** Two rows with the same or nearly the same text. */
export interface NearPair {
  readonly row: number;
  /** Before it in the file. */
  readonly other: number;
  /** Overlap of the shingles; 1 = the same but for case, marks and spacing. */
  readonly similarity: number;
}

/** Which rows repeat which. */
export class NearRows {
  /** The row of the same label that stands for it, itself where it is the first of its kind. */
  readonly leaders: Int32Array;
  /** Similarity to the leader; 1 = the same text. */
  readonly similarities: Float32Array;
  /** Pairs under two labels, the most alike first. */
  readonly conflicts: NearPair[] = [];
  conflictCount = 0;
  readonly index: NearIndex;
  readonly #starts: Int32Array;
  #edges = new Int32Array(1024);
  #weights = new Float32Array(1024);
  #edgeCount = 0;

  constructor(count: number, index: NearIndex) {
    this.leaders = Int32Array.from({ length: count }, (_, row) => row);
    this.similarities = new Float32Array(count).fill(1);
    this.#starts = new Int32Array(count + 1);
    this.index = index;
  }

  /** Near rows that stand before it in the file. */
  earlier(row: number): NearPair[] {
    const pairs: NearPair[] = [];
    for (let at = this.#starts[row] ?? 0; at < (this.#starts[row + 1] ?? 0); at += 1)
      pairs.push({ row, other: this.#edges[at] ?? 0, similarity: this.#weights[at] ?? 0 });
    return pairs;
  }

  addConflict(pair: NearPair): void {
    this.conflictCount += 1;
    if (this.conflicts.length < CONFLICTS_MOST) this.conflicts.push(pair);
  }

  /** In the order of the rows. */
  addRow(row: number, found: readonly NearPair[]): void {
    for (const one of found) {
      if (this.#edgeCount === this.#edges.length) {
        const [edges, weights] = [this.#edges, this.#weights];
        this.#edges = new Int32Array(edges.length * 2);
        this.#edges.set(edges);
        this.#weights = new Float32Array(weights.length * 2);
        this.#weights.set(weights);
      }
      this.#edges[this.#edgeCount] = one.other;
      this.#weights[this.#edgeCount] = one.similarity;
      this.#edgeCount += 1;
    }
    this.#starts[row + 1] = this.#edgeCount;
  }
}

/**
 * Finds near rows, one after the other; yields how many are done. Of the rows before it, a row is
 * compared with those that share a bucket and with what these repeat.
 */
export function* findNearRows(table: RowTable, least: number = NEAR): Generator<number, NearRows> {
  const near = new NearRows(
    table.length,
    new NearIndex(table.length, least, (row) => table.textOf(row)),
  );
  const { leaders, similarities, index } = near;
  const { classes } = table;
  const twins = new Twins(classes);
  for (let row = 0; row < table.length; row += 1) {
    const words = plainWords(table.textOf(row));
    const label = classes[row] as number;
    const { first, own } = twins.add(textNumber(words.join(' ')), label, row);
    if (own !== undefined) {
      leaders[row] = leaders[own] as number;
      similarities[row] = similarities[own] as number;
    }
    const found =
      first === undefined
        ? index.add(row, words, (other) => leaders[other] as number)
        : [{ row: first, similarity: 1 }];
    const pairs = found
      .map((one) => ({ row, other: one.row, similarity: one.similarity }))
      .toSorted((a, b) => b.similarity - a.similarity || a.other - b.other)
      .slice(0, NEIGHBOURS_MOST);
    near.addRow(row, pairs);
    if (own === undefined) followLeader(near, pairs, classes);
    for (const pair of pairs) if (classes[pair.other] !== label) near.addConflict(pair);
    if (row % TURN === 0) yield row;
  }
  near.conflicts.sort((a, b) => b.similarity - a.similarity || a.row - b.row);
  return near;
}

/** The same of texts that are at hand, at once, with the table that they make. */
export function nearTexts(rows: readonly LabelledText[]): {
  readonly table: RowTable;
  readonly near: NearRows;
} {
  const table = new RowTable();
  rows.forEach(({ text, label }, at) => {
    table.add({ line: at + 1, raw: '', text, label, fieldOf: () => undefined });
  });
  const work = findNearRows(table);
  let step = work.next();
  while (!step.done) step = work.next();
  return { table, near: step.value };
}

/** A row is repeated by one that is near a kept row of the same label. */
function followLeader(near: NearRows, pairs: readonly NearPair[], classes: Int32Array): void {
  const kept = pairs.find(
    ({ row, other }) => classes[other] === classes[row] && near.leaders[other] === other,
  );
  if (kept === undefined) return;
  near.leaders[kept.row] = kept.other;
  near.similarities[kept.row] = kept.similarity;
}

/** First row of each text, and of each text under each label. */
class Twins {
  readonly #first = new Map<number, number>();
  readonly #classes: Int32Array;
  readonly #own = new Map<string, number>();

  constructor(classes: Int32Array) {
    this.#classes = classes;
  }

  add(
    text: number,
    label: number,
    row: number,
  ): { readonly first?: number; readonly own?: number } {
    const first = this.#first.get(text);
    if (first === undefined) {
      this.#first.set(text, row);
      return {};
    }
    if (this.#classes[first] === label) return { first, own: first };
    const key = `${text}:${label}`;
    const own = this.#own.get(key);
    if (own === undefined) this.#own.set(key, row);
    return own === undefined ? { first } : { first, own };
  }
}
