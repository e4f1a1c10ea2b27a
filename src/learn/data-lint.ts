import { quantile } from '../base/statistics.ts';
import type { DataFigures, DataFinding, DataSample } from '../core/data-report.ts';
import {
  findingOf,
  labelRules,
  languageRule,
  lengthRules,
  Samples,
  unreadableRows,
} from './data-rules.ts';
import { nearFindings } from './near-findings.ts';
import type { NearRows } from './near-rows.ts';
import { noiseFindings, noiseRows } from './noise-findings.ts';
import type { RowTable } from './row-table.ts';

export interface LintInput {
  readonly table: RowTable;
  readonly near: NearRows;
  readonly seed: number;
  /** What of a person a text holds, in words (`an e-mail address`). */
  readonly personal: (text: string) => readonly string[];
  /** False = labels are not examined, which takes most of the time. */
  readonly noise: boolean;
  /** Vectors of `noiseRows`; absent = n-grams alone. */
  readonly vectors?: readonly Float32Array[];
}

export interface LintProgress {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
}

const ORDER = { error: 0, warning: 1, note: 2 } as const;
const TURN = 2000;

/** All that the rows say about themselves, errors first; the same rows and seed give the same report. */
export function* lintRows(
  input: LintInput,
): Generator<LintProgress, { readonly figures: DataFigures; readonly findings: DataFinding[] }> {
  const { table, near } = input;
  const languages = languageRule(table);
  const personal = yield* personalRule(input);
  const findings = [
    ...unreadableRows(table),
    ...labelRules(table),
    ...nearFindings(table, near),
    ...lengthRules(table),
    ...languages.findings,
    ...personal,
  ];
  if (input.noise) {
    const scoring = noiseFindings(table, noiseRows(table, near), input);
    let step = scoring.next();
    while (!step.done) {
      yield { stage: 'labels', done: step.value, total: 1 };
      step = scoring.next();
    }
    findings.push(...step.value);
  }
  return {
    figures: figuresOf(table, near, languages),
    findings: findings.toSorted((a, b) => ORDER[a.severity] - ORDER[b.severity]),
  };
}

/** Neither the text nor what was found in it is shown. */
function* personalRule({ table, personal }: LintInput): Generator<LintProgress, DataFinding[]> {
  const samples = new Samples();
  const kinds = new Map<string, number>();
  for (let row = 0; row < table.length; row += 1) {
    const found = personal(table.textOf(row));
    if (found.length > 0) {
      samples.add({ line: table.lineOf(row), label: table.labelOf(row), note: found.join(', ') });
      for (const kind of found) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
    if (row % TURN === 0) yield { stage: 'personal data', done: row, total: table.length };
  }
  const told = [...kinds].map(([kind, count]) => `${kind} in ${count}`);
  return findingOf(
    {
      rule: 'personal-data',
      severity: 'warning',
      message: `texts with personal data or keys: ${told.join(', ')}`,
      remedy:
        'Replace them by invented ones: a model may repeat what it was taught. Names of persons are not looked for.',
    },
    samples,
  );
}

function figuresOf(
  table: RowTable,
  near: NearRows,
  { languages, languageRows }: Pick<DataFigures, 'languages' | 'languageRows'>,
): DataFigures {
  let [distinct, kept] = [0, 0];
  near.leaders.forEach((leader, row) => {
    if (leader === row) kept += 1;
    if (!near.earlier(row).some((pair) => pair.similarity === 1)) distinct += 1;
  });
  const { lengths } = table;
  const at = (share: number) => (lengths.length === 0 ? 0 : Math.round(quantile(lengths, share)));
  return {
    read: table.read,
    rows: table.length,
    distinct,
    kept,
    labels: [...table.counts()]
      .map(([label, rows]) => ({ label, rows }))
      .toSorted((a, b) => b.rows - a.rows),
    languages,
    languageRows,
    lengths: { least: at(0), median: at(0.5), p95: at(0.95), most: at(1) },
  };
}

/** One line of a sample for people. */
export function sampleLine(sample: DataSample): string {
  const { line, text, label, suggested, otherLine, otherLabel, similarity, certainty, note } =
    sample;
  const where = [
    ...(line === undefined ? [] : [`line ${line}`]),
    ...(label === undefined ? [] : [`[${label}]`]),
    ...(suggested === undefined ? [] : [`→ [${suggested}]`]),
  ].join(' ');
  const other =
    otherLine === undefined
      ? []
      : [
          `like line ${otherLine}${otherLabel === undefined || otherLabel === label ? '' : ` [${otherLabel}]`}`,
        ];
  const more = [
    ...(text === undefined ? [] : [`“${text}”`]),
    ...other,
    ...(similarity === undefined ? [] : [similarity === 1 ? 'the same' : `overlap ${similarity}`]),
    ...(certainty === undefined ? [] : [`${(100 * certainty).toFixed(1)} % sure`]),
    ...(note === undefined ? [] : [note]),
  ].join(', ');
  return [where, more].filter((one) => one !== '').join(': ');
}
