import type { GradeComparison } from './grade-report.ts';

/**
 * What a comparison with the version that serves says: a test shows that it is better; or that it is
 * less worse than a margin, and it is cheaper; or that it is worse; or enough rows show no difference;
 * or too few rows do.
 */
export type PromotionVerdict =
  | 'better'
  | 'not-worse-and-cheaper'
  | 'equal'
  | 'worse'
  | 'underpowered';

/** The same two versions on a part of the rows. */
export type SliceComparison = {
  /** `label: refund`, `length: short` … */
  readonly slice: string;
  readonly rows: number;
  readonly onlyNew: number;
  readonly onlyIncumbent: number;
  /** P of a loss as large were both equally good there; corrected for the number of slices (Holm). */
  readonly probability: number;
};

/** Two versions on the same rows, which neither was trained on. */
export type VersionComparison = {
  /** The version that serves now. */
  readonly version: number;
  /** How many versions were compared with it, this one among them, and P that the tests may leave. */
  readonly attempt: number;
  readonly risk: number;
  readonly rows: number;
  /** Shares right as served: an answer `none of these` is not right. */
  readonly accuracy: number;
  readonly incumbentAccuracy: number;
  /** 95 % interval of the difference, by paired bootstrap. */
  readonly differenceLow: number;
  readonly differenceHigh: number;
  /** Rows that only one of the two has right. */
  readonly onlyNew: number;
  readonly onlyIncumbent: number;
  /** P of a split at least as uneven were both equally good: exact test of McNemar, two-sided. */
  readonly probability: number;
  /** Points below the incumbent that are accepted of a cheaper one, 0 … 1, and P were it that worse. */
  readonly margin: number;
  readonly marginProbability: number;
  /** The least difference that so many rows show with 80 % probability where two disagree as often. */
  readonly detectableGap: number;
  /** Expected calibration errors on these rows, 0 … 1. */
  readonly calibrationError: number;
  readonly incumbentCalibrationError: number;
  /** Areas that tell texts of no label apart, on the same texts; null where there are none. */
  readonly outOfScopeArea: number | null;
  readonly incumbentOutOfScopeArea: number | null;
  /** Of the new one ÷ of the incumbent. */
  readonly bytesRatio: number;
  readonly timeRatio: number;
  /** Of the kind `score` alone, whose verdict stands on these and not on which rows are right. */
  readonly grades?: GradeComparison;
  /** Where it is worse, the clearest first. */
  readonly worseSlices: readonly SliceComparison[];
  readonly slices: number;
  readonly verdict: PromotionVerdict;
  /** It may take the incumbent's place without a person. */
  readonly passes: boolean;
  /** Why, in words. */
  readonly reasons: readonly string[];
};
