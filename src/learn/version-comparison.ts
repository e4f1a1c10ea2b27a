import {
  detectableDifference,
  type PairedCounts,
  pairedAdvantage,
  pairedDifference,
  pairedNonInferiority,
} from '../base/paired-test.ts';
import { exactMcNemar } from '../base/statistics.ts';
import { EVALUATION_ROWS } from '../core/specialist.ts';
import type {
  PromotionVerdict,
  SliceComparison,
  VersionComparison,
} from '../core/version-comparison.ts';
import { type JudgedPair, worseSlices } from './promotion-slices.ts';

/** At most this share of equal or worse models may look better at the first attempt. */
const RISK = 0.05;
/** A cheaper one may be right that much less often, 0 … 1. */
export const PROMOTION_MARGIN = 0.01;
/** Bytes are exact; times of one text vary by tens of percent on a busy machine. */
const FEWER_BYTES = 0.8;
const LESS_TIME = 0.5;
const AS_MANY_BYTES = 1.1;
const AS_MUCH_TIME = 1.5;
/** A part of the rows that is worse beyond chance keeps a version out from this loss on, 0 … 1. */
const SLICE_LOSS = 0.05;
/** Worse calibration, or a worse eye for texts of no label, by more than this is said. */
const CALIBRATION_LOSS = 0.03;
const AREA_LOSS = 0.02;

export interface ComparedVersions {
  /** The version that serves now. */
  readonly version: number;
  /** Number of this comparison among all with that version, from 1; absent = 1. */
  readonly attempt?: number;
  readonly pairs: readonly JudgedPair[];
  readonly seed: number;
  /** Of the bootstrap; absent = 1,000. */
  readonly rounds?: number;
  readonly own: MeasuredVersion;
  readonly incumbent: MeasuredVersion;
  /** Labels that the incumbent gives and the new one does not know. */
  readonly lostLabels: readonly string[];
}

/** What is known of a version beside which rows it has right. */
export interface MeasuredVersion {
  readonly bytes: number;
  /** CPU milliseconds of one request. */
  readonly ms: number;
  readonly calibrationError: number;
  /** Null where there are no texts of no label. */
  readonly outOfScopeArea: number | null;
}

/**
 * Whether a version may take the place of the one that serves. Better: an exact one-sided test of
 * McNemar leaves at most 5 %. Or cheaper, and a test leaves at most 5 % for a loss of the margin. Of
 * the k-th version that is compared with the same one both ask for 2 · 5 % / (k (k + 1)), so that of any
 * number of attempts at most 10 % of all series promote an equal one (union bound). Worse by more than chance and five points in some slice, or without a label that the incumbent gives, it
 * does not pass.
 */
export function compareVersions(input: ComparedVersions): VersionComparison {
  const { version, attempt = 1, pairs, own, incumbent, seed, rounds } = input;
  const count = (wanted: (pair: JudgedPair) => boolean) => pairs.filter(wanted).length;
  const rows = pairs.length;
  const onlyNew = count((one) => one.isRight && !one.incumbentIsRight);
  const onlyIncumbent = count((one) => !one.isRight && one.incumbentIsRight);
  const counts = { rows, onlyFirst: onlyNew, onlySecond: onlyIncumbent };
  const interval = pairedDifference(counts, { seed, ...(rounds && { rounds }) });
  const slices = worseSlices(pairs);
  const figures = {
    version,
    attempt,
    risk: (2 * RISK) / (attempt * (attempt + 1)),
    rows,
    accuracy: count((one) => one.isRight) / Math.max(1, rows),
    incumbentAccuracy: count((one) => one.incumbentIsRight) / Math.max(1, rows),
    differenceLow: interval.low,
    differenceHigh: interval.high,
    onlyNew,
    onlyIncumbent,
    probability: exactMcNemar(onlyNew, onlyIncumbent),
    margin: PROMOTION_MARGIN,
    marginProbability: pairedNonInferiority(counts, PROMOTION_MARGIN),
    detectableGap: detectableDifference(rows, (onlyNew + onlyIncumbent) / Math.max(1, rows)),
    calibrationError: own.calibrationError,
    incumbentCalibrationError: incumbent.calibrationError,
    outOfScopeArea: own.outOfScopeArea,
    incumbentOutOfScopeArea: incumbent.outOfScopeArea,
    bytesRatio: ratio(own.bytes, incumbent.bytes),
    timeRatio: ratio(own.ms, incumbent.ms),
    worseSlices: slices.worse,
    slices: slices.tested,
  };
  const verdict = verdictOf(counts, figures);
  const blocks = blocksOf(figures, input.lostLabels);
  return {
    ...figures,
    verdict,
    passes: (verdict === 'better' || verdict === 'not-worse-and-cheaper') && blocks.length === 0,
    reasons: [
      reasonOf(verdict, figures),
      ...blocks,
      ...attemptWords(figures),
      ...warningsOf(figures),
    ],
  };
}

type Figures = Omit<VersionComparison, 'verdict' | 'passes' | 'reasons'>;

