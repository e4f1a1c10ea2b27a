import { seededRandom } from '../base/random.ts';
import { areaUnderCurve, quantile } from '../base/statistics.ts';

/** A judged claim whose answer is known. */
export interface GroundingOutcome {
  /** 0 … 1, after the veto. */
  readonly score: number;
  readonly isSupported: boolean;
  /** Claims on one document share a number; intervals draw documents. */
  readonly group: number;
  /** Evidence sentences by how well they carry the claim, and those that people named; indices. */
  readonly ranked: readonly number[];
  readonly gold?: readonly number[];
}

export interface Measured {
  readonly value: number;
  /** 95 % percentile bootstrap over documents. */
  readonly low: number;
  readonly high: number;
}

/** One tenth of the probabilities. */
export interface ReliabilityBin {
  readonly from: number;
  readonly rows: number;
  /** Share of all rows in this bin when each answer weighs the same, 0 … 1. */
  readonly weight: number;
  readonly meanProbability: number;
  /** Share supported at even odds, as the probabilities are. */
  readonly supported: number;
}

/** At a threshold: the share of claims that is shown, and of those the share that is unsupported. */
export interface DialPoint {
  readonly threshold: number;
  readonly shown: number;
  readonly unsupported: number;
}

export interface GroundingReport {
  readonly rows: number;
  readonly supported: number;
  readonly documents: number;
  readonly threshold: number;
  readonly balancedAccuracy: Measured;
  readonly auroc: Measured;
  readonly f1: number;
  readonly precision: number;
  readonly recall: number;
  /** Expected calibration error at even odds, 0 … 1. */
  readonly calibrationError: number;
  readonly reliability: readonly ReliabilityBin[];
  /** Share of the rows with gold whose first 1, 3, 5 sentences hold one of the gold. */
  readonly spans?: {
    readonly rows: number;
    readonly hitAt1: Measured;
    readonly hitAt3: number;
    readonly hitAt5: Measured;
  };
  readonly dial: readonly DialPoint[];
}

const BINS = 10;
const ROUNDS = 300;
const DIAL_STEP = 0.02;

/** Figures of judged claims; both answers must occur. */
export function reportGrounding(
  outcomes: readonly GroundingOutcome[],
  { threshold, seed }: { readonly threshold: number; readonly seed: number },
): GroundingReport {
  const measure = (of: (some: readonly GroundingOutcome[]) => number, some = outcomes) =>
    measured(some, of, seed);
  const isShown = (one: GroundingOutcome) => one.score >= threshold;
  const right = outcomes.filter((one) => isShown(one) && one.isSupported).length;
  const shown = outcomes.filter(isShown).length;
  const supported = outcomes.filter((one) => one.isSupported).length;
  const withGold = outcomes.filter((one) => (one.gold?.length ?? 0) > 0);
  const precision = shown === 0 ? 0 : right / shown;
  const recall = right / supported;
  const reliability = reliabilityOf(outcomes);
  return {
    rows: outcomes.length,
    supported,
    documents: new Set(outcomes.map((one) => one.group)).size,
    threshold,
    balancedAccuracy: measure((some) => balancedAccuracy(some, threshold)),
    auroc: measure(areaOf),
    f1: right === 0 ? 0 : (2 * precision * recall) / (precision + recall),
    precision,
    recall,
    calibrationError: calibrationErrorOf(reliability),
    reliability,
    ...(withGold.length === 0
      ? {}
      : {
          spans: {
            rows: withGold.length,
            hitAt1: measure((some) => hitShare(some, 1), withGold),
            hitAt3: hitShare(withGold, 3),
            hitAt5: measure((some) => hitShare(some, 5), withGold),
          },
        }),
    dial: dialOf(outcomes),
  };
}

/** Mean of the shares right among the supported and among the rest. */
export function balancedAccuracy(
  outcomes: readonly Pick<GroundingOutcome, 'score' | 'isSupported'>[],
  threshold: number,
): number {
  const share = (isSupported: boolean) => {
    const part = outcomes.filter((one) => one.isSupported === isSupported);
    return part.filter((one) => one.score >= threshold === isSupported).length / part.length;
  };
  return (share(true) + share(false)) / 2;
}

export function areaOf(
  outcomes: readonly Pick<GroundingOutcome, 'score' | 'isSupported'>[],
): number {
  const scores = (isSupported: boolean) =>
    outcomes.filter((one) => one.isSupported === isSupported).map((one) => one.score);
  return areaUnderCurve(scores(true), scores(false));
}

export function hitShare(outcomes: readonly GroundingOutcome[], count: number): number {
  const hits = outcomes.filter((one) =>
    one.ranked.slice(0, count).some((at) => one.gold?.includes(at)),
  );
  return hits.length / outcomes.length;
}

/** Coverage against error over all thresholds, from “show everything” on. */
function dialOf(
  outcomes: readonly Pick<GroundingOutcome, 'score' | 'isSupported'>[],
): readonly DialPoint[] {
  const points: DialPoint[] = [];
  for (let step = 0; step * DIAL_STEP < 1; step += 1) {
    const threshold = Number((step * DIAL_STEP).toFixed(2));
    const shown = outcomes.filter((one) => one.score >= threshold);
    if (shown.length === 0) break;
    points.push({
      threshold,
      shown: shown.length / outcomes.length,
      unsupported: shown.filter((one) => !one.isSupported).length / shown.length,
    });
  }
  return points;
}

/** Each answer weighs the same, because the probabilities are at even odds. */
function reliabilityOf(outcomes: readonly GroundingOutcome[]): readonly ReliabilityBin[] {
  const supported = outcomes.filter((one) => one.isSupported).length;
  const weightOf = (one: GroundingOutcome) =>
    one.isSupported ? 1 / supported : 1 / (outcomes.length - supported);
  return Array.from({ length: BINS }, (_, bin) => {
    const part = outcomes.filter((one) => Math.min(BINS - 1, Math.floor(one.score * BINS)) === bin);
    const weight = part.reduce((sum, one) => sum + weightOf(one), 0);
    const sumOf = (of: (one: GroundingOutcome) => number) =>
      part.reduce((sum, one) => sum + weightOf(one) * of(one), 0);
    return {
      from: bin / BINS,
      rows: part.length,
      weight: weight / 2,
      meanProbability: weight === 0 ? 0 : sumOf((one) => one.score) / weight,
      supported: weight === 0 ? 0 : sumOf((one) => (one.isSupported ? 1 : 0)) / weight,
    };
  });
}

function calibrationErrorOf(bins: readonly ReliabilityBin[]): number {
  return bins.reduce(
    (error, bin) => error + bin.weight * Math.abs(bin.meanProbability - bin.supported),
    0,
  );
}

/** A figure with its interval over documents drawn with replacement. */
export function measured(
  outcomes: readonly GroundingOutcome[],
  of: (some: readonly GroundingOutcome[]) => number,
  seed: number,
): Measured {
  const random = seededRandom(seed);
  const documents = [...Map.groupBy(outcomes, (one) => one.group).values()];
  const values: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const drawn = documents.flatMap(() => documents[Math.floor(random() * documents.length)] ?? []);
    const value = of(drawn);
    if (Number.isFinite(value)) values.push(value);
  }
  return {
    value: of(outcomes),
    low: quantile(values, 0.025),
    high: quantile(values, 0.975),
  };
}
