import type { Candidate } from '../core/decision.ts';
import { pickCandidate } from './choice.ts';

/**
 * The nearest other promise that changes the choice, found by choosing again: first upwards, else
 * downwards. Undefined when every promise gives the same spoke.
 */
export function otherPromise(
  chosen: Candidate,
  candidates: readonly Candidate[],
  promise: number,
): string | undefined {
  if (candidates.length === 1) return undefined;
  const higher = Math.max(promise, ceiling(chosen.probability));
  if (higher <= 1) {
    const other = pickCandidate(candidates, higher)?.candidate;
    if (other !== undefined && other.spoke !== chosen.spoke)
      return `\`${other.spoke}\` would have been chosen if the promise were ≥ ${higher.toFixed(2)}`;
  }
  let lower = -1;
  for (const one of candidates) {
    const bound = Math.floor(one.probability * 100) / 100;
    if (bound >= promise || bound <= lower) continue;
    if (pickCandidate(candidates, bound)?.candidate.spoke !== chosen.spoke) lower = bound;
  }
  if (lower < 0) return undefined;
  const other = pickCandidate(candidates, lower)?.candidate.spoke;
  return `\`${other}\` would have been chosen if the promise were ≤ ${lower.toFixed(2)}`;
}

/** The first number with two digits above the probability. */
function ceiling(probability: number): number {
  return (Math.floor(probability * 100 + 1e-9) + 1) / 100;
}
