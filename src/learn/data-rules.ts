import { quantile } from '../base/statistics.ts';
import { tongueOf } from '../base/tongue.ts';
import type { DataFinding, DataSample } from '../core/data-report.ts';
import { lineOf } from './curated-rows.ts';
import { likePairs } from './like-labels.ts';
import { type RowTable, TEXT_READ } from './row-table.ts';

export const SAMPLES_MOST = 1000;
/** Rows per label below which little is learnt: ten teach well with an embedding, one teaches nothing. */
const ROWS_WANTED = 10;
const ROWS_LEAST = 2;
/** Times the rows of the smallest label. */
const IMBALANCE = 10;
const LONG_TIMES = 20;
const LONG_LEAST = 500;
const SHORT = 3;
const LANGUAGE_SHARE = 0.02;
const LANGUAGE_SAMPLE = 20_000;

/** Where the rules put what they find: at most so many samples, all counted. */
export class Samples {
  readonly found: DataSample[] = [];
  count = 0;

  add(sample: DataSample): void {
    this.count += 1;
    if (this.found.length < SAMPLES_MOST) this.found.push(sample);
  }
}

export function sampleOf(table: RowTable, row: number): DataSample {
  return {
    line: table.lineOf(row),
    text: lineOf(table.textOf(row)),
    label: table.labelOf(row),
  };
}

/** The finding, where there is any. */
export function findingOf(
  rest: Omit<DataFinding, 'count' | 'samples'>,
  { count, found }: Pick<Samples, 'count' | 'found'>,
): DataFinding[] {
  return count === 0 ? [] : [{ ...rest, count, samples: found }];
}

export function unreadableRows(table: RowTable): DataFinding[] {
  const samples = new Samples();
  for (const [reason, lines] of table.broken)
    for (const line of lines) samples.add({ line, note: reason });
  const reasons = [...table.broken].map(([reason, lines]) => `${lines.length} ${reason}`);
  return findingOf(
    {
      rule: 'unreadable-rows',
      severity: 'warning',
      message: `rows that teach nothing: ${reasons.join(', ')}`,
      remedy:
        'Fill in or delete them; a row with too many fields lacks quotes around a text with commas.',
    },
    samples,
  );
}

export function labelRules(table: RowTable): DataFinding[] {
  const counts = table.counts();
  if (counts.size === 1)
    return [
      {
        rule: 'one-label',
        severity: 'error',
        count: table.length,
        message: `all rows have the label “${lineOf(table.labels[0] ?? '')}”`,
        remedy: 'Add rows of at least one other label; is the right column the label?',
        samples: [],
      },
    ];
  return [...alike(counts), ...fewRows(counts), ...imbalance(counts)];
}

function alike(counts: ReadonlyMap<string, number>): DataFinding[] {
  const samples = new Samples();
  for (const { left, right } of likePairs(counts)) {
    const [rare = '', usual = ''] = [left, right].toSorted(
      (a, b) => (counts.get(a) ?? 0) - (counts.get(b) ?? 0),
    );
    samples.add({
      label: rare,
      suggested: usual,
      note: `${counts.get(rare)} and ${counts.get(usual)} rows`,
    });
  }
  return findingOf(
    {
      rule: 'like-labels',
      severity: 'warning',
      message: 'labels that look like one: another case, a plural, a typing error',
      remedy: 'Write them in one way, or keep them where they differ on purpose.',
    },
    samples,
  );
}

function fewRows(counts: ReadonlyMap<string, number>): DataFinding[] {
  const few = [...counts].filter(([, count]) => count < ROWS_WANTED);
  const samples = new Samples();
  for (const [label, count] of few.toSorted((a, b) => a[1] - b[1]))
    samples.add({ label, note: `${count} ${count === 1 ? 'row' : 'rows'}` });
  return findingOf(
    {
      rule: 'few-rows',
      severity: few.some(([, count]) => count < ROWS_LEAST) ? 'error' : 'warning',
      message: `labels with fewer than ${ROWS_WANTED} rows`,
      remedy:
        'Add rows, or merge these labels with others; a label with one row can be learnt or measured, not both.',
    },
    samples,
  );
}

