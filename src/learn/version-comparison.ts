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

/** What the rows say of two versions, and how it is told. */
export interface PairedEvidence {
  /** P of rows that speak as much for the new one, and as much against it, were both equally good. */
  readonly advantage: number;
  readonly loss: number;
  /** P of rows that speak as much against it, were it worse by the margin. */
  readonly marginProbability: number;
  readonly words: {
    /** How the two differ on the rows. */
    readonly figures: string;
    /** How much worse a cheaper one is not, e.g. `less than 1.0 points worse`. */
    readonly margin: string;
    /** The least difference that so many rows show with 80 % probability. */
    readonly gap: string;
  };
}

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
  /** Absent = by which of them has a row right. */
  readonly evidence?: PairedEvidence;
  /** What stands against a promotion beside the rows. */
  readonly blocks?: readonly string[];
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
 * McNemar (or other evidence) leaves at most 5 %. Or cheaper, and a test leaves at most 5 % for a loss of
 * the margin. Of the k-th version that is compared with the same one both ask for 2 · 5 % / (k (k + 1)),
 * so that of any number of attempts at most 10 % of all series promote an equal one (union bound). Worse
 * by more than chance and five points in some slice, or without a label that the incumbent gives, it does
 * not pass.
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
  const evidence = input.evidence ?? rightEvidence(counts, version);
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
    marginProbability: evidence.marginProbability,
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
  const verdict = verdictOf(evidence, figures);
  const blocks = [...blocksOf(figures, input.lostLabels), ...(input.blocks ?? [])];
  return {
    ...figures,
    verdict,
    passes: (verdict === 'better' || verdict === 'not-worse-and-cheaper') && blocks.length === 0,
    reasons: [
      reasonOf(verdict, figures, evidence),
      ...blocks,
      ...attemptWords(figures),
      ...warningsOf(figures),
    ],
  };
}

type Figures = Omit<VersionComparison, 'verdict' | 'passes' | 'reasons'>;

/** By the rows that only one of the two has right. */
function rightEvidence(counts: PairedCounts, version: number): PairedEvidence {
  const { rows, onlyFirst, onlySecond } = counts;
  const marginProbability = pairedNonInferiority(counts, PROMOTION_MARGIN);
  const gap = detectableDifference(rows, (onlyFirst + onlySecond) / Math.max(1, rows));
  const points = (share: number) => (100 * share).toFixed(1);
  return {
    advantage: pairedAdvantage(counts),
    loss: pairedAdvantage({ onlyFirst: onlySecond, onlySecond: onlyFirst }),
    marginProbability,
    words: {
      figures: `only the new one is right ${onlyFirst} times, only version ${version} ${onlySecond} times of ${rows} rows that neither was taught (exact McNemar p = ${exactMcNemar(onlyFirst, onlySecond).toPrecision(2)})`,
      margin: `less than ${points(PROMOTION_MARGIN)} points worse than version ${version} (Tango p = ${marginProbability.toPrecision(2)})`,
      gap: `${points(gap)} points`,
    },
  };
}

function verdictOf(
  { advantage, loss }: PairedEvidence,
  { rows, bytesRatio, timeRatio, marginProbability, risk }: Figures,
): PromotionVerdict {
  if (advantage <= risk) return 'better';
  const isCheaper =
    (timeRatio <= LESS_TIME && bytesRatio <= AS_MANY_BYTES) ||
    (bytesRatio <= FEWER_BYTES && timeRatio <= AS_MUCH_TIME);
  if (isCheaper && marginProbability <= risk) return 'not-worse-and-cheaper';
  if (loss <= RISK) return 'worse';
  return rows < EVALUATION_ROWS ? 'underpowered' : 'equal';
}

function reasonOf(
  verdict: PromotionVerdict,
  { version, rows, bytesRatio, timeRatio }: Figures,
  { words }: PairedEvidence,
): string {
  const few =
    rows < EVALUATION_ROWS
      ? `; ${rows} rows are few: they show a difference of ${words.gap} with 80 % probability`
      : '';
  switch (verdict) {
    case 'better':
      return `it is better than version ${version}: ${words.figures}${few}`;
    case 'worse':
      return `it is worse than version ${version}: ${words.figures}${few}`;
    case 'not-worse-and-cheaper':
      return `it is cheaper (${times(bytesRatio)} the bytes, ${times(timeRatio)} the time) and ${words.margin}: ${words.figures}`;
    case 'equal':
      return `no difference to version ${version} that is more than chance: ${words.figures}; a difference of ${words.gap} would have been seen with 80 % probability`;
    case 'underpowered':
      return rows === 0
        ? `there is no row that neither it nor version ${version} was taught; measure on a file of its own with --test`
        : `too few rows to tell it from version ${version}: ${words.figures}${few}; from ${EVALUATION_ROWS} rows on the question can be put`;
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