function verdictOf(
  counts: PairedCounts,
  { bytesRatio, timeRatio, marginProbability, risk }: Figures,
): PromotionVerdict {
  const { rows, onlyFirst, onlySecond } = counts;
  if (pairedAdvantage(counts) <= risk) return 'better';
  const isCheaper =
    (timeRatio <= LESS_TIME && bytesRatio <= AS_MANY_BYTES) ||
    (bytesRatio <= FEWER_BYTES && timeRatio <= AS_MUCH_TIME);
  if (isCheaper && marginProbability <= risk) return 'not-worse-and-cheaper';
  const loss = pairedAdvantage({ onlyFirst: onlySecond, onlySecond: onlyFirst });
  if (loss <= RISK) return 'worse';
  return rows < EVALUATION_ROWS ? 'underpowered' : 'equal';
}

function reasonOf(verdict: PromotionVerdict, figures: Figures): string {
  const { version, rows, onlyNew, onlyIncumbent, probability, margin } = figures;
  const points = (share: number) => (100 * share).toFixed(1);
  const split = `only the new one is right ${onlyNew} times, only version ${version} ${onlyIncumbent} times of ${rows} rows that neither was taught (exact McNemar p = ${probability.toPrecision(2)})`;
  const few =
    rows < EVALUATION_ROWS
      ? `; ${rows} rows are few: they show a difference of ${points(figures.detectableGap)} points with 80 % probability`
      : '';
  switch (verdict) {
    case 'better':
      return `it is better than version ${version}: ${split}${few}`;
    case 'worse':
      return `it is worse than version ${version}: ${split}${few}`;
    case 'not-worse-and-cheaper':
      return `it is cheaper (${times(figures.bytesRatio)} the bytes, ${times(figures.timeRatio)} the time) and less than ${points(margin)} points worse than version ${version} (Tango p = ${figures.marginProbability.toPrecision(2)}): ${split}`;
    case 'equal':
      return `no difference to version ${version} that is more than chance: ${split}; a difference of ${points(figures.detectableGap)} points would have been seen with 80 % probability`;
    case 'underpowered':
      return rows === 0
        ? `there is no row that neither it nor version ${version} was taught; measure on a file of its own with --test`
        : `too few rows to tell it from version ${version}: ${split}${few}; from ${EVALUATION_ROWS} rows on the question can be put`;
  }
}

function attemptWords({ attempt, risk, version }: Figures): string[] {
  if (attempt === 1) return [];
  return [
    `it is attempt ${attempt} beside version ${version}: a test must leave at most ${(100 * risk).toPrecision(2)} % to chance, where the first had 5 %`,
  ];
}

/** What stands against a promotion that the rows as a whole speak for. */
function blocksOf({ worseSlices, slices }: Figures, lost: readonly string[]): string[] {
  const heavy = worseSlices.filter(isHeavy);
  const parts: string[] = [];
  if (heavy.length > 0)
    parts.push(
      `it is worse in ${heavy.length} of ${slices} parts of the rows by more than chance, and by ${100 * SLICE_LOSS} points or more: ${sliceWords(heavy)}`,
    );
  if (lost.length > 0)
    parts.push(
      `it does not know ${lost.length} labels of the version that serves: ${lost.slice(0, 5).join(', ')}${lost.length > 5 ? ' …' : ''}`,
    );
  return parts;
}

function isHeavy({ rows, onlyNew, onlyIncumbent }: SliceComparison): boolean {
  return (onlyIncumbent - onlyNew) / rows >= SLICE_LOSS;
}

function sliceWords(slices: readonly SliceComparison[]): string {
  return slices
    .slice(0, 5)
    .map((one) => `${one.slice} (${one.onlyIncumbent} lost, ${one.onlyNew} won of ${one.rows})`)
    .join(', ');
}

function warningsOf(figures: Figures): string[] {
  const { calibrationError, incumbentCalibrationError, outOfScopeArea } = figures;
  const warnings: string[] = [];
  const light = figures.worseSlices.filter((one) => !isHeavy(one));
  if (light.length > 0) warnings.push(`it lost a little in ${sliceWords(light)}`);
  if (calibrationError - incumbentCalibrationError > CALIBRATION_LOSS)
    warnings.push(
      `its confidence is off by ${(100 * calibrationError).toFixed(1)} points, that of version ${figures.version} by ${(100 * incumbentCalibrationError).toFixed(1)}`,
    );
  const known = figures.incumbentOutOfScopeArea;
  if (outOfScopeArea !== null && known !== null && known - outOfScopeArea > AREA_LOSS)
    warnings.push(
      `it tells texts of no label apart with an area of ${outOfScopeArea.toFixed(3)} under the curve, version ${figures.version} with ${known.toFixed(3)}`,
    );
  return warnings;
}

function ratio(own: number, other: number): number {
  return other > 0 ? own / other : 1;
}

function times(value: number): string {
  return `${value.toPrecision(2)} ×`;
}

/**
 * `detectableDifference` of so many rows to a model of another make, where the two disagree as often as
 * they would were their mistakes independent: 2 p (1 − p). Null from 1,000 rows on.
 */
export function detectableGap(accuracy: number, rows: number): number | null {
  if (rows >= EVALUATION_ROWS) return null;
  return detectableDifference(rows, 2 * accuracy * (1 - accuracy));
}
