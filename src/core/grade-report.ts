/** How far the numbers of a specialist that grades texts are off, on the rows that it was measured on. */
export type GradeReport = {
  /** The numbers of its training rows. */
  readonly low: number;
  readonly high: number;
  /** Between two numbers that follow each other; null = all between the ends. */
  readonly step: number | null;
  /** An answer that far off counts as right in `accuracy`. */
  readonly tolerance: number;
  /** Mean absolute error with its 95 % interval by bootstrap. */
  readonly meanError: number;
  readonly meanErrorLow: number;
  readonly meanErrorHigh: number;
  /** Of always the median of the training rows. */
  readonly plainError: number;
  /** Rank correlation of Spearman, −1 … 1, with its 95 % interval by bootstrap; 0 where all are alike. */
  readonly rankCorrelation: number;
  readonly rankCorrelationLow: number;
  readonly rankCorrelationHigh: number;
};

/** Two versions that grade the same rows: mean absolute errors, and of how much the new one is nearer. */
export type GradeComparison = {
  readonly meanError: number;
  readonly incumbentMeanError: number;
  /** Incumbent's error less the new one's; 95 % interval by paired bootstrap. */
  readonly gain: number;
  readonly gainLow: number;
  readonly gainHigh: number;
};
