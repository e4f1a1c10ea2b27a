import type { GradeScale } from '../base/grade-model.ts';
import { shuffledIndices } from '../base/random.ts';
import { CadreError } from '../core/errors.ts';
import type { LeftOut } from '../core/specialist.ts';
import { lineOf, ROWS_MOST, rowKey } from './curated-rows.ts';
import { agreeingGrades, type GradedRow } from './grade-agreement.ts';
import { readSource, type SourceRow } from './row-source.ts';

export interface GradedRows {
  readonly rows: readonly GradedRow[];
  readonly scale: GradeScale;
  readonly leftOut: readonly LeftOut[];
  readonly warnings: readonly string[];
}

/** Names of the column of the number, in the order in which they are looked for. */
export const GRADE_NAMES = [
  'score',
  'grade',
  'rating',
  'stars',
  'value',
  'number',
  'label',
  'target',
  'output',
  'completion',
  'points',
  'y',
];
const TEXT_MOST = 4000;
const LEAST_ROWS = 10;
const SAMPLES = 5;
/** With more numbers than this a scale counts as one without steps. */
const LEVELS_MOST = 11;
/** A number beyond the middle nine tenths of the others by more than so many times what they span … */
const FAR = 3;
/** … and no more of them than this share: many are no typing mistakes. */
const FAR_SHARE = 0.01;

/**
 * Texts with a number each: a table with the columns `text` and `score` (or grade, rating, stars …),
 * JSON lines with these fields, or chats whose answer is the number. A row without a number, or with one
 * that lies far outside of the others, is left out and told; of a text that comes with several numbers
 * see `agreeingGrades`. Throws `invalid_request` for what cannot be learnt from.
 */
export async function readGradedRows(
  name: string,
  text: string,
  seed: number,
): Promise<GradedRows> {
  const leftOut: LeftOut[] = [];
  const read = await numbersOf(name, text, leftOut);
  requireRows(name, read, leftOut);
  const near = withoutFar(read, leftOut);
  const scale = scaleOf(near.map((row) => row.grade));
  const agreed = agreeingGrades(near, scale, leftOut);
  requireRows(name, agreed, leftOut);
  const rows = drawn(agreed, seed, leftOut);
  return { rows, scale, leftOut: leftOut.filter((one) => one.count > 0), warnings: cutWords(rows) };
}

/** As `readGradedRows`, of rows to measure on alone: repeated ones and those that are taught say nothing. */
export async function readGradedTest(
  name: string,
  text: string,
  isTaught: (text: string) => boolean,
): Promise<{ readonly rows: readonly GradedRow[]; readonly warnings: readonly string[] }> {
  const leftOut: LeftOut[] = [];
  const read = await numbersOf(name, text, leftOut);
  const foreign = agreeingGrades(read, scaleOf(read.map((row) => row.grade)), leftOut).filter(
    (row) => !isTaught(row.text),
  );
  if (foreign.length === 0)
    throw invalid(
      name,
      'has no row with a number that the training data do not hold too; measure on other rows',
      'test',
    );
  const warnings = leftOut
    .filter((one) => one.count > 0)
    .map(({ reason, count, samples }) => `${count} test rows: ${reason} (${samples.join('; ')})`);
  return { rows: foreign.slice(0, ROWS_MOST), warnings };
}

async function numbersOf(name: string, text: string, leftOut: LeftOut[]): Promise<GradedRow[]> {
  if (text.trim() === '') throw invalid(name, 'is empty');
  const rows: GradedRow[] = [];
  const bad = new Map<string, string[]>();
  const leave = (reason: string, row: SourceRow) => {
    const words = row.label === '' ? `row ${row.line}` : `row ${row.line}: “${lineOf(row.label)}”`;
    const samples = bad.get(reason);
    if (samples === undefined) bad.set(reason, [words]);
    else samples.push(words);
  };
  for await (const batch of readSource(name, once(text), { labels: GRADE_NAMES }))
    for (const row of batch.rows) {
      const grade = numberOf(row.label);
      if (row.problem !== undefined)
        leave(row.problem === 'no label' ? 'no number' : row.problem, row);
      else if (grade === undefined) leave('not a number', row);
      else rows.push({ text: row.text.slice(0, TEXT_MOST), grade });
    }
  for (const [reason, samples] of bad)
    leftOut.push({ reason, count: samples.length, samples: samples.slice(0, SAMPLES) });
  return rows;
}

