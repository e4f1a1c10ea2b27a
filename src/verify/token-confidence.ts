import type { CheckResult } from '../core/decision.ts';
import { failed, passed } from './checks.ts';

/**
 * P(right) from the mean log-probability x of the answer's tokens: 1 / (1 + e^−(bias + slope·x)).
 * Set by hand, not fitted: 0.8 at a mean probability of 0.95, a half at 0.6, 0.25 at 0.4. What is
 * measured is the order: the area under the curve for “right” is 0.64 to 0.88 for the 0.5B and 1.5B
 * starter models on multiple choice, GSM8K and trivia; so the verdict gives it a small weight.
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

function tokenConfidence(meanLogprob: number): number {
  return 1 / (1 + Math.exp(-(BIAS + SLOPE * Math.min(0, meanLogprob))));
}
