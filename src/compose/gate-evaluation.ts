import { readDataFile } from '../adapters/data-file.ts';
import { drawPicture } from '../base/curve-picture.ts';
import { quantile } from '../base/statistics.ts';
import { readText } from '../base/text-reading.ts';
import { CadreError } from '../core/errors.ts';
import { nearestName } from '../core/nearest.ts';
import { readModelList } from '../gate/model-list.ts';
import { type Dataset, type DatasetRow, readDataset } from '../gate/success/dataset.ts';
import { fitSuccess, ROWS_LEAST } from '../gate/success/fit.ts';
import { type CertifiedReport, reportCertificates } from '../gate/success/gate-certify.ts';
import { type GateReport, reportGate } from '../gate/success/gate-report.ts';
import {
  gradedOf,
  type ScoringResult,
  scoreApart,
  scoreInFolds,
} from '../gate/success/held-out-scores.ts';
import { reportCosts } from '../gate/success/report-costs.ts';
import { bestModel, estimateSuccess } from '../gate/success/success-model.ts';

/** What `cadre eval gate` was asked. */
export interface GateWish {
  readonly data?: string;
  readonly train?: string;
  readonly test?: string;
  readonly models?: string;
  readonly reference?: string;
  readonly folds: number;
  readonly byTask: boolean;
  readonly seed: number;
  readonly certify?: { readonly alpha: number; readonly delta: number };
}

export interface GateEvaluation extends GateReport {
  readonly certified?: CertifiedReport;
  /** Microseconds of reading a prompt and estimating every model, on this machine. */
  readonly decisionMicroseconds: { readonly p50: number; readonly p99: number };
  /** Seconds of CPU of the last fit. */
  readonly fitSeconds: number;
  readonly seed: number;
}

const TIMED_ROWS = 400;
/** Tokens per character, and of an answer nobody counted: only the ratio of prices matters. */
const TOKENS_PER_CHARACTER = 0.25;
const ANSWER_TOKENS = 300;

/** Fits gates on rows and measures them on others. Throws CadreError that says what is wrong with which file. */
export function evaluateGateFiles(wish: GateWish): {
  evaluation: GateEvaluation;
  /** SVG; absent where nobody knows what a model costs. */
  picture?: string;
} {
  const file = wish.models === undefined ? undefined : readModelList(readDataFile(wish.models));
  const first = readRows(wish.data ?? wish.train ?? '', file?.models);
  const second = wish.test === undefined ? undefined : readRows(wish.test, first.models);
  const { models } = first;
  const reference = placeOf(wish.reference, models);
  const rowsOf = (row: DatasetRow) => costsOf(row, file?.prices);
  checkSize(first, second === undefined ? wish.folds : 1);
  const cheap = models.length === 2 ? cheapOf(second ?? first, reference, rowsOf) : undefined;
  const scoring = { seed: wish.seed, ...(cheap === undefined ? {} : { cheap }) };
  const result =
    second === undefined
      ? scoreInFolds(first, { count: wish.folds, byTask: wish.byTask }, scoring)
      : scoreApart(first, second, scoring);
  const report = reportGate(result, {
    models,
    seed: wish.seed,
    costs: rowsOf,
    ...(reference === undefined ? {} : { reference }),
  });
  const certified = certify(wish, result, report, rowsOf);
  const picture = pictureOf(report);
  return {
    evaluation: {
      ...report,
      ...(certified === undefined ? {} : { certified }),
      ...timeDecisions(first, wish.seed),
      seed: wish.seed,
    },
    ...(picture === undefined ? {} : { picture }),
  };
}

function readRows(path: string, models?: readonly string[]): Dataset {
  return readDataset(readDataFile(path), path, models);
}

function placeOf(reference: string | undefined, models: readonly string[]): number | undefined {
  if (reference === undefined) return undefined;
  const place = models.indexOf(reference);
  if (place >= 0) return place;
  const near = nearestName(reference, models);
  throw new CadreError(
    'invalid_request',
    `--reference ${reference.slice(0, 40)} is none of the models ${namesOf(models)}${near ? `; did you mean ${near}?` : ''}`,
  );
}

const NAMES_TOLD = 12;

function namesOf(models: readonly string[]): string {
  const more = models.length - NAMES_TOLD;
  const told = models.slice(0, NAMES_TOLD).map((id) => id.slice(0, 40));
  return more > 0 ? `${told.join(', ')} and ${more} more` : told.join(', ');
}

