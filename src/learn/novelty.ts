import { fitOf, labelsOf, type Mixing, mixedLogs, type NoveltyRule } from '../base/mixture.ts';
import { areaUnderCurve, quantile } from '../base/statistics.ts';
import { type HeldOut, placeOfLargest } from './held-out.ts';

/** At most this share of the rows that are named rightly may be called none of these. */
const FALSE_REJECTION_MOST = 0.05;
const SOFTENINGS = [1, 1.5, 2, 3, 4, 6];

/**
 * When a text belongs to none of the labels: the softening whose fit separates best, the threshold
 * with the best balanced accuracy that rejects at most 5 % of the held-out rows that are right
 * (nothing is lost with a wrong one), and a logistic curve through both groups at equal weight
 * (Platt, 1999).
 *
 * `scores`: rows that the heads of all labels had not seen; they fit worse than `known`, the rows
 * of heads with fewer labels, so the limit is theirs. `foreign`: rows of the labels that those
 * heads miss, and background sentences.
 */
export function fitNovelty(
  { scores, classes, known, foreign }: HeldOut,
  mixing: Mixing,
): { readonly rule: NoveltyRule; readonly area: number } {
  let chosen = { area: -1, softening: 1, knownFits: [0], foreignFits: [0] };
  for (const softening of SOFTENINGS) {
    const knownFits = known.map((row) => fitOf(row, mixing, softening));
    const foreignFits = foreign.map((row) => fitOf(row, mixing, softening));
    const area = areaUnderCurve(knownFits, foreignFits);
    if (area > chosen.area) chosen = { area, softening, knownFits, foreignFits };
  }
  const { softening, knownFits, foreignFits, area } = chosen;
  const curve = fitLogistic(knownFits, foreignFits);
  const right = scores.filter(
    (row, at) => placeOfLargest(labelsOf(mixedLogs(row, mixing, 1))) === classes[at],
  );
  const highest = quantile(
    (right.length === 0 ? scores : right).map((row) => fitOf(row, mixing, softening)),
    FALSE_REJECTION_MOST,
  );
  const threshold = chooseThreshold(knownFits, foreignFits, highest);
  return { rule: { softening, ...curve, threshold }, area };
}

function chooseThreshold(
  known: readonly number[],
  foreign: readonly number[],
  highest: number,
): number {
  const candidates = [...known, ...foreign].filter((fit) => fit <= highest);
  let best = highest;
  let bestValue = -1;
  for (let share = 0; share <= 1; share += 0.02) {
    const threshold = quantile(candidates, share);
    const value = shareAtLeast(known, threshold) + 1 - shareAtLeast(foreign, threshold);
    if (value > bestValue) {
      bestValue = value;
      best = threshold;
    }
  }
  return best;
}

function shareAtLeast(fits: readonly number[], threshold: number): number {
  let count = 0;
  for (const fit of fits) if (fit >= threshold) count += 1;
  return count / fits.length;
}

const NEWTON_ROUNDS = 30;
/** Keeps the curve finite when the groups do not overlap. */
const RIDGE = 1e-2;

/** Newton's method on slope and offset; every group weighs 1 in all. */
function fitLogistic(known: readonly number[], foreign: readonly number[]) {
  let slope = 0;
  let offset = 0;
  const groups = [
    { fits: known, target: 1 },
    { fits: foreign, target: 0 },
  ];
  for (let round = 0; round < NEWTON_ROUNDS; round += 1) {
    let [gradientSlope, gradientOffset] = [RIDGE * slope, RIDGE * offset];
    let [slopes, cross, offsets] = [RIDGE, 0, RIDGE];
    for (const { fits, target } of groups) {
      for (const fit of fits) {
        const probability = 1 / (1 + Math.exp(-(slope * fit + offset)));
        const error = (probability - target) / fits.length;
        const curvature = (probability * (1 - probability)) / fits.length;
        gradientSlope += error * fit;
        gradientOffset += error;
        slopes += curvature * fit * fit;
        cross += curvature * fit;
        offsets += curvature;
      }
    }
    const determinant = slopes * offsets - cross * cross;
    slope -= (offsets * gradientSlope - cross * gradientOffset) / determinant;
    offset -= (slopes * gradientOffset - cross * gradientSlope) / determinant;
  }
  return { slope, offset };
}
