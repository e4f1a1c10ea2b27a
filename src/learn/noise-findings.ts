import type { ConfidentReport } from '../base/confident-learning.ts';
import type { DataFinding } from '../core/data-report.ts';
import { lineOf, ROWS_MOST } from './curated-rows.ts';
import { findingOf, Samples, sampleOf } from './data-rules.ts';
import { findLabelNoise } from './label-noise.ts';
import type { NearRows } from './near-rows.ts';
import type { RowTable } from './row-table.ts';

/** Rows times labels that are scored; more take minutes. */
const CELLS_MOST = 5_000_000;
const LABELS_MOST = 1000;
/** Fewer say nothing about a label. */
const ROWS_LEAST = 20;
const CONFUSIONS_SHOWN = 3;
/**
 * Where more rows than that seem wrong by their words alone, it is the words that do not tell: 31 of 60
 * sound rows with three labels, of which one is in doubt by words and meaning.
 */
const DOUBTED_MOST = 1 / 3;

/**
 * The rows whose labels are examined: each text once, of labels with two of them, in the order of the
 * file, evenly drawn where there are too many.
 */
export function noiseRows(table: RowTable, near: NearRows): number[] {
  if (table.labels.length < 2 || table.labels.length > LABELS_MOST) return [];
  const { classes } = table;
  const counts = new Int32Array(table.labels.length);
  const rows: number[] = [];
  near.leaders.forEach((leader, row) => {
    if (leader !== row && near.similarities[row] === 1) return;
    rows.push(row);
    const label = classes[row] as number;
    counts[label] = (counts[label] as number) + 1;
  });
  const most = Math.min(ROWS_MOST, Math.floor(CELLS_MOST / table.labels.length));
  const step = Math.max(1, rows.length / most);
  const taken = rows.filter((row) => (counts[classes[row] as number] as number) > 1);
  if (taken.length < ROWS_LEAST) return [];
  return step === 1
    ? taken
    : Array.from(
        { length: Math.floor(taken.length / step) },
        (_, at) => taken[Math.floor(at * step)] ?? 0,
      );
}

/** Yields the share that is done. */
export function* noiseFindings(
  table: RowTable,
  rows: readonly number[],
  options: { readonly seed: number; readonly vectors?: readonly Float32Array[] },
): Generator<number, DataFinding[]> {
  if (rows.length === 0) return [];
  const scoring = findLabelNoise({
    texts: rows.map((row) => table.textOf(row)),
    classes: Int32Array.from(rows, (row) => table.classes[row] as number),
    labelCount: table.labels.length,
    ...options,
  });
  let step = scoring.next();
  while (!step.done) {
    yield step.value / 5;
    step = scoring.next();
  }
  const { issues } = step.value;
  return options.vectors === undefined && issues.length > DOUBTED_MOST * rows.length
    ? untoldFinding(issues.length, rows.length)
    : noiseFinding(table, rows, step.value);
}

function untoldFinding(count: number, rows: number): DataFinding[] {
  return findingOf(
    {
      rule: 'label-noise',
      severity: 'note',
      message: `of ${rows} rows have words that the other rows have under another label: too many to call the labels wrong`,
      remedy:
        'Look again with `--embeddings`, which compares what texts mean, or with more rows of each label.',
    },
    { count, found: [] },
  );
}

function noiseFinding(
  table: RowTable,
  rows: readonly number[],
  { issues, confusions }: ConfidentReport,
): DataFinding[] {
  const samples = new Samples();
  for (const { row, suggested, probability } of issues)
    samples.add({
      ...sampleOf(table, rows[row] ?? 0),
      suggested: table.labels[suggested] ?? '',
      certainty: Number((1 - probability).toFixed(4)),
    });
  const pairs = confusions
    .filter((one) => one.rows >= 2)
    .slice(0, CONFUSIONS_SHOWN)
    .map(
      (one) =>
        `${lineOf(table.labels[one.given] ?? '')} for ${lineOf(table.labels[one.suggested] ?? '')} (about ${Math.round(one.rows)})`,
    );
  const share = rows.length < table.length ? ` of ${rows.length} examined texts` : '';
  return findingOf(
    {
      rule: 'label-noise',
      severity: 'warning',
      message: `labels that the other rows contradict${share}${pairs.length === 0 ? '' : `; most often ${pairs.join(', ')}`}`,
      remedy:
        'Read them in this order, the surest first, and correct those that are wrong; `--json` lists up to 1,000 with the suggested label.',
    },
    samples,
  );
}
