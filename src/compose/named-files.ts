import { readDataFile } from '../adapters/data-file.ts';
import { readRowsFile } from '../adapters/sources/rows-file.ts';
import type { LabelledText } from '../base/ngram-classifier.ts';
import type { SpecialistKind } from '../core/specialist.ts';
import { askedText, readAdapterRows } from '../learn/adapter-rows.ts';
import { type AnswerRow, readAnswerRows } from '../learn/answer-rows.ts';
import { GRADE_NAMES } from '../learn/graded-rows.ts';
import { readLabelledRows } from '../learn/labelled-rows.ts';
import { readRankRows } from '../learn/rank-rows.ts';
import { readSpanRows } from '../learn/span-rows.ts';
import { type NearRow, nearestRows } from '../learn/taught-nearby.ts';

/** Questions of a file for `cadre eval answers`. Throws `invalid_request` that names file and line. */
export function readQuestions(path: string): readonly AnswerRow[] {
  return readAnswerRows(readDataFile(path), path);
}

export interface NearWish {
  readonly path: string;
  /** Of the specialist: how its rows are read. */
  readonly kind: SpecialistKind;
  /** What was asked. */
  readonly text: string;
  readonly most: number;
}

/** The rows of a file that are nearest to a text. Throws `invalid_request` that names file and fault. */
export function nearRowsOfFile({ path, kind, text, most }: NearWish): {
  /** SHA-256 of the file's bytes, hex. */
  readonly hash: string;
  readonly rows: readonly NearRow[];
} {
  const file = readRowsFile(path, path);
  return { hash: file.hash, rows: nearestRows(rowsOf(kind, path, file.text), text, most) };
}

/** What was taught of each text: its label or number, its spans, its relevant passages, or the answer. */
function rowsOf(kind: SpecialistKind, path: string, text: string): readonly LabelledText[] {
  if (kind === 'adapter')
    return readAdapterRows(path, text).rows.map((row) => ({
      text: askedText(row),
      label: row.answer,
    }));
  if (kind === 'extract')
    return readSpanRows(path, text).rows.map((row) => ({
      text: row.text,
      label: row.spans
        .map((span) => `${span.label}: ${row.text.slice(span.start, span.end)}`)
        .join(', '),
    }));
  if (kind === 'rank')
    return readRankRows(path, text).rows.map(({ query, passages }) => ({
      text: query,
      label: passages
        .filter((one) => one.grade > 0)
        .map((one) => one.text)
        .join(' | '),
    }));
  return readLabelledRows(path, text, kind === 'score' ? { labels: GRADE_NAMES } : {}).rows;
}
