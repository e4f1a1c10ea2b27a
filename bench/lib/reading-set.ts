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

/** Written together with the documents. */
export function readingQuestions(): readonly ReadingQuestion[] {
  return readLines<ReadingQuestion>('questions.jsonl');
}

/**
 * An invented clinic by path: its rules, and sheets of devices, makers, wards and people; and such
 * sheets of other houses, so that one search does not find everything.
 */
export function readingDocuments(): ReadonlyMap<string, string> {
  const rows = readLines<{ readonly path: string; readonly text: string }>('documents.jsonl');
  return new Map(rows.map(({ path, text }) => [path, text]));
}