async function* once(text: string): AsyncGenerator<string> {
  yield text;
}

/** `4`, `-0.5`, `4,5` (but not `1,234`, which may be a thousand); undefined where it is no finite number. */
function numberOf(text: string): number | undefined {
  if (!/^[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?$/i.test(text)) return undefined;
  if (/,\d{3}$/.test(text)) return undefined;
  const value = Number(text.replace(',', '.'));
  return Number.isFinite(value) ? value : undefined;
}

function requireRows(name: string, rows: readonly GradedRow[], leftOut: readonly LeftOut[]): void {
  const why = leftOut
    .filter((one) => one.count > 0)
    .map((one) => `; ${one.count} left out: ${one.reason} (${one.samples[0] ?? ''})`)
    .join('');
  const count = new Set(rows.map((row) => rowKey(row.text))).size;
  if (count < LEAST_ROWS)
    throw invalid(
      name,
      `holds ${count} different texts with a number; at least ${LEAST_ROWS} are needed: columns \`text\` and \`score\`, or {"text": "…", "score": 4}${why}`,
    );
  if (rows.every((row) => row.grade === rows[0]?.grade))
    throw invalid(
      name,
      `gives every text the number ${rows[0]?.grade}: there is nothing to tell apart${why}`,
    );
}

function withoutFar(rows: readonly GradedRow[], leftOut: LeftOut[]): readonly GradedRow[] {
  const sorted = Float64Array.from(rows, (row) => row.grade).sort();
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  const [low, high] = [at(0.05), at(0.95)];
  const reach = FAR * (high - low);
  if (reach === 0) return rows;
  const isFar = ({ grade }: GradedRow) => grade < low - reach || grade > high + reach;
  const far = rows.filter(isFar);
  if (far.length === 0 || far.length > Math.max(1, FAR_SHARE * rows.length)) return rows;
  leftOut.push({
    reason: `with a number far outside of the others (${low} – ${high}): another scale, or a typing mistake?`,
    count: far.length,
    samples: far.slice(0, SAMPLES).map((row) => `${row.grade}: “${lineOf(row.text)}”`),
  });
  return rows.filter((row) => !isFar(row));
}

/** Its ends, and its step where it has few numbers at even distances. */
function scaleOf(grades: readonly number[]): GradeScale {
  const levels = [...new Set(grades)].sort((a, b) => a - b);
  const [low = 0] = levels;
  const high = levels.at(-1) ?? 0;
  const gaps = levels.slice(1).map((level, at) => level - (levels[at] ?? 0));
  const step = gaps.reduce((least, gap) => Math.min(least, gap), high - low);
  const isEven = gaps.every((gap) => Math.abs(gap / step - Math.round(gap / step)) < 1e-6);
  const isStepped = isEven && Math.round((high - low) / step) < LEVELS_MOST;
  return { low, high, step: isStepped ? Number(step.toPrecision(12)) : null };
}

function drawn(rows: readonly GradedRow[], seed: number, leftOut: LeftOut[]): readonly GradedRow[] {
  if (rows.length <= ROWS_MOST) return rows;
  const chosen = shuffledIndices(rows.length, seed).slice(0, ROWS_MOST).toSorted();
  leftOut.push({
    reason: `beyond ${ROWS_MOST} rows, drawn by the seed`,
    count: rows.length - ROWS_MOST,
    samples: [],
  });
  return [...chosen].flatMap((at) => rows[at] ?? []);
}

function cutWords(rows: readonly GradedRow[]): string[] {
  const cut = rows.filter((row) => row.text.length >= TEXT_MOST).length;
  return cut === 0 ? [] : [`of ${cut} texts only the first ${TEXT_MOST} characters are read`];
}

function invalid(name: string, problem: string, param = 'data'): CadreError {
  return new CadreError('invalid_request', `${name} ${problem}`, { param });
}
