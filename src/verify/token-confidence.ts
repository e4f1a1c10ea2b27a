import type { CheckResult } from '../core/decision.ts';
import { failed, passed } from './checks.ts';

/**
 * P(right) from the mean log-probability of the answer's tokens: 1 / (1 + e^−(bias + slope·x)).
 * Fitted on greedy answers of the 0.5B and 1.5B starter models to the self-written document
 * questions in bench/grounded-pairs.ts.
 */
const BIAS = 1.6;
const SLOPE = 3;
const LEAST = 0.25;

/** `meanLogprob` is the mean natural logarithm of the token probabilities, ≤ 0. */
export function checkTokenConfidence(meanLogprob: number): CheckResult {
  if (!Number.isFinite(meanLogprob))
    return failed('confidence', 0.5, 'the model gave no token probabilities');
  const score = tokenConfidence(meanLogprob);
  const detail = `mean token probability ${Math.exp(Math.min(0, meanLogprob)).toFixed(2)}`;
  return score < LEAST ? failed('confidence', score, detail) : passed('confidence', score, detail);
}

export function tokenConfidence(meanLogprob: number): number {
  return 1 / (1 + Math.exp(-(BIAS + SLOPE * Math.min(0, meanLogprob))));
}