function imbalance(counts: ReadonlyMap<string, number>): DataFinding[] {
  const sorted = [...counts].toSorted((a, b) => b[1] - a[1]);
  const [most, least] = [sorted[0], sorted.at(-1)];
  if (most === undefined || least === undefined || most[1] < IMBALANCE * least[1]) return [];
  return [
    {
      rule: 'imbalance',
      severity: 'warning',
      count: sorted.filter(([, count]) => most[1] >= IMBALANCE * count).length,
      message: `“${lineOf(most[0])}” has ${most[1]} rows, ${(most[1] / least[1]).toFixed(0)} times those of “${lineOf(least[0])}” (${least[1]})`,
      remedy:
        'Add rows of the small labels, and judge a model by its accuracy per label, not by the mean.',
      samples: [],
    },
  ];
}

export function lengthRules(table: RowTable): DataFinding[] {
  const long = new Samples();
  const short = new Samples();
  const { lengths } = table;
  const limit = Math.max(
    LONG_LEAST,
    LONG_TIMES * (lengths.length === 0 ? 0 : quantile(lengths, 0.5)),
  );
  for (let row = 0; row < lengths.length; row += 1) {
    const length = lengths[row] as number;
    if (length > Math.min(limit, TEXT_READ))
      long.add({ ...sampleOf(table, row), note: `${length} characters` });
    else if (length < SHORT || !/[\p{L}\p{N}]/u.test(table.textOf(row)))
      short.add(sampleOf(table, row));
  }
  return [
    ...findingOf(
      {
        rule: 'long-texts',
        severity: 'note',
        message: `texts much longer than the others; of each the first ${TEXT_READ} characters are read`,
        remedy: 'Cut them to the part that the label is about, or index them as documents.',
      },
      long,
    ),
    ...findingOf(
      {
        rule: 'short-texts',
        severity: 'warning',
        message: `texts of fewer than ${SHORT} characters, or without a letter`,
        remedy: 'Delete them unless requests really look like this.',
      },
      short,
    ),
  ];
}

export interface LanguageCounts {
  readonly languages: { readonly language: string; readonly rows: number }[];
  /** Rows that were looked at. */
  readonly languageRows: number;
  readonly findings: DataFinding[];
}

export function languageRule(table: RowTable): LanguageCounts {
  const step = Math.max(1, Math.ceil(table.length / LANGUAGE_SAMPLE));
  const rows = new Map<string, number[]>();
  let seen = 0;
  for (let row = 0; row < table.length; row += step) {
    const tongue = tongueOf(table.textOf(row)) ?? 'unknown';
    const list = rows.get(tongue) ?? [];
    list.push(row);
    rows.set(tongue, list);
    seen += 1;
  }
  const languages = [...rows]
    .map(([language, list]) => ({ language, rows: list.length }))
    .toSorted((a, b) => b.rows - a.rows);
  const known = languages.filter((one) => one.language !== 'unknown');
  const told = known.reduce((sum, one) => sum + one.rows, 0);
  const many = known.filter((one) => one.rows >= Math.max(2, LANGUAGE_SHARE * told));
  const samples = new Samples();
  for (const { language } of many.slice(1))
    for (const row of rows.get(language) ?? [])
      samples.add({ ...sampleOf(table, row), note: language });
  return {
    languages,
    languageRows: seen,
    findings: findingOf(
      {
        rule: 'mixed-languages',
        severity: 'note',
        message: `several languages: ${many.map((one) => `${one.language} ${Math.round((100 * one.rows) / told)} %`).join(', ')} of the texts long enough to tell`,
        remedy: 'Measure each language on rows of its own; the small embedder reads English best.',
      },
      samples,
    ),
  };
}
