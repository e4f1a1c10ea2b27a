import { binomialUpperBound } from '../base/statistics.ts';

/** A threshold of P(the documents answer it) with what is promised of it. */
export interface CertifiedThreshold {
  readonly threshold: number;
  /** Upper bound of the share of questions without an answer that are answered all the same. */
  readonly bound: number;
  readonly questions: number;
}

const STEPS = 20;

/**
 * The lowest threshold at which at most `alpha` of the questions without an answer are answered,
 * with confidence 1 − `risk`: thresholds are tried from the strictest down, each by the exact
 * binomial bound, until one fails (fixed-sequence testing; Angelopoulos et al., Learn then Test,
 * 2021, section 3). Undefined where the questions do not suffice even for the strictest.
 */
export function certifyThreshold(
  unanswerable: readonly { readonly isShown: boolean; readonly probability: number }[],
  { alpha, risk }: { readonly alpha: number; readonly risk: number },
): CertifiedThreshold | undefined {
  let found: CertifiedThreshold | undefined;
  for (let step = STEPS - 1; step >= 0; step -= 1) {
    const threshold = step / STEPS;
    const invented = unanswerable.filter(
      (one) => one.isShown && one.probability >= threshold,
    ).length;
    const bound = binomialUpperBound(invented, unanswerable.length, risk);
    if (bound > alpha) return found;
    found = { threshold, bound, questions: unanswerable.length };
  }
  return found;
}
