import { counted } from '../base/counted.ts';
import { seededRandom } from '../base/random.ts';
import { mean } from '../base/statistics.ts';
import type { WeightFit } from '../core/collection-weight.ts';

/** What one query says of each weight that was tried. */
export interface WeightTrial {
  /** How high what was wanted is found by each weight, 0 … 1. */
  readonly found: readonly number[];
  /** What would be found by chance by each weight, given how what is wanted was learnt. */
  readonly control?: readonly number[];
  /** What it counts beside others, above 0; absent = 1. */
  readonly trust?: number;
}

/**
 * How far from the default the weight may go by what was opened and cited: rankings that nobody judged
 * tell on which side of it something is missing, and hardly how far.
 */
const REACH = 0.1;

export interface FitOptions {
  /** Of the trials, ascending; the default is among them, and both legs alone. */
  readonly weights: readonly number[];
  readonly defaultWeight: number;
  readonly seed: number;
}

/** Judged queries decide where there are enough of them, else all within reach of the default. */
export function fitBySignals(
  signals: { readonly judged: readonly WeightTrial[]; readonly shown: readonly WeightTrial[] },
  options: FitOptions,
): WeightFit {
  const { judged, shown } = signals;
  if (judged.length >= LEAST_QUERIES || shown.length === 0) return fitWeight(judged, options);
  return fitWeight([...judged, ...shown], { ...options, reach: REACH });
}

/** Weights of meaning that are tried, ascending, with both legs alone. */
export function weightsToTry(defaultWeight: number): readonly number[] {
  const grid = Array.from({ length: 21 }, (_one, at) => at / 20);
  return [...new Set([...grid, defaultWeight])].sort((left, right) => left - right);
}

/**
 * What is expected of a weight before anything is seen of a collection: the default was chosen because
 * it is best on the whole, so another one loses `EXPECTED_LOSS` times its distance, give or take
 * `GAIN_DEVIATION` times the root of it. Read off five sets (bench/knowledge-weights), which differ
 * in the gain of .9 by .012 and of .4 by .015.
 */
const EXPECTED_LOSS = 0.05;
const GAIN_DEVIATION = 0.03;
/** What queries differ by at .1 from the default, and how many of these stand beside the ones seen. */
const USUAL_DEVIATION = 0.05;
const USUAL_QUERIES = 10;
/** Below this nothing is said of a collection, however clear they are. */
const LEAST_QUERIES = 10;
/** One-sided: 5 % of such collections gain less than the bound. */
const BOUND = 1.645;
const RISK = 0.05;
const ROUNDS = 2000;

/**
 * The weight whose gain over the default is greatest as far as it can be believed (the posterior mean
 * of a normal prior, so that few queries say little); the default where 5 % or more of what may be is
 * no gain, by the posterior or by a bootstrap of the queries, and where one leg alone, which `reach`
 * does not keep away, finds more.
 */
