import type { LabelledText } from '../../src/base/ngram-classifier.ts';
import { parseCsv, readData, shuffleByHash } from './data.ts';

export interface IntentSet {
  readonly train: readonly LabelledText[];
  readonly test: readonly LabelledText[];
  /** Sentences of no label. */
  readonly foreign: readonly string[];
}

export function readBanking77(): IntentSet {
  const rows = (name: string) =>
    parseCsv(readData('intent', `banking77-${name}.csv.gz`))
      .slice(1)
      .flatMap(([text, label]) => (text && label ? [{ text, label }] : []));
  return { train: rows('train'), test: rows('test'), foreign: [] };
}

/** The training part alone is taught: neither the validation part nor sentences out of scope. */
export function readClinc150(): IntentSet {
  type Pairs = [string, string][];
  const sets = JSON.parse(readData('intent', 'clinc150-full.json.gz')) as Record<string, Pairs>;
  const rows = (name: string) => (sets[name] ?? []).map(([text, label]) => ({ text, label }));
  return {
    train: rows('train'),
    test: rows('test'),
    foreign: rows('oos_test').map((row) => row.text),
  };
}

/** `count` rows of every label, drawn by the seed. */
export function drawPerLabel(
  rows: readonly LabelledText[],
  count: number,
  seed: number,
): LabelledText[] {
  const taken = new Map<string, number>();
  return shuffleByHash(rows, (row) => `${row.label}\0${row.text}`, `few-${seed}`).filter((row) => {
    const before = taken.get(row.label) ?? 0;
    taken.set(row.label, before + 1);
    return before < count;
  });
}
