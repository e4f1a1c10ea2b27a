/**
 * Watches a success rate for a silent fall: the cumulative sum of log-likelihood ratios of "it fell
 * to `fall` × the expected rate" against "it is as expected" (Page, Biometrika 1954; Lorden, Annals
 * of Mathematical Statistics 1971). The expected rate may differ from outcome to outcome.
 */
export interface CusumState {
  /** Evidence of a fall, nats; ≥ 0. */
  readonly sum: number;
  /** Since the sum was last 0, which is where a fall, if there was one, most likely began. */
  readonly trials: number;
  readonly right: number;
  /** What was expected to be right in these trials. */
  readonly expected: number;
}

export const CALM: CusumState = { sum: 0, trials: 0, right: 0, expected: 0 };

/** Rates are kept this far from 0 and 1, where a single outcome would be infinite evidence. */
const EDGE = 0.005;

/**
 * Evidence of one outcome, nats. Linear in the score, so that for graded scores too the mean of its
 * exponential is at most 1 while the rate is as expected (Jensen).
 */
export function fallEvidence(score: number, expected: number, fall: number): number {
  const rate = Math.min(1 - EDGE, Math.max(EDGE, expected));
  const fallen = rate * fall;
  return score * Math.log(fall) + (1 - score) * Math.log((1 - fallen) / (1 - rate));
}

/** The state after one more outcome; `score` and `expected` are 0 … 1, `fall` is between 0 and 1. */
export function watchOutcome(
  state: CusumState,
  score: number,
  expected: number,
  fall: number,
): CusumState {
  const sum = state.sum + fallEvidence(score, expected, fall);
  if (sum <= 0) return CALM;
  return {
    sum,
    trials: state.trials + 1,
    right: state.right + score,
    expected: state.expected + expected,
  };
}

/**
 * Threshold of the sum with at most `falseAlarms` false alarms to be expected in `outcomes`
 * outcomes, however they are spread over charts of which each outcome meets `charts`. A sum reaches
 * h only if the product of the likelihood ratios from some outcome on reaches e^h; from one outcome
 * on that has probability ≤ e^−h (Ville), so that outcomes × charts × e^−h bounds the alarms.
 */
export function alarmThreshold(outcomes: number, falseAlarms: number, charts = 1): number {
  return Math.log((outcomes * charts) / falseAlarms);
}

/**
 * Outcomes until an alarm, on average, at a true `rate` where `expected` was expected (Brook and
 * Evans, Biometrika 1972: the chart as a Markov chain over `states` steps of the sum, rounded to the
 * nearest). For 0/1 scores.
 */
export function averageRunLength(
  chart: { readonly expected: number; readonly fall: number; readonly threshold: number },
  rate: number,
  states = 200,
): number {
  const { expected, fall, threshold } = chart;
  const width = threshold / states;
  const place = (sum: number) => Math.max(0, Math.round(sum / width));
  // Runs from each state: length = 1 + P(right) length(next) + P(wrong) length(next).
  const rows = Array.from({ length: states }, (_, state) => {
    const row = new Float64Array(states + 1);
    row[state] = 1;
    row[states] = 1;
    for (const [score, chance] of [
      [1, rate],
      [0, 1 - rate],
    ] as const) {
      const next = place(state * width + fallEvidence(score, expected, fall));
      if (next < states) row[next] = (row[next] as number) - chance;
    }
    return row;
  });
  return solveFirst(rows);
}

/** First unknown of a system whose last column is the right side; Gauss with the diagonal as pivot. */
function solveFirst(rows: readonly Float64Array[]): number {
  const size = rows.length;
  // From the last to the first, so that the first is left over.
  for (let pivot = size - 1; pivot > 0; pivot -= 1) {
    const line = rows[pivot] as Float64Array;
    const scale = line[pivot] as number;
    for (let other = 0; other < pivot; other += 1) {
      const target = rows[other] as Float64Array;
      const factor = (target[pivot] as number) / scale;
      if (factor === 0) continue;
      for (let column = 0; column <= pivot; column += 1)
        target[column] = (target[column] as number) - factor * (line[column] as number);
      target[size] = (target[size] as number) - factor * (line[size] as number);
    }
  }
  const first = rows[0] as Float64Array;
  return (first[size] as number) / (first[0] as number);
}