export function fitWeight(
  trials: readonly WeightTrial[],
  options: FitOptions & { readonly reach?: number },
): WeightFit {
  const { weights, defaultWeight, seed, reach = 1 } = options;
  const trust = trials.map((one) => one.trust ?? 1);
  const queries = sum(trust) ** 2 / Math.max(Number.EPSILON, sum(trust.map((one) => one * one)));
  const stays = (reason: string, best?: WeightFit['best']): WeightFit => ({
    weight: defaultWeight,
    isChanged: false,
    reason,
    queries,
    ...(best === undefined ? {} : { best }),
  });
  if (queries < LEAST_QUERIES)
    return stays(
      `${counted(Math.floor(queries), 'query is', 'queries are')} too few to tell; ${LEAST_QUERIES} are needed`,
    );
  const base = weights.indexOf(defaultWeight);
  const candidates = weights.map((weight, at) => {
    const gains = trials.map(({ found }) => (found[at] ?? 0) - (found[base] ?? 0));
    const distance = Math.abs(weight - defaultWeight);
    const gain = weighed(gains, trust);
    return { weight, gains, gain, ...believed(gain, { gains, trust, queries, distance }) };
  });
  const best = candidates
    .filter((one) => Math.abs(one.weight - defaultWeight) < reach + 1e-6)
    .reduce((one, other) => (other.expected > one.expected ? other : one));
  const better = Math.max(...candidates.flatMap((one) => (isLeg(one.weight) ? [one.gain] : [])));
  const gainLow = Math.min(best.low, lowerBound(best.gains, trust, seed));
  const figures = {
    weight: best.weight,
    gain: best.gain,
    gainLow,
    overBetterLeg: best.gain - better,
  };
  if (best.weight === defaultWeight) return stays('no other weight finds more', figures);
  if (gainLow < 0)
    return stays(`the gain of ${best.weight} may be chance with these queries`, figures);
  if (mayBePlaces(trials, { at: weights.indexOf(best.weight), base, seed }))
    return stays(`what speaks for ${best.weight} may come from the places alone`, figures);
  if (reach === 1 && best.gain < better)
    return stays('one leg alone finds more than any sum', figures);
  return {
    weight: best.weight,
    isChanged: true,
    reason: `${best.weight} finds more than ${defaultWeight}`,
    queries,
    best: figures,
  };
}

/** Whether the gain is no greater than that of the control, where trials have one. */
function mayBePlaces(
  trials: readonly WeightTrial[],
  { at, base, seed }: { readonly at: number; readonly base: number; readonly seed: number },
): boolean {
  const controlled = trials.flatMap(({ found, control, trust = 1 }) => {
    if (control === undefined) return [];
    const gain = (found[at] ?? 0) - (found[base] ?? 0);
    return [{ trust, gain: gain - (control[at] ?? 0) + (control[base] ?? 0) }];
  });
  const gains = controlled.map((one) => one.gain);
  const trust = controlled.map((one) => one.trust);
  return gains.length > 0 && lowerBound(gains, trust, seed) < 0;
}

/** Posterior mean and lower bound of a weight's gain. */
function believed(
  gain: number,
  seen: {
    readonly gains: readonly number[];
    readonly trust: readonly number[];
    readonly queries: number;
    readonly distance: number;
  },
): { readonly expected: number; readonly low: number } {
  const { gains, trust, queries, distance } = seen;
  if (distance === 0) return { expected: 0, low: 0 };
  const squares = weighed(
    gains.map((one) => (one - gain) ** 2),
    trust,
  );
  const usual = (USUAL_DEVIATION ** 2 * distance) / 0.1;
  const ofQueries = (queries * squares + USUAL_QUERIES * usual) / (queries + USUAL_QUERIES);
  const precision = queries / ofQueries;
  const before = 1 / (GAIN_DEVIATION ** 2 * distance);
  const expected = (gain * precision - EXPECTED_LOSS * distance * before) / (precision + before);
  return { expected, low: expected - BOUND / Math.sqrt(precision + before) };
}

/** Of the weighed mean, by resampling the queries. */
function lowerBound(gains: readonly number[], trust: readonly number[], seed: number): number {
  const random = seededRandom(seed);
  const means = Float64Array.from({ length: ROUNDS }, () => {
    let total = 0;
    let weight = 0;
    for (let draw = 0; draw < gains.length; draw += 1) {
      const at = Math.floor(random() * gains.length);
      total += (gains[at] ?? 0) * (trust[at] ?? 0);
      weight += trust[at] ?? 0;
    }
    return total / weight;
  });
  return means.sort()[Math.floor(RISK * ROUNDS)] ?? 0;
}

function weighed(values: readonly number[], trust: readonly number[]): number {
  return sum(values.map((value, at) => value * (trust[at] ?? 0))) / sum(trust);
}

/** Words alone or meaning alone. */
function isLeg(weight: number): boolean {
  return weight === 0 || weight === 1;
}

function sum(values: readonly number[]): number {
  return values.length === 0 ? 0 : mean(values) * values.length;
}
