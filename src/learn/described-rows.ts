import { NearIndex } from '../base/near-index.ts';
import { plainWords } from '../base/shingles.ts';
import { NumberSet, wordRuns } from '../base/word-runs.ts';
import type { RejectedRows, WrittenRow } from '../core/description.ts';
import { lineOf } from './curated-rows.ts';
import { wordsOf } from './described-prompts.ts';
import { NEAR } from './near-rows.ts';

export const REASONS = {
  form: 'no text of its own: too short, too long, or it names its label',
  same: 'like one that was kept',
  test: 'like a row that is measured on',
  label: 'given another label when the model was asked anew',
} as const;
type Reason = keyof typeof REASONS;

/** Overlap from which a written text teaches nothing beside another one. */
const ALIKE = 0.5;
const WORDS_LEAST = 2;
const TEXT_MOST = 400;
const SAMPLES = 3;
const RUNS_MOST = 5_000_000;
/** What models say around what they were asked for. */
const AROUND =
  /^(sure|certainly|of course|okay|here (are|is)|below (are|is)|these|note)\b.*(:$|\b(texts?|lines?|examples?|topic)\b)/i;
const MARKS = /^(?:[\s>*•–—-]|\d{1,3}[.):]\s)+|^["“'‘]|["”'’]\s*$/g;

/** The texts of an answer, one per line, without numbers, bullets and quotes. */
export function candidatesOf(answer: string): string[] {
  return answer
    .split('\n')
    .map((line) =>
      line
        .replace(MARKS, '')
        .replace(/^["“]|["”]$/g, '')
        .trim(),
    )
    .filter((line) => line !== '' && !AROUND.test(line));
}

/** Keeps what is new, well formed and not measured on; counts the rest by reason. */
export class DescribedRows {
  readonly #labels: readonly string[];
  readonly #rows: WrittenRow[] = [];
  readonly #kept: NearIndex;
  readonly #test: NearIndex;
  readonly #tests: string[] = [];
  readonly #runs = new NumberSet(RUNS_MOST);
  readonly #rejected = new Map<Reason, { count: number; readonly samples: string[] }>();

  /** At most `most` rows are kept and `tests` texts added that none may be like. */
  constructor(labels: readonly string[], most: number, tests: number) {
    this.#labels = labels;
    this.#kept = new NearIndex(most, ALIKE, (row) => this.#rows[row]?.text ?? '');
    this.#test = new NearIndex(Math.max(1, tests), NEAR, (row) => this.#tests[row] ?? '');
  }

  addTest(text: string): void {
    const words = plainWords(text);
    this.#tests.push(text);
    this.#test.add(this.#tests.length - 1, words, (found) => found);
    for (const run of wordRuns(words)) this.#runs.add(run);
  }

  /** Why a candidate cannot be kept, before a model is asked for its label. */
  problemOf(text: string): Reason | undefined {
    const words = plainWords(text);
    if (words.length < WORDS_LEAST || text.length > TEXT_MOST || this.#names(text)) return 'form';
    if (this.#kept.find(words).length > 0) return 'same';
    return this.isTested(text) ? 'test' : undefined;
  }

  /** Whether it is nearly a row that is measured on, or holds thirteen words of one in a row. */
  isTested(text: string): boolean {
    const words = plainWords(text);
    return this.#test.find(words).length > 0 || this.#holdsRun(words);
  }

  keep(row: WrittenRow): void {
    this.#rows.push(row);
    this.#kept.add(this.#rows.length - 1, plainWords(row.text), (found) => found);
  }

  reject({ text, label }: WrittenRow, reason: Reason): void {
    const found = this.#rejected.get(reason) ?? { count: 0, samples: [] };
    found.count += 1;
    if (found.samples.length < SAMPLES) found.samples.push(`${label}: “${lineOf(text)}”`);
    this.#rejected.set(reason, found);
  }

  textsOf(label: string): string[] {
    return this.#rows.filter((row) => row.label === label).map((row) => row.text);
  }

  get count(): number {
    return this.#rows.length;
  }

  get rejected(): RejectedRows[] {
    return [...this.#rejected].map(([reason, one]) => ({ reason: REASONS[reason], ...one }));
  }

  /** A text that is a label, or tells it as a field: `card_arrival`, `Label: card arrival`. */
  #names(text: string): boolean {
    const plain = text.toLowerCase();
    return this.#labels.some((label) => {
      const words = wordsOf(label).toLowerCase();
      if (plain.replace(/[.:!?]+$/, '') === words) return true;
      if (/^label\b/.test(plain)) return true;
      return label.includes('_') && plain.includes(label.toLowerCase());
    });
  }

  #holdsRun(words: readonly string[]): boolean {
    for (const run of wordRuns(words)) if (this.#runs.has(run)) return true;
    return false;
  }
}
