import { join } from 'node:path';
import { readDataFile } from '../adapters/data-file.ts';
import { GateFiles } from '../adapters/stores/gate-files.ts';
import { parsedJson } from '../base/parsed-json.ts';
import { readText } from '../base/text-reading.ts';
import { CadreError } from '../core/errors.ts';
import { type GateReport, gateReportSchema } from '../core/gate-report.ts';
import { type GradedTable, gradedTableSchema } from '../core/online-state.ts';
import { type GradedFile, readGradedFile } from '../gate/graded-file.ts';
import { gradedTable } from '../gate/graded-table.ts';
import { type GateModel, joinGateModel } from '../gate/success/gate-model.ts';
import { encodeJoined } from '../gate/success/model-file.ts';
import { NEWCOMER_ROWS_LEAST, type NewcomerRow } from '../gate/success/onboard.ts';
import { contentHash } from './content-hash.ts';
import { promptSlicer } from './gate-fit.ts';
import { incumbentOf, JOINED_FILE, marksOf, promptMark, withJoined } from './gate-incumbent.ts';
import { SCOPE_FILE } from './gate-loading.ts';
import { VERSION } from './version.ts';

/** Rows from which a joined model is known about as well as it will be without a new fit. */
const ROWS_GOOD = 100;

export interface GateJoinWish {
  readonly home: string;
  readonly spoke: string;
  /** JSON lines of graded requests; as a file plain or gzipped. */
  readonly file: string | { readonly text: string };
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface GateJoinResult {
  readonly version: number;
  readonly spoke: string;
  /** Graded requests that it is known by; of them those with a grade of the reference. */
  readonly rows: number;
  readonly withReference: number;
  readonly reference: string;
  /** Mean scores on the rows that grade both; absent where there is none. */
  readonly quality?: { readonly spoke: number; readonly reference: number };
  /** Set where more rows would say more. */
  readonly fewRows?: string;
}

/**
 * A new version of the gate in force that knows one spoke more, from few graded requests and without a
 * new fit; not in force yet. The gate's own file and certificate are taken over as they are: the
 * promise is about the models that it was made for. Throws `gate_not_found`, `gate_damaged` and
 * `invalid_request`.
 */
export function joinGateInHome({ home, spoke, file, now }: GateJoinWish): GateJoinResult {
  const files = new GateFiles(join(home, 'gate'));
  const found = incumbentOf(files);
  if (found === undefined)
    throw new CadreError(
      'gate_not_found',
      `${isStarters(files) ? 'the gate that came with the farm takes nobody in' : `no fitted gate is in force that ${spoke} could join`}: \`cadre gate fit\` makes one of your own`,
    );
  const { version: before, bytes, model: fitted } = found;
  if (fitted.success.models.includes(spoke))
    throw new CadreError(
      'invalid_request',
      `gate ${before} knows ${spoke} already; what is new of it is learned by \`cadre gate fit\``,
    );
  const gate = contentHash(bytes);
  const known = intactOr(fitted, () => withJoined(files, before, fitted, gate));
  const text = typeof file === 'string' ? readDataFile(file) : file.text;
  const name = typeof file === 'string' ? file : 'graded traffic';
  const graded = gradesOf(readGradedFile(gradesAlone(text), undefined, name, 1), spoke, name);
  const rows = graded.map((line) => rowOf(line, fitted));
  const model = joinGateModel(known, spoke, rows);
  const marks = [...marksOf(files, before), ...graded.map(({ prompt }) => promptMark(prompt))];
  const joined = (model.success.newcomers ?? []).map((one) => ({ model: one.id, rows: one.rows }));
  const report = { ...readReport(files, before), madeAt: new Date(now).toISOString(), joined };
  const kept = ['certificate.json', 'curve.svg'].filter((one) => files.has(before, one));
  const version = files.add({
    ...Object.fromEntries(kept.map((one) => [one, files.read(before, one)])),
    'model.bin': bytes,
    [JOINED_FILE]: encodeJoined(model, gate),
    'report.json': `${JSON.stringify({ ...report, code: VERSION }, null, 2)}\n`,
    'table.json': JSON.stringify(tableWith(readTable(files, before), graded, spoke)),
    'fitted-prompts.json': JSON.stringify([...new Set(marks)]),
  });
  const reference = fitted.success.models[fitted.reference] ?? '';
  return { version, spoke, rows: rows.length, reference, ...comparedWith(rows, fitted) };
}

function isStarters(files: GateFiles): boolean {
  const version = files.current();
  return version !== undefined && files.has(version, SCOPE_FILE);
}

/** The lines without what is beside the scores, which may name other models than these do. */
function gradesAlone(text: string): string {
  return text
    .split('\n')
    .map((line) => {
      const value = parsedJson(line);
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return line;
      const { prompt, messages, task, scores, weight } = value as Readonly<Record<string, unknown>>;
      return JSON.stringify({ prompt, messages, task, scores, weight });
    })
    .join('\n');
}

/** A damaged file of those that joined before leaves only them out. */
function intactOr(fitted: GateModel, read: () => GateModel): GateModel {
  try {
    return read();
  } catch {
    return fitted;
  }
}

interface GradedLine {
  readonly prompt: string;
  readonly task: string;
  readonly score: number;
  /** What it counts, more than 0 and at most 1. */
  readonly weight: number;
  /** By model. */
  readonly scores: ReadonlyMap<string, number>;
}

/** The requests that grade the spoke. Throws `invalid_request` that says how many are missing. */
function gradesOf({ models, lines }: GradedFile, spoke: string, name: string): GradedLine[] {
  const place = models.indexOf(spoke);
  const graded = lines.flatMap(({ prompt, task, scores, weight = 1 }): GradedLine[] => {
    const score = scores[place] ?? Number.NaN;
    if (Number.isNaN(score)) return [];
    const named = models.map((model, at) => [model, scores[at] ?? Number.NaN] as const);
    return [{ prompt, task, score, weight, scores: new Map(named) }];
  });
  const missing = NEWCOMER_ROWS_LEAST - graded.length;
  if (missing <= 0) return graded;
  const found = place < 0 ? ` (it grades ${models.join(', ')})` : '';
  throw new CadreError(
    'invalid_request',
    `${graded.length} requests of ${name} grade ${spoke}${found}; ${missing} more are needed, and ${ROWS_GOOD} say much more: {"prompt": …, "scores": {"${spoke}": 0 … 1}}`,
  );
}

function rowOf(
  { prompt, task, score, scores, weight }: GradedLine,
  { success }: GateModel,
): NewcomerRow {
  return {
    reading: readText(prompt),
    ...(success.taskNames.includes(task) ? { task } : {}),
    score,
    weight,
    others: success.models.map((model) => scores.get(model) ?? Number.NaN),
  };
}

function comparedWith(rows: readonly NewcomerRow[], { reference }: GateModel) {
  const both = rows.filter(({ others }) => !Number.isNaN(others?.[reference] ?? Number.NaN));
  const meanOf = (read: (row: NewcomerRow) => number) =>
    both.reduce((sum, row) => sum + read(row), 0) / both.length;
  const quality = {
    spoke: meanOf(({ score }) => score),
    reference: meanOf(({ others }) => others?.[reference] ?? 0),
  };
  const isFew = rows.length < ROWS_GOOD;
  return {
    withReference: both.length,
    ...(both.length === 0 ? {} : { quality }),
    ...(isFew
      ? { fewRows: `${ROWS_GOOD - rows.length} more graded requests would tell much more of it` }
      : {}),
  };
}

/** Throws `gate_damaged`: a new version would have no figures of its gate. */
function readReport(files: GateFiles, version: number): GateReport {
  const text = Buffer.from(files.read(version, 'report.json')).toString();
  const { data } = gateReportSchema.safeParse(parsedJson(text));
  if (data !== undefined) return data;
  throw new CadreError('gate_damaged', `${files.pathOf(version, 'report.json')} cannot be read`);
}

function readTable(files: GateFiles, version: number): GradedTable {
  const text = Buffer.from(files.read(version, 'table.json')).toString();
  return gradedTableSchema.safeParse(parsedJson(text)).data ?? {};
}

/** The table with the spoke's own grades, in the place of older ones. */
function tableWith(table: GradedTable, lines: readonly GradedLine[], spoke: string): GradedTable {
  const sliceOf = promptSlicer();
  const nothing = { expectedLoss: [], costs: [] };
  const rows = lines.map(({ prompt, score }) => ({
    ...nothing,
    scores: [score],
    slice: sliceOf(prompt),
  }));
  const own = gradedTable({ models: [spoke], reference: 0, rows });
  const tasks = new Set([...Object.keys(table), ...Object.keys(own)]);
  return Object.fromEntries(
    [...tasks].map((task) => {
      const { [spoke]: _, ...others } = table[task] ?? {};
      return [task, { ...others, ...own[task] }];
    }),
  );
}
