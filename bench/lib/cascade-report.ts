import { seededRandom, shuffledIndices } from '../../src/base/random.ts';
import { bootstrapMean, mean } from '../../src/base/statistics.ts';
import type { Sign } from '../../src/core/answer-checker.ts';
import { checkedProbability } from '../../src/verify/answer-checker.ts';
import { fitChecker, gradedArea } from '../../src/verify/fit-checker.ts';
import { type GradedAnswer, weighted } from './cascade-grades.ts';

/** Signs that come from one kind of check. */
export const GROUPS: Readonly<Record<string, readonly Sign[]>> = {
  prior: ['prior', 'priorData'],
  tokens: [
    'logprobKnown',
    'logprobCopying',
    'logprobChoice',
    'logprobProse',
    'leastKnown',
    'leastData',
    'leastCopying',
    'leastProse',
  ],
  words: ['length', 'hedging', 'refusal', 'truncation', 'repetition'],
  sums: [
    'sumsWrong',
    'sumsRight',
    'numbersUnused',
    'resultFraction',
    'resultCopied',
    'resultMissing',
    'sumsHeld',
    'numbersFresh',
    'lengthRatio',
  ],
  values: ['valuesMissing', 'valuesEmpty', 'valuesDoubtful'],
  support: ['unsupported', 'supported'],
  demands: ['demandsBroken', 'demandsMet'],
  facts: ['factsLost', 'factsKept'],
};
const FOLDS = 5;

/** P(right) of every answer by a checker that was fitted on other requests. */
export function heldOut(
  answers: readonly GradedAnswer[],
  seed: number,
  without: ReadonlySet<Sign> = new Set(),
): Float64Array {
  const foldOf = foldsOf(answers, seed);
  const scored = new Float64Array(answers.length);
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const training = answers.filter((one) => foldOf(one) !== fold);
    const checker = fitChecker(weighted(training), { source: 'folds', without, powers: false });
    answers.forEach((one, at) => {
      if (foldOf(one) === fold) scored[at] = checkedProbability(checker, one.signs);
    });
  }
  return scored;
}

function foldsOf(answers: readonly GradedAnswer[], seed: number): (one: GradedAnswer) => number {
  const groups = [...new Set(answers.map((one) => one.group))];
  const places = new Map<string, number>();
  shuffledIndices(groups.length, seed).forEach((group, at) => {
    places.set(groups[group] ?? '', at % FOLDS);
  });
  return (one) => places.get(one.group) ?? 0;
}

/** How well the probabilities tell right from wrong, and how true they are. */
export function discrimination(answers: readonly GradedAnswer[], scored: Float64Array) {
  return {
    answers: answers.length,
    right: rounded(mean(answers.map((one) => one.score))),
    auroc: rounded(
      gradedArea(
        answers.map((one) => one.score),
        Array.from(scored),
      ),
    ),
    calibrationError: rounded(gradedCalibrationError(answers, scored)),
  };
}

const BINS = 10;

/** Mean distance between confidence and mean grade over equal-width bins, weighted by their answers. */
function gradedCalibrationError(answers: readonly GradedAnswer[], scored: Float64Array): number {
  const bins = new Float64Array(BINS);
  answers.forEach(({ score }, at) => {
    const confidence = scored[at] ?? 0.5;
    const bin = Math.min(BINS - 1, Math.floor(confidence * BINS));
    bins[bin] = (bins[bin] ?? 0) + confidence - score;
  });
  return bins.reduce((sum, one) => sum + Math.abs(one), 0) / Math.max(1, answers.length);
}

/** Two answers to one request. */
export interface Pair {
  readonly group: string;
  readonly task: string;
  /** P(the cheap answer is right) after its checks, by a checker fitted on other requests. */
  readonly probability: number;
  readonly cheap: { readonly score: number; readonly cost: number };
  readonly reference: { readonly score: number; readonly cost: number };
}

export function pairsOf(
  answers: readonly GradedAnswer[],
  scored: Float64Array,
  cheap: string,
  reference: string,
): Pair[] {
  const references = new Map(
    answers.flatMap((one) => (one.spoke === reference ? [[one.group, one] as const] : [])),
  );
  return answers.flatMap((one, at) => {
    const other = references.get(one.group);
    if (one.spoke !== cheap || other === undefined) return [];
    return [
      {
        group: one.group,
        task: one.task,
        probability: scored[at] ?? 0.5,
        cheap: { score: one.score, cost: one.cost },
        reference: { score: other.score, cost: other.cost },
      },
    ];
  });
}

