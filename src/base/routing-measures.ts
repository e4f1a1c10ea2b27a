import { quantile } from './statistics.ts';

/** Quality against the share of requests that the strong model answers. */
export interface CallPoint {
  /** 0 … 1. */
  readonly share: number;
  readonly quality: number;
}

/** Scores of requests and what the weak and the strong model got on each. */
export interface ScoredPair {
  readonly scores: ArrayLike<number>;
  readonly weak: ArrayLike<number>;
  readonly strong: ArrayLike<number>;
}

/** Bins of equal size that RouteLLM's thresholds divide the scores into. */
const BINS = 10;

/**
 * RouteLLM's curve (Ong et al., "RouteLLM: Learning to Route LLMs with Preference Data", 2024): the
 * strong model is asked where the score reaches a threshold; thresholds at the ten-quantiles of the
 * scores, the last one exclusive. Ascending by share.
 */
export function callCurve({ scores, weak, strong }: ScoredPair): CallPoint[] {
  const count = scores.length;
  const points = Array.from({ length: BINS + 1 }, (_, step) => {
    const threshold = quantile(scores, step / BINS);
    let calls = 0;
    let total = 0;
    for (let row = 0; row < count; row += 1) {
      const score = scores[row] as number;
      const isStrong = step < BINS ? score >= threshold : score > threshold;
      if (isStrong) calls += 1;
      total += (isStrong ? strong[row] : weak[row]) as number;
    }
    return { share: calls / count, quality: total / count };
  });
  return points.sort((left, right) => left.share - right.share);
}

/**
 * Average performance gap recovered: area between the curve and the weak model over the area between
 * strong and weak (trapezoid rule); .5 = random. NaN where both are equally good.
 */
export function averageGapRecovered(pair: ScoredPair): number {
  const points = callCurve(pair);
  const [weak, strong] = [meanOf(pair.weak), meanOf(pair.strong)];
  const first = points[0]?.share ?? 0;
  const last = points.at(-1)?.share ?? 0;
  return (areaUnder(points) - weak * (last - first)) / ((strong - weak) * (last - first));
}

/** Smallest share of strong calls that recovers `part` of the gap, between points by straight lines; 1 if none does. */
export function callShare(pair: ScoredPair, part: number): number {
  const [weak, strong] = [meanOf(pair.weak), meanOf(pair.strong)];
  const wanted = weak + part * (strong - weak);
  let before: CallPoint | undefined;
  for (const point of callCurve(pair)) {
    if (point.quality >= wanted) {
      if (before === undefined || point.quality === before.quality) return point.share;
      const way = (wanted - before.quality) / (point.quality - before.quality);
      return before.share + way * (point.share - before.share);
    }
    before = point;
  }
  return 1;
}

/** Trapezoid rule over points that ascend by share. */
export function areaUnder(points: readonly CallPoint[]): number {
  let area = 0;
  points.forEach((point, at) => {
    const before = points[at - 1];
    if (before !== undefined)
      area += ((point.share - before.share) * (point.quality + before.quality)) / 2;
  });
  return area;
}

export function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < values.length; at += 1) sum += values[at] as number;
  return sum / values.length;
}

/** The upper hull of points: what mixing them at random reaches at best. Ascending by share. */
export function upperHull(points: readonly CallPoint[]): CallPoint[] {
  const sorted = [...points].sort((a, b) => a.share - b.share || b.quality - a.quality);
  const hull: CallPoint[] = [];
  for (const point of sorted) {
    const last = hull.at(-1);
    if (last !== undefined && point.quality <= last.quality) continue;
    while (hull.length >= 2 && isBelow(hull.at(-1), hull.at(-2), point)) hull.pop();
    hull.push(point);
  }
  return hull;
}

function isBelow(
  middle: CallPoint | undefined,
  left: CallPoint | undefined,
  right: CallPoint,
): boolean {
  if (middle === undefined || left === undefined) return false;
  const slope = (right.quality - left.quality) / Math.max(1e-12, right.share - left.share);
  return middle.quality <= left.quality + slope * (middle.share - left.share);
}

/** Mean quality over the shares from `from` to `to`, 0 … 1; before the first point the first holds, after the last the last. */
export function meanQuality(points: readonly CallPoint[], from: number, to: number): number {
  const steps = 200;
  let sum = 0;
  for (let step = 0; step <= steps; step += 1)
    sum += qualityAt(points, from + ((to - from) * step) / steps) * (step % steps === 0 ? 0.5 : 1);
  return sum / steps;
}

function qualityAt(points: readonly CallPoint[], share: number): number {
  let before = points[0];
  for (const point of points) {
    if (point.share >= share) {
      if (before === undefined || point.share === before.share) return point.quality;
      const way = Math.max(0, (share - before.share) / (point.share - before.share));
      return before.quality + way * (point.quality - before.quality);
    }
    before = point;
  }
  return before?.quality ?? Number.NaN;
}
