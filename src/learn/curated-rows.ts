import { counted } from '../base/counted.ts';
import type { LabelledText } from '../base/ngram-classifier.ts';
import { shuffledIndices } from '../base/random.ts';
import { tongueOf } from '../base/tongue.ts';
import { CadreError } from '../core/errors.ts';
import type { LeftOut } from '../core/specialist.ts';
import type { LabelledRows } from './labelled-rows.ts';
import { likeLabels } from './like-labels.ts';

/** What a specialist may be taught with, and what was left out of it. */
export interface CuratedRows {
  readonly rows: readonly LabelledText[];
  /** Sorted. */
  readonly labels: readonly string[];
  readonly leftOut: readonly LeftOut[];
  readonly warnings: readonly string[];
}

/** Characters of one row; more than a page is a document, not an example. */
const TEXT_MOST = 4000;
/** More rows than this cost hours and change the third decimal. */
export const ROWS_MOST = 50_000;
export const LABELS_MOST = 1000;
const LABEL_LENGTH = 200;
const SAMPLES = 5;
/** Share of rows in another language from which it is said. */
const LANGUAGE_SHARE = 0.05;
const LANGUAGE_ROWS = 2000;

/**
 * The rows that agree with each other: a text under two labels is left out of both, a repeated one is
 * kept once, a label with a single text teaches nothing, and of very many rows a seeded draw is taken,
 * evenly by label. All of it is reported. Throws `invalid_request` for what cannot be learnt from.
 */
export function curateRows(name: string, read: LabelledRows, seed: number): CuratedRows {
  const leftOut: LeftOut[] = [...read.broken].map(([reason, lines]) => ({
    reason,
    count: lines.length,
    samples: lines.slice(0, SAMPLES).map((line) => `row ${line}`),
  }));
  const warnings: string[] = [];
  const cut = read.rows.filter((row) => row.text.length > TEXT_MOST).length;
  if (cut > 0) warnings.push(`of ${cut} texts only the first ${TEXT_MOST} characters are read`);
  requireLabels(name, read.rows);
  const agreed = agreeing(read.rows, leftOut);
  const taught = drawn(withoutLonely(name, agreed, leftOut), seed, leftOut);
  const labels = [...new Set(taught.map((row) => row.label))].sort();
  warnings.push(...likeLabels(countsOf(taught)), ...languageWords(taught));
  return { rows: taught, labels, leftOut: leftOut.filter((one) => one.count > 0), warnings };
}

/** The same words in another case or spacing are the same text. */
export function rowKey(text: string): string {
  return text.slice(0, TEXT_MOST).normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
}

export function countsOf(rows: readonly LabelledText[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { label } of rows) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
}

function requireLabels(name: string, rows: readonly LabelledText[]): void {
  if (rows.length < 4)
    throw invalid(
      name,
      `holds ${counted(rows.length, 'row')} with a text and a label; at least 4 are needed, two for each of two labels`,
    );
  const labels = countsOf(rows);
  if (labels.size < 2)
    throw invalid(name, `names one label, “${[...labels.keys()].join()}”; at least two are needed`);
  if (labels.size > LABELS_MOST)
    throw invalid(
      name,
      `names ${labels.size} labels, at most ${LABELS_MOST} can be learnt; is the right column the label?`,
    );
  const long = [...labels.keys()].find((label) => label.length > LABEL_LENGTH);
  if (long !== undefined)
    throw invalid(
      name,
      `has a label of ${long.length} characters, “${lineOf(long)}”; is the right column the label?`,
    );
}

