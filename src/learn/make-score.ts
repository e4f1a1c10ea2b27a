import { type GradeModel, writeGradeModel } from '../base/grade-model.ts';
import { rankCorrelation } from '../base/rank-correlation.ts';
import { bootstrapMean, mean, quantile } from '../base/statistics.ts';
import { CadreError } from '../core/errors.ts';
import type { SampledRow, ShownRow } from '../core/generalist.ts';
import type { GradeReport } from '../core/grade-report.ts';
import type { RungReport, SpecialistReport } from '../core/specialist.ts';
import { compareGrades } from './compare-grades.ts';
import { drawSample } from './generalist-question.ts';
import type { GradedRow } from './grade-agreement.ts';
import { climbGrades, gradeFolds } from './grade-ladder.ts';
import type { GradedRows } from './graded-rows.ts';
import type { Incumbent } from './incumbent.ts';
import { errorOf, gradeCalibration, gradedBy, isNear, type JudgedGrade } from './judged-grades.ts';
import type { LadderEmbedder } from './ladder.ts';
import { evaluation } from './right-share.ts';

export interface ScoreInput {
  readonly data: GradedRows;
  /** Rows to measure on alone. */
  readonly test?: readonly GradedRow[];
  /** Rows of the data that are never taught; measured on where there is no test set. */
  readonly kept?: readonly GradedRow[];
  readonly seed: number;
  /** Share within the tolerance at which the ladder stops; absent = it climbs to its end. */
  readonly target?: number;
  /** How far off an answer counts as right; absent = half a step, or a tenth of the range. */
  readonly tolerance?: number;
  /** Fingerprint of data and settings, kept in the model. */
  readonly source: string;
  /** Absent = n-grams alone. */
  readonly embedder?: LadderEmbedder;
  readonly incumbent?: Incumbent<GradeModel>;
  /** CPU milliseconds of this thread. */
  readonly cpuMs: () => number;
  readonly onRung: (rung: RungReport) => void;
}

export interface MadeScore {
  readonly bytes: Uint8Array;
  readonly report: SpecialistReport;
  /** Some of the rows that it was measured on, drawn by the seed. */
  readonly sample: readonly SampledRow[];
  /** Some of the rows that it was taught, from low to high. */
  readonly shown: readonly ShownRow[];
}

/** Of a scale without steps an answer this share of its range off is right. */
const RANGE_SHARE = 0.1;
/** Rows that another model is shown, and the letters of each. */
const SHOWN_ROWS = 6;
const SHOWN_LETTERS = 300;

/**
 * Climbs from n-grams to vectors to both and measures what stands on the rung: on rows that were held
 * out, or on a test set, and beside the version that serves on rows that neither was taught. Same input,
 * same bytes.
 */
export async function makeScore(input: ScoreInput): Promise<MadeScore> {
  const { data, seed, test } = input;
  const { step, low, high } = data.scale;
  const usual = step === null ? RANGE_SHARE * (high - low) : step / 2;
  const tolerance = input.tolerance ?? Number(usual.toPrecision(3));
  if (tolerance >= high - low)
    throw new CadreError(
      'invalid_request',
      `with a tolerance of ${tolerance} every number from ${low} to ${high} would be right`,
      { param: 'tolerance' },
    );
  const folds = gradeFolds(data.rows, seed);
  const climb = await climbGrades({ ...input, tolerance, folds });
  const { model, heldOut } = climb.chosen;
  const rows = test ?? (input.kept?.length ? input.kept : undefined);
  const judged = rows === undefined ? heldOut : await gradedBy(model, rows, input.embedder);
  const bytes = writeGradeModel(model);
  const right = judged.filter((one) => isNear(one, tolerance)).length;
  const measured = evaluation(right, judged.length, test);
  const grades = gradeReport(judged, model, data.rows, seed);
  const comparison = await compareGrades({ judged, model, bytes: bytes.length }, input);
  const report: SpecialistReport = {
    rows: data.rows.length,
    labels: [],
    leftOut: data.leftOut,
    warnings: [...data.warnings, ...folds.warnings, ...chanceWords(judged, data.rows, seed)],
    ...measured,
    answeredShare: 1,
    servedAccuracy: measured.accuracy,
    calibrationError: gradeCalibration(judged, tolerance),
    // It has an answer to every text.
    outOfScopeArea: 0.5,
    rung: climb.chosen.report.rung,
    rungs: climb.tried.map((one) => one.report),
    bytes: bytes.length,
    msPerRequest: climb.chosen.report.msPerRequest,
    comparison,
    grades,
  };
  const sample = judged.map((one) => ({
    text: one.row.text,
    label: String(one.row.grade),
    isRight: isNear(one, tolerance),
  }));
  return { bytes, report, sample: drawSample(sample, seed), shown: shownOf(data.rows) };
}

/** Short ones, or the beginnings of long ones, so that a model with little room can be shown them. */
function shownOf(rows: readonly GradedRow[]): ShownRow[] {
  const whole = rows.filter((row) => row.text.length <= SHOWN_LETTERS);
  const short = (whole.length < SHOWN_ROWS ? rows : whole).toSorted((a, b) => a.grade - b.grade);
  const places = Array.from({ length: SHOWN_ROWS }, (_, at) =>
    Math.round((at / (SHOWN_ROWS - 1)) * (short.length - 1)),
  );
  return [...new Set(places)].flatMap((at) => {
    const row = short[at];
    return row === undefined
      ? []
      : [{ text: row.text.slice(0, SHOWN_LETTERS), label: String(row.grade) }];
  });
}

function gradeReport(
  judged: readonly JudgedGrade[],
  { scale, tolerance }: Pick<GradeModel, 'scale' | 'tolerance'>,
  taught: readonly GradedRow[],
  seed: number,
): GradeReport {
  const error = bootstrapMean(judged.map(errorOf), { seed });
  const order = rankCorrelation(
    judged.map((one) => one.row.grade),
    judged.map((one) => one.value),
    { seed },
  );
  return {
    ...scale,
    tolerance,
    meanError: error.value,
    meanErrorLow: error.low,
    meanErrorHigh: error.high,
    plainError: mean(plainErrors(judged, taught)),
    rankCorrelation: order.value,
    rankCorrelationLow: order.low,
    rankCorrelationHigh: order.high,
  };
}

/** Says when always giving the middle number would do as well. */
function chanceWords(
  judged: readonly JudgedGrade[],
  taught: readonly GradedRow[],
  seed: number,
): string[] {
  const plain = plainErrors(judged, taught);
  const errors = judged.map(errorOf);
  const gain = bootstrapMean(
    plain.map((one, at) => one - (errors[at] as number)),
    { seed },
  );
  if (gain.low > 0) return [];
  return [
    `it is not surely nearer than always the middle number (off by ${mean(plain).toPrecision(3)} on average): more rows are needed, or the texts do not tell the numbers`,
  ];
}

/** Of always the median of the training rows. */
function plainErrors(judged: readonly JudgedGrade[], taught: readonly GradedRow[]): number[] {
  const median = quantile(
    taught.map((row) => row.grade),
    0.5,
  );
  return judged.map((one) => Math.abs(one.row.grade - median));
}