function costsOf(
  row: DatasetRow,
  prices: readonly number[] | undefined,
): readonly number[] | undefined {
  if (row.costs !== undefined) return row.costs;
  if (prices === undefined) return undefined;
  const tokens = row.prompt.length * TOKENS_PER_CHARACTER + ANSWER_TOKENS;
  return prices.map((price) => (price * tokens) / 1e6);
}

function checkSize({ rows }: Dataset, folds: number): void {
  const left = Math.floor((rows.length * (folds - 1 || 1)) / folds);
  if (left < ROWS_LEAST)
    throw new CadreError(
      'invalid_request',
      `${rows.length} rows leave ${left} to fit on; ${ROWS_LEAST} are needed at least`,
    );
}

/** The cheaper of two models: by cost, else the one that is not the reference, else the worse one. */
function cheapOf(
  { rows }: Dataset,
  reference: number | undefined,
  costs: (row: DatasetRow) => readonly number[] | undefined,
): number {
  if (reference !== undefined) return 1 - reference;
  const sums = [0, 1].map((model) =>
    rows.reduce((sum, row) => sum + (costs(row)?.[model] ?? row.scores[model] ?? 0), 0),
  );
  return (sums[0] ?? 0) <= (sums[1] ?? 0) ? 0 : 1;
}

function certify(
  wish: GateWish,
  { scored }: ScoringResult,
  report: GateReport,
  costs: (row: DatasetRow) => readonly number[] | undefined,
): CertifiedReport | undefined {
  if (wish.certify === undefined) return undefined;
  const models = report.models.map((one) => one.id);
  const reference = models.indexOf(report.reference);
  const complete = scored.filter((one) => !one.row.scores.some(Number.isNaN));
  if (complete.length === 0)
    throw new CadreError('invalid_request', '--certify needs rows in which every model is graded');
  // Without prices all that is known of cost is that the reference is what one would rather not ask.
  const unit = models.map((_, at) => (at === reference ? 1 : 0));
  return reportCertificates(
    complete,
    reportCosts(
      complete.map((one) => costs(one.row)),
      models,
      reference,
    )?.perRow ?? complete.map(() => unit),
    { models, reference, ...wish.certify, seed: wish.seed },
  );
}

/** Fits once more on everything and times single decisions; nothing is scored with this gate. */
function timeDecisions({ models, rows }: Dataset, seed: number) {
  const used = rows.filter((row) => !row.scores.every(Number.isNaN));
  const readings = used.map((row) => readText(row.prompt));
  const started = process.cpuUsage();
  const model = fitSuccess(gradedOf(models, used, readings), { seed });
  const spent = process.cpuUsage(started);
  const times: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    times.length = 0;
    for (const row of used.slice(0, TIMED_ROWS)) {
      const start = performance.now();
      bestModel(model, estimateSuccess(model, readText(row.prompt)));
      times.push(1000 * (performance.now() - start));
    }
  }
  const round = (value: number) => Number(value.toFixed(1));
  return {
    decisionMicroseconds: { p50: round(quantile(times, 0.5)), p99: round(quantile(times, 0.99)) },
    fitSeconds: round((spent.user + spent.system) / 1e6),
  };
}

function pictureOf(report: GateReport): string | undefined {
  const { costs } = report;
  if (costs === undefined) return undefined;
  const point = (share: number, quality: number) => ({ x: share, y: quality });
  return drawPicture({
    title: `Quality against cost, ${report.rows} requests that the gate had not seen`,
    xName: `mean cost per request (${costs.unit})`,
    yName: 'mean score',
    series: [
      {
        name: 'gate',
        colour: '#0b6bcb',
        points: costs.curve.map((one) => point(one.share, one.quality)),
      },
      {
        name: 'mixtures of single models',
        colour: '#888',
        isDashed: true,
        points: costs.hull.map((one) => point(one.share, one.quality)),
      },
      {
        name: 'single models',
        colour: '#c4420b',
        isDots: true,
        points: report.models.flatMap((one) =>
          one.cost === undefined || Number.isNaN(one.accuracy)
            ? []
            : [{ ...point(one.cost, one.accuracy), label: one.id }],
        ),
      },
    ],
  });
}