function agreeing(rows: readonly LabelledText[], leftOut: LeftOut[]): LabelledText[] {
  const labelsOf = new Map<string, Set<string>>();
  for (const row of rows) {
    const key = rowKey(row.text);
    labelsOf.set(key, (labelsOf.get(key) ?? new Set()).add(row.label));
  }
  const kept: LabelledText[] = [];
  const seen = new Set<string>();
  const contradictory: string[] = [];
  let [contradicting, repeated] = [0, 0];
  for (const row of rows) {
    const key = rowKey(row.text);
    const labels = labelsOf.get(key) ?? new Set();
    if (labels.size > 1) {
      contradicting += 1;
      if (!seen.has(key) && contradictory.length < SAMPLES)
        contradictory.push(`${[...labels].sort().join(' and ')}: “${lineOf(row.text)}”`);
    } else if (seen.has(key)) repeated += 1;
    else kept.push({ text: row.text.slice(0, TEXT_MOST), label: row.label });
    seen.add(key);
  }
  leftOut.push(
    { reason: 'the same text under several labels', count: contradicting, samples: contradictory },
    { reason: 'repeated', count: repeated, samples: [] },
  );
  return kept;
}

/** A label with a single text can be learnt or measured, not both. */
function withoutLonely(
  name: string,
  rows: readonly LabelledText[],
  leftOut: LeftOut[],
): readonly LabelledText[] {
  const counts = countsOf(rows);
  const lonely = [...counts].filter(([, count]) => count < 2).map(([label]) => label);
  if (counts.size - lonely.length < 2)
    throw invalid(
      name,
      rows.length < 2
        ? 'has the same text in all rows, or no text under one label alone'
        : `has ${rows.length} different texts that agree on their label, and fewer than two labels with two of them; ${counts.size} labels are named`,
    );
  if (lonely.length === 0) return rows;
  const gone = new Set(lonely);
  leftOut.push({
    reason: 'the only text of its label',
    count: lonely.length,
    samples: lonely.slice(0, SAMPLES).map(lineOf),
  });
  return rows.filter((row) => !gone.has(row.label));
}

/** At most ROWS_MOST, as evenly by label as the rows allow, in their order. */
function drawn(
  rows: readonly LabelledText[],
  seed: number,
  leftOut: LeftOut[],
): readonly LabelledText[] {
  if (rows.length <= ROWS_MOST) return rows;
  const places = new Map<string, number[]>();
  for (const at of shuffledIndices(rows.length, seed)) {
    const label = rows[at]?.label ?? '';
    const group = places.get(label);
    if (group === undefined) places.set(label, [at]);
    else group.push(at);
  }
  const chosen: number[] = [];
  let left = ROWS_MOST;
  const groups = [...places.values()].toSorted((a, b) => a.length - b.length);
  groups.forEach((group, at) => {
    const share = Math.floor(left / (groups.length - at));
    for (const place of group.slice(0, share)) chosen.push(place);
    left -= Math.min(share, group.length);
  });
  leftOut.push({
    reason: `beyond ${ROWS_MOST} rows, drawn evenly by label`,
    count: rows.length - chosen.length,
    samples: [],
  });
  return chosen.toSorted((a, b) => a - b).flatMap((at) => rows[at] ?? []);
}

function languageWords(rows: readonly LabelledText[]): string[] {
  const step = Math.max(1, Math.floor(rows.length / LANGUAGE_ROWS));
  const counts = new Map<string, number>();
  let total = 0;
  for (let at = 0; at < rows.length; at += step) {
    const language = tongueOf(rows[at]?.text ?? '');
    if (language === undefined) continue;
    counts.set(language, (counts.get(language) ?? 0) + 1);
    total += 1;
  }
  const many = [...counts].filter(([, count]) => count / total >= LANGUAGE_SHARE);
  if (many.length < 2) return [];
  const shares = many
    .toSorted((a, b) => b[1] - a[1])
    .map(([language, count]) => `${language} ${Math.round((100 * count) / total)} %`);
  return [
    `the texts are in several languages (${shares.join(', ')}); measure each on rows of its own`,
  ];
}

/** One line of a text for a report. */
export function lineOf(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= 80 ? line : `${line.slice(0, 79)}…`;
}

function invalid(name: string, problem: string): CadreError {
  return new CadreError('invalid_request', `${name} ${problem}`, { param: 'data' });
}
