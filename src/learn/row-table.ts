import { TextTable } from '../base/text-table.ts';
import type { SourceRow } from './row-source.ts';

/** Characters of a text that are read; more than a page is a document, not an example. */
export const TEXT_READ = 4000;
/** Rows of one set. */
export const TABLE_ROWS_MOST = 2_000_000;
/** Characters of all texts. */
const CHARACTERS_MOST = 1_000_000_000;
const LABELS_MOST = 100_000;

/** Labelled rows in little memory: texts as bytes, everything else as numbers. */
export class RowTable {
  readonly texts = new TextTable();
  readonly labels: string[] = [];
  /** Rows that cannot be learnt from: lines by reason. */
  readonly broken = new Map<string, number[]>();
  readonly #places = new Map<string, number>();
  #classes = new Int32Array(1024);
  #lines = new Int32Array(1024);
  #lengths = new Int32Array(1024);
  #characters = 0;
  /** Rows read, with those that cannot be learnt from. */
  read = 0;
  /** True where rows were left unread because there are too many. */
  isFull = false;

  get length(): number {
    return this.texts.length;
  }

  get classes(): Int32Array {
    return this.#classes.subarray(0, this.length);
  }

  /** Characters of each whole text. */
  get lengths(): Int32Array {
    return this.#lengths.subarray(0, this.length);
  }

  lineOf(row: number): number {
    return this.#lines[row] ?? 0;
  }

  labelOf(row: number): string {
    return this.labels[this.#classes[row] ?? -1] ?? '';
  }

  textOf = (row: number): string => this.texts.get(row);

  /** The row's place; −1 for one that cannot be learnt from, or that there is no room for. */
  add({ line, text, label, problem }: SourceRow): number {
    if (this.length >= TABLE_ROWS_MOST || this.#characters >= CHARACTERS_MOST) {
      this.isFull = true;
      return -1;
    }
    this.read += 1;
    if (problem !== undefined) {
      const lines = this.broken.get(problem) ?? [];
      lines.push(line);
      this.broken.set(problem, lines);
      return -1;
    }
    const row = this.texts.add(text.slice(0, TEXT_READ));
    if (row >= this.#classes.length) {
      this.#classes = widened(this.#classes);
      this.#lines = widened(this.#lines);
      this.#lengths = widened(this.#lengths);
    }
    this.#classes[row] = this.#classOf(label);
    this.#lines[row] = line;
    this.#lengths[row] = text.length;
    this.#characters += text.length;
    return row;
  }

  /** Rows per label, in the order of `labels`. */
  counts(): Map<string, number> {
    const counts = new Int32Array(this.labels.length);
    for (const label of this.classes) counts[label] = (counts[label] ?? 0) + 1;
    return new Map(this.labels.map((label, at) => [label, counts[at] ?? 0]));
  }

  #classOf(label: string): number {
    const known = this.#places.get(label);
    if (known !== undefined) return known;
    if (this.labels.length >= LABELS_MOST)
      throw new RangeError(`names more than ${LABELS_MOST} labels; is the right column the label?`);
    this.#places.set(label, this.labels.length);
    this.labels.push(label);
    return this.labels.length - 1;
  }
}

function widened(values: Int32Array): Int32Array<ArrayBuffer> {
  const wider = new Int32Array(values.length * 2);
  wider.set(values);
  return wider;
}
