import type { Candidate } from './decision.ts';

/** Graded requests that an estimate is worth before any of its own kind was graded (starter-table.ts). */
const PRIOR_ROWS = 20;
/** Standard errors of a 90 % interval. */
const ERRORS = 1.645;

/**
 * Where P(right) lies with 90 % confidence, 0 … 1: the interval of Wilson (JASA 1927) around the
 * estimate, as if it were a share of the graded requests behind it and of its prior. Undefined where
 * nobody knows how many these are.
 */
export function probabilityRange({
  probability,
  graded,
}: Pick<Candidate, 'probability' | 'graded'>):
  | { readonly low: number; readonly high: number }
  | undefined {
  if (graded === undefined) return undefined;
  const rows = graded + PRIOR_ROWS;
  const square = ERRORS ** 2 / rows;
  const centre = (probability + square / 2) / (1 + square);
  const half = Math.sqrt(square * (probability * (1 - probability) + square / 4)) / (1 + square);
  // At 0 and 1 rounding must not leave the estimate outside.
  return {
    low: Math.max(0, Math.min(probability, centre - half)),
    high: Math.min(1, Math.max(probability, centre + half)),
  };
}
