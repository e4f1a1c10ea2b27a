import { calibrationError } from '../base/calibration.ts';
import type { MicroModelMode } from '../base/micro-model.ts';
import { type HeadScores, judge } from '../base/mixture.ts';
import { wilsonInterval } from '../base/statistics.ts';

/** Scores of rows by heads that had not seen them. */
export interface HeldOut {
  readonly scores: HeadScores[];
  readonly classes: number[];
  /** Which rows they are. */
  readonly places: number[];
  /** By heads that miss some labels: rows of the labels that they know … */
  readonly known: HeadScores[];
  /** … and rows of the labels that they miss, with the background. */
  readonly foreign: HeadScores[];
}

/** Accuracy with its interval and the calibration error of the mixed probabilities. */
export function measureHeldOut(heldOut: HeldOut, mode: MicroModelMode) {
  const pairs = heldOut.scores.map((scores, at) => {
    const { probabilities } = judge(scores, mode.mixing, mode.novelty);
    const best = placeOfLargest(probabilities);
    return { confidence: probabilities[best] ?? 0, right: best === heldOut.classes[at] };
  });
  const right = pairs.filter((pair) => pair.right).length;
  const interval = wilsonInterval(right, pairs.length);
  return {
    heldOutCount: pairs.length,
    accuracy: interval.value,
    accuracyLow: interval.low,
    accuracyHigh: interval.high,
    calibrationError: calibrationError(pairs),
  };
}

export function placeOfLargest(values: Float64Array): number {
  let best = 0;
  values.forEach((value, place) => {
    if (value > (values[best] ?? 0)) best = place;
  });
  return best;
}
