import { seededRandom } from './random.ts';
import { binomialTail, type Interval, quantile } from './statistics.ts';

/** Two models on the same rows: how often only one of them is right. */
export interface PairedCounts {
  readonly rows: number;
  readonly onlyFirst: number;
  readonly onlySecond: number;
}

/** Standard normal quantiles: 95 % one-sided, and 80 % power. */
const CRITICAL = 1.6449;
const POWER = 0.8416;

/**
 * P of at least `onlyFirst` of the rows on which only one is right, were both equally good: exact
 * test of McNemar (1947), one-sided. 1 without such rows.
 */
export function pairedAdvantage({ onlyFirst, onlySecond }: Omit<PairedCounts, 'rows'>): number {
  return binomialTail(onlySecond, onlyFirst + onlySecond, 0.5);
}

/**
 * Score of "the first is right `difference` more often than the second", a standard normal value
 * where that is so (Tango, Statistics in Medicine 1998, §2: variance at the maximum likelihood under
 * the hypothesis). `difference` is within (−1, 1). 0 where the rows say nothing.
 */
export function pairedScore(counts: PairedCounts, difference: number): number {
  const { rows, onlyFirst, onlySecond } = counts;
  // Maximum likelihood of P(only the second is right): 2 n q² + b q + c = 0.
  const b = (2 * rows - onlyFirst + onlySecond) * difference - onlyFirst - onlySecond;
  const c = -onlySecond * difference * (1 - difference);
  const share = (Math.sqrt(Math.max(0, b * b - 8 * rows * c)) - b) / (4 * rows);
  const variance = rows * (2 * share + difference * (1 - difference));
  const distance = onlyFirst - onlySecond - rows * difference;
  return variance <= 0 || Number.isNaN(variance) ? 0 : distance / Math.sqrt(variance);
}

/**
 * P of rows that speak as much against it, were the first worse by `margin` (0 < margin < 1): small
 * values show that it is less than that worse (non-inferiority, Tango's score test). 1 for no rows.
 */
export function pairedNonInferiority(counts: PairedCounts, margin: number): number {
  return counts.rows === 0 ? 1 : normalTail(pairedScore(counts, -margin));
}

/**
 * How much more often the first is right, with the 95 % percentile interval of the paired bootstrap
 * (Efron and Tibshirani, 1993, §13.3). Rows on which both agree change no sum, so that the draws jump
 * from one of the others to the next. [−1, 1] without rows.
 */
export function pairedDifference(
  { rows, onlyFirst, onlySecond }: PairedCounts,
  { seed, rounds = 1000 }: { readonly seed: number; readonly rounds?: number },
): Interval {
  if (rows === 0) return { value: 0, low: -1, high: 1 };
  const random = seededRandom(seed);
  const different = onlyFirst + onlySecond;
  const value = (onlyFirst - onlySecond) / rows;
  if (different === 0) return { value, low: 0, high: 0 };
  const step = Math.log(1 - different / rows);
  const means = Float64Array.from({ length: rounds }, () => {
    let sum = 0;
    let at = -1;
    for (;;) {
      // Rows until the next on which only one is right: geometric.
      at += 1 + (step === Number.NEGATIVE_INFINITY ? 0 : Math.floor(Math.log(1 - random()) / step));
      if (at >= rows) return sum / rows;
      sum += random() * different < onlyFirst ? 1 : -1;
    }
  });
  return { value, low: quantile(means, 0.025), high: quantile(means, 0.975) };
}

/**
 * P of a mean at least as large, were the values as often below 0 as above: one-sided test by random
 * signs (Fisher, The Design of Experiments, 1935, §21; drawn, with the observed signs among them). Exact,
 * however few they are, where each is as likely with either sign, as for pairs of which neither is
 * better; for values that lie unevenly about 0, as after a margin was added, it is near. 1 for none.
 */
export function signFlipTest(
  values: readonly number[],
  { seed, rounds = 4000 }: { readonly seed: number; readonly rounds?: number },
): number {
  const apart = values.filter((one) => one !== 0);
  const random = seededRandom(seed);
  const observed = apart.reduce((sum, one) => sum + one, 0);
  const slack = 1e-12 * apart.reduce((sum, one) => sum + Math.abs(one), 0);
  let least = 1;
  for (let round = 0; round < rounds; round += 1) {
    let sum = 0;
    for (const one of apart) sum += random() < 0.5 ? one : -one;
    if (sum >= observed - slack) least += 1;
  }
  return least / (rounds + 1);
}

/**
 * The least difference in accuracy that `rows` rows show with 80 % probability in a one-sided test at
 * 5 %, where the two disagree about a share `discordance` of them: n = (1.645 √ψ + .842 √(ψ − δ²))² / δ²
 * (Connor, Biometrics 1987), solved for δ. 1 where no difference can be seen.
 */
export function detectableDifference(rows: number, discordance: number): number {
  // Of models that hardly disagree, seven more are seen with 80 %: the exact test wants five.
  const least = 7 / Math.max(1, rows);
  const share = Math.min(1, Math.max(discordance, least));
  const isSeen = (gap: number) =>
    gap * Math.sqrt(rows) >= CRITICAL * Math.sqrt(share) + POWER * Math.sqrt(share - gap * gap);
  if (!isSeen(share)) return 1;
  let [low, high] = [0, share];
  for (let round = 0; round < 50; round += 1) {
    const gap = (low + high) / 2;
    if (isSeen(gap)) high = gap;
    else low = gap;
  }
  return Math.min(1, Math.max(high, least));
}

/**
 * Probabilities of several tests, each as large as its own would be were it the only one: at most
 * `risk` of all true hypotheses together are refused where values ≤ risk are (Holm, Scandinavian
 * Journal of Statistics 1979). In the given order.
 */
export function holmAdjusted(probabilities: readonly number[]): readonly number[] {
  const order = [...probabilities.keys()].toSorted(
    (a, b) => (probabilities[a] ?? 0) - (probabilities[b] ?? 0),
  );
  const adjusted = new Array<number>(probabilities.length).fill(1);
  let largest = 0;
  order.forEach((place, rank) => {
    largest = Math.max(largest, (probabilities.length - rank) * (probabilities[place] ?? 1));
    adjusted[place] = Math.min(1, largest);
  });
  return adjusted;
}

/** P(a standard normal value > z); error below 2 · 10⁻⁷ (Abramowitz and Stegun, 1964, 26.2.17). */
export function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z);
  const t = 1 / (1 + 0.2316419 * z);
  const terms = [0.31938153, -0.356563782, 1.781477937, -1.821255978, 1.330274429];
  const sum = terms.reduceRight((rest, term) => (rest + term) * t, 0);
  return (sum * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI);
}