interface Cascaded {
  readonly quality: number;
  readonly cost: number;
  readonly escalated: boolean;
  readonly pair: Pair;
}

/** Milliseconds of the checks, as seconds of the pair's cost. */
function cascadeOne(pair: Pair, threshold: number, checkSeconds: number): Cascaded {
  const escalated = pair.probability < threshold;
  return {
    pair,
    escalated,
    quality: escalated ? pair.reference.score : pair.cheap.score,
    cost: pair.cheap.cost + checkSeconds + (escalated ? pair.reference.cost : 0),
  };
}

const STEPS = 40;

/** The lowest threshold of the quantiles at which the pairs are right as often as the reference alone. */
function equalQuality(pairs: readonly Pair[], slack: number): number {
  const wanted = mean(pairs.map((one) => one.reference.score)) - slack;
  const sorted = pairs.map((one) => one.probability).sort((left, right) => left - right);
  for (let step = 0; step <= STEPS; step += 1) {
    const threshold =
      step === STEPS ? 1 : (sorted[Math.floor((step / STEPS) * sorted.length)] ?? 1);
    const quality = mean(pairs.map((one) => cascadeOne(one, threshold, 0).quality));
    if (quality >= wanted) return threshold;
  }
  return 1;
}

/**
 * Route at once to the reference against the cascade: the threshold of each fold is the least with equal
 * quality on the other folds. Intervals by drawing requests.
 */
export function compareCascade(
  pairs: readonly Pair[],
  { seed, slack, checkSeconds }: { seed: number; slack: number; checkSeconds: number },
) {
  const order = shuffledIndices(pairs.length, seed);
  const foldOf = new Int32Array(pairs.length);
  order.forEach((place, at) => {
    foldOf[place] = at % FOLDS;
  });
  const done: Cascaded[] = [];
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const threshold = equalQuality(
      pairs.filter((_, at) => foldOf[at] !== fold),
      slack,
    );
    for (const [at, pair] of pairs.entries())
      if (foldOf[at] === fold) done.push(cascadeOne(pair, threshold, checkSeconds));
  }
  const gain = bootstrapMean(
    done.map((one) => one.quality - one.pair.reference.score),
    { seed },
  );
  return {
    requests: pairs.length,
    quality: {
      cheap: rounded(mean(pairs.map((one) => one.cheap.score))),
      reference: rounded(mean(pairs.map((one) => one.reference.score))),
      cascade: rounded(mean(done.map((one) => one.quality))),
      oracle: rounded(mean(pairs.map((one) => Math.max(one.cheap.score, one.reference.score)))),
    },
    gain: intervalOf(gain),
    costShare: shareInterval(done, seed),
    escalated: rounded(mean(done.map((one) => Number(one.escalated)))),
    /** With a check that knows which of the two answers is better: no check can save more. */
    costShareOfOracle: shareInterval(
      pairs.map((pair) => {
        const escalated = pair.cheap.score < pair.reference.score;
        return cascadeOne({ ...pair, probability: escalated ? 0 : 1 }, 0.5, checkSeconds);
      }),
      seed,
    ).value,
    cheapCostShare: rounded(
      mean(pairs.map((one) => one.cheap.cost)) / mean(pairs.map((one) => one.reference.cost)),
    ),
  };
}

const ROUNDS = 1000;

/** Cost of the cascade ÷ cost of the reference for everything. */
function shareInterval(done: readonly Cascaded[], seed: number) {
  const random = seededRandom(seed);
  const share = (rows: readonly Cascaded[]) =>
    rows.reduce((sum, one) => sum + one.cost, 0) /
    Math.max(
      1e-9,
      rows.reduce((sum, one) => sum + one.pair.reference.cost, 0),
    );
  const drawn = Array.from({ length: ROUNDS }, () =>
    share(done.map(() => done[Math.floor(random() * done.length)] as Cascaded)),
  ).sort((left, right) => left - right);
  return {
    value: rounded(share(done)),
    low: rounded(drawn[Math.floor(0.025 * ROUNDS)] ?? 0),
    high: rounded(drawn[Math.floor(0.975 * ROUNDS)] ?? 0),
  };
}

function intervalOf({ value, low, high }: { value: number; low: number; high: number }) {
  return { value: rounded(value), low: rounded(low), high: rounded(high) };
}

export function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
