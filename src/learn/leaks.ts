import { plainWords } from '../base/shingles.ts';
import { NumberSet, RUN_WORDS, wordRuns } from '../base/word-runs.ts';
import type { DataFinding } from '../core/data-report.ts';
import { lineOf } from './curated-rows.ts';
import { findingOf, Samples, sampleOf } from './data-rules.ts';
import type { NearRows } from './near-rows.ts';
import type { OtherText } from './other-texts.ts';
import { type RowTable, TEXT_READ } from './row-table.ts';

/** Runs of words that are kept of a file: 40 MB. */
const RUNS_MOST = 5_000_000;

interface Leak {
  readonly similarity: number;
  /** Of the other file. */
  readonly line: number;
  readonly text: string;
}

/** Rows that another file holds too: word for word, nearly, or in a run of 13 words. */
export class LeakSearch {
  readonly #name: string;
  readonly #table: RowTable;
  readonly #near: NearRows;
  readonly #runs = new NumberSet(RUNS_MOST);
  readonly #same = new Samples();
  readonly #nearly = new Samples();
  /** The most alike text of each row. */
  readonly #rows = new Map<number, Leak>();
  #texts = 0;

  /** `name` of the other file, for the words of the findings. */
  constructor(name: string, table: RowTable, near: NearRows) {
    this.#name = name;
    this.#table = table;
    this.#near = near;
  }

  add(texts: readonly OtherText[]): void {
    for (const { line, text } of texts) {
      const words = plainWords(text.slice(0, TEXT_READ));
      if (words.length === 0) continue;
      this.#texts += 1;
      for (const { row, similarity } of this.#near.index.find(words))
        if (similarity > (this.#rows.get(row)?.similarity ?? 0))
          this.#rows.set(row, { similarity, line, text: lineOf(text) });
      for (const run of wordRuns(plainWords(text))) this.#runs.add(run);
    }
  }

  end(): { readonly texts: number; readonly findings: DataFinding[] } {
    for (let row = 0; row < this.#table.length; row += 1) this.#addRow(row);
    const remedy = 'Take them out of one of the two: a test on known rows measures memory.';
    const where = `${this.#name} (${this.#texts} texts)`;
    const found = [
      { severity: 'error', message: `rows that ${where} holds too`, samples: this.#same },
      { severity: 'warning', message: `rows that ${where} nearly holds`, samples: this.#nearly },
    ] as const;
    return {
      texts: this.#texts,
      findings: [
        ...found.flatMap(({ samples, ...rest }) =>
          findingOf({ rule: 'leak', remedy, ...rest }, samples),
        ),
        ...this.#contamination(),
      ],
    };
  }

  /** A row that repeats another word for word is in the index by that one only. */
  #addRow(row: number): void {
    const twin = this.#near.earlier(row).find((pair) => pair.similarity === 1);
    const leak = this.#rows.get(twin?.other ?? row);
    if (leak === undefined) return;
    (leak.similarity === 1 ? this.#same : this.#nearly).add({
      ...sampleOf(this.#table, row),
      similarity: Number(leak.similarity.toFixed(3)),
      note: `line ${leak.line} of ${this.#name}: “${leak.text}”`,
    });
  }

  #contamination(): DataFinding[] {
    const samples = new Samples();
    for (let row = 0; row < this.#table.length; row += 1)
      for (const run of wordRuns(plainWords(this.#table.textOf(row)))) {
        if (!this.#runs.has(run)) continue;
        samples.add(sampleOf(this.#table, row));
        break;
      }
    const left =
      this.#runs.left === 0
        ? ''
        : `; ${this.#runs.left} runs of it did not fit and were not compared`;
    return findingOf(
      {
        rule: 'contamination',
        severity: 'error',
        message: `rows with ${RUN_WORDS} words in a row that stand in ${this.#name} too${left}`,
        remedy: 'Take them out before a model that learnt them is measured on that set.',
      },
      samples,
    );
  }
}
