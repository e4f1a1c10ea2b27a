import type { LabelledText } from '../base/ngram-classifier.ts';
import { CadreError } from '../core/errors.ts';
import { readDelimited, readJsonLines } from './example-tables.ts';

/** A file of examples that an adapter has read. */
export interface ExampleFile {
  /** Relative to the folder; its name without `.txt` is the label. */
  readonly path: string;
  readonly text: string;
}

export interface Examples {
  /** Distinct, in the order of the files. */
  readonly rows: readonly LabelledText[];
  readonly labels: readonly string[];
  /** What was left out and why, in words. */
  readonly problems: readonly string[];
}

/** Characters of one example; more than a page is a document, not an example. */
const EXAMPLE_LIMIT = 4000;
const ROW_LIMIT = 200_000;
const LABEL_LIMIT = 1000;

/**
 * Reads `LABEL.txt` (one example per line, `#` starts a comment line), `*.csv` with the columns
 * text and label, and `*.jsonl` with the fields text and label. A text under two labels is left
 * out of both, a repeated one is kept once, and both are named in `problems`. Throws
 * `config_invalid` for an empty file, a broken row, fewer than two labels, or a label with fewer
 * than two examples.
 */
export function readExamples(files: readonly ExampleFile[]): Examples {
  const all: LabelledText[] = [];
  for (const file of files) {
    const rows = rowsOf(file).filter((row) => row.text !== '');
    if (rows.length === 0) throw invalid(file.path, 'holds no example');
    for (const row of rows) all.push({ ...row, text: row.text.slice(0, EXAMPLE_LIMIT) });
  }
  if (all.length > ROW_LIMIT) {
    throw invalid('examples', `hold ${all.length} rows, at most ${ROW_LIMIT} are allowed`);
  }
  const problems: string[] = [];
  const rows = withoutRepetition(all, problems);
  const labels = [...new Set(rows.map((row) => row.label))].sort();
  checkLabels(rows, labels);
  return { rows, labels, problems };
}

function rowsOf(file: ExampleFile): LabelledText[] {
  const name = file.path.split('/').at(-1) ?? file.path;
  const place = name.lastIndexOf('.');
  const ending = name.slice(place + 1).toLowerCase();
  if (ending === 'csv') return readDelimited(file);
  if (ending === 'jsonl') return readJsonLines(file);
  const label = name.slice(0, place).trim();
  if (ending !== 'txt' || label === '') {
    throw invalid(file.path, 'is not a .txt, .csv or .jsonl file');
  }
  return file.text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .map((line) => ({ text: line.trim(), label }));
}

/** The same words in another case or spacing are the same example. */
function withoutRepetition(rows: readonly LabelledText[], problems: string[]): LabelledText[] {
  const labelsOf = new Map<string, Set<string>>();
  for (const row of rows) {
    const key = keyOf(row.text);
    labelsOf.set(key, (labelsOf.get(key) ?? new Set()).add(row.label));
  }
  const kept: LabelledText[] = [];
  const seen = new Set<string>();
  let repeated = 0;
  for (const row of rows) {
    const key = keyOf(row.text);
    const labels = labelsOf.get(key) ?? new Set();
    if (seen.has(key)) {
      if (labels.size === 1) repeated += 1;
      continue;
    }
    seen.add(key);
    if (labels.size === 1) kept.push(row);
    else problems.push(`left out, under ${[...labels].sort().join(' and ')}: "${row.text}"`);
  }
  if (repeated > 0) problems.push(`${repeated} repeated examples were left out`);
  return kept;
}

function keyOf(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
}

function checkLabels(rows: readonly LabelledText[], labels: readonly string[]): void {
  if (labels.length < 2) {
    throw invalid('examples', `name ${labels.length} labels, at least two are needed`);
  }
  if (labels.length > LABEL_LIMIT) {
    throw invalid('examples', `name ${labels.length} labels, at most ${LABEL_LIMIT} are allowed`);
  }
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(row.label, (counts.get(row.label) ?? 0) + 1);
  const lonely = labels.filter((label) => (counts.get(label) ?? 0) < 2);
  if (lonely.length > 0) {
    throw invalid('examples', `have fewer than two texts for ${lonely.slice(0, 5).join(', ')}`);
  }
}

function invalid(param: string, problem: string): CadreError {
  return new CadreError('config_invalid', `${param} ${problem}`, { param });
}
