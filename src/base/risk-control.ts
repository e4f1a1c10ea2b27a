/**
 * Rows with something to lose, and those of them where it is lost: with 0/1 scores the rows on
 * which the reference is right and the choice is wrong, so that lost / whole estimates
 * P(choice wrong | reference right) and the exact binomial bounds hold for it.
 */
export interface LossTally {
  readonly whole: number;
  readonly lost: number;
}

/**
 * Rows that must have something to lose before the bound can be shown at this risk, when nothing at
 * all is lost: ln risk / ln(1 − bound).
 */
export function rowsNeeded(bound: number, risk: number): number {
  return Math.ceil(Math.log(risk) / Math.log1p(-bound) - 1e-9);
}

/**
 * Tests hypotheses in a fixed order so that with probability 1 − the sum of `shares` none of those
 * rejected is true. A step is tested at its own share of the risk and, where the step before was
 * rejected, at that one's level besides (fallback procedure: Wiens, Pharmaceutical Statistics 2003).
 * With the whole risk on the first step it is the fixed-sequence testing of Learn-then-Test
 * (Angelopoulos et al., arXiv:2110.01052, §3); with equal shares never worse than Bonferroni. The
 * order and the shares must not depend on the labels. Returns the level at which each step was
 * rejected, 0 where it was not.
 */
export function walkSequence(
  shares: ArrayLike<number>,
  pValueOf: (step: number) => number,
): Float64Array {
  const levels = new Float64Array(shares.length);
  let inherited = 0;
  for (let step = 0; step < shares.length; step += 1) {
    const level = inherited + (shares[step] as number);
    inherited = level > 0 && pValueOf(step) <= level ? level : 0;
    levels[step] = inherited;
  }
  return levels;
}

/** All risk on the first of `count` steps. */
export function singleStart(count: number, risk: number): Float64Array {
  const shares = new Float64Array(count);
  if (count > 0) shares[0] = risk;
  return shares;
}

/**
 * P value against "the mean of these values is `bound` or more", for values drawn independently
 * from 0 … 1: the inverse of the largest capital of a bet on a smaller mean, whose stake follows
 * the variance of the values so far (Waudby-Smith and Ramdas, "Estimating means of bounded random
 * variables by betting", JRSS B 2024, §4.3; Ville's inequality). Far sharper than Hoeffding's bound
 * for values of small variance. 1 for no values.
 */
export function bettingPValue(values: ArrayLike<number>, bound: number): number {
  // A quarter is the largest variance; it stands for one value before the first.
  let sum = 0.5;
  let squares = 0.25;
  let logCapital = 0;
  let best = 0;
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at] as number;
    const mean = sum / (at + 1);
    const stake = (bound - mean) / (squares / (at + 1) + (bound - mean) ** 2);
    const held = Math.min(0.75 / Math.max(1e-12, 1 - bound), Math.max(0, stake));
    logCapital += Math.log1p(held * (bound - value));
    best = Math.max(best, logCapital);
    sum += value;
    squares += (value - sum / (at + 2)) ** 2;
  }
  return Math.exp(-best);
}
