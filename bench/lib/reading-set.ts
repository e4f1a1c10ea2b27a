import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** A question that one passage does not answer, with every sentence that its answer stands on. */
export interface ReadingQuestion {
  readonly kind: 'parts' | 'comparison' | 'hop' | 'reference';
  readonly question: string;
  readonly gold: readonly string[];
}

const FOLDER = resolve(import.meta.dirname, '..', 'reading');

function readLines<Row>(file: string): readonly Row[] {
  const text = readFileSync(join(FOLDER, file), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
}

/**
 * `clinic`: an invented clinic's rules, and sheets of devices, makers, wards and people of it and of
 * other houses; the rules of reading were written beside it. `town`: an invented harbour town, written
 * afterwards; nothing was changed for it.
 */
export type ReadingSet = 'clinic' | 'town';

export function readingQuestions(set: ReadingSet): readonly ReadingQuestion[] {
  return readLines<ReadingQuestion>(`${set}-questions.jsonl`);
}

/** By path. */
export function readingDocuments(set: ReadingSet): ReadonlyMap<string, string> {
  const rows = readLines<{ readonly path: string; readonly text: string }>(
    `${set}-documents.jsonl`,
  );
  return new Map(rows.map(({ path, text }) => [path, text]));
}
