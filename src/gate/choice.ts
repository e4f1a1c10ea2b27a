import type { Candidate } from '../core/decision.ts';
import { LEAST_COST } from './cost.ts';

/**
 * Costs within 5 % of each other are taken as equal, then the faster one is cheaper. The steps are
 * a fixed grid, not a distance: only so is "cheapest" one order for every set of candidates, and a
 * higher promise can never pick a less probable spoke.
 */
const COST_STEP = Math.log(1.05);
function costStep(cost: number): number {
  return Math.floor(Math.log(Math.max(cost, LEAST_COST)) / COST_STEP);
}

/** Negative when `left` is to be preferred among spokes that are good enough. */
function compareExpense(left: Candidate, right: Candidate): number {
  return (
    costStep(left.cost) - costStep(right.cost) ||
    left.latencyMs - right.latencyMs ||
    right.probability - left.probability ||
    (left.spoke < right.spoke ? -1 : 1)
  );
}

/** Most probable first, then the cheaper. */
export function compareProbability(left: Candidate, right: Candidate): number {
  return right.probability - left.probability || compareExpense(left, right);
}

export interface Pick {
  readonly candidate: Candidate;
  /** How many candidates reach the promise; 0 = the most probable one was taken. */
  readonly reaching: number;
}

/**
 * The cheapest candidate with P ≥ promise; when none reaches it, the most probable. Undefined for
 * no candidates.
 */
export function pickCandidate(candidates: readonly Candidate[], promise: number): Pick | undefined {
  let cheapest: Candidate | undefined;
  let best: Candidate | undefined;
  let reaching = 0;
  for (const one of candidates) {
    if (best === undefined || compareProbability(one, best) < 0) best = one;
    if (one.probability < promise) continue;
    reaching += 1;
    if (cheapest === undefined || compareExpense(one, cheapest) < 0) cheapest = one;
  }
  const candidate = cheapest ?? best;
  return candidate && { candidate, reaching };
}

/** An escalation that gains less than this is not worth the wait. */
const LEAST_GAIN = 0.02;

/**
 * Rungs above the chosen spoke: each cheaper one before a dearer one, each more probable than the
 * one before, at most two — the next and the best.
 */
export function ladder(chosen: Candidate, candidates: readonly Candidate[]): string[] {
  const rungs: Candidate[] = [];
  let reached = chosen.probability;
  for (const one of candidates.toSorted(compareExpense)) {
    if (one.spoke === chosen.spoke || one.probability < reached + LEAST_GAIN) continue;
    rungs.push(one);
    reached = one.probability;
  }
  const last = rungs.at(-1);
  const first = rungs[0];
  if (first === undefined || last === undefined) return [];
  return first === last ? [first.spoke] : [first.spoke, last.spoke];
}
