import { calibrationError } from '../base/calibration.ts';
import type { MicroModelMode } from '../base/micro-model.ts';
import { type HeadScores, judge } from '../base/mixture.ts';
import type { PairedCounts } from '../base/paired-test.ts';
import { rightShare } from './right-share.ts';

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
  return {
    heldOutCount: pairs.length,
    ...rightShare(right, pairs.length),
    calibrationError: calibrationError(pairs),
  };
}

/** Rows that two models had not seen, and how often only one of them is right. */
export function pairHeldOut(first: MeasuredHeads, second: MeasuredHeads): PairedCounts {
  const [rights, others] = [rightRows(first), rightRows(second)];
  const both = [...rights].flatMap(([place, isRight]) => {
    const other = others.get(place);
    return other === undefined ? [] : [{ isRight, other }];
  });
  return {
    rows: both.length,
    onlyFirst: both.filter(({ isRight, other }) => isRight && !other).length,
    onlySecond: both.filter(({ isRight, other }) => !isRight && other).length,
  };
}

interface MeasuredHeads {
  readonly heldOut: HeldOut;
  readonly mode: MicroModelMode;
}

/** Whether the most probable label is the right one, by row. */
function rightRows({ heldOut, mode }: MeasuredHeads): ReadonlyMap<number, boolean> {
  return new Map(
    heldOut.scores.map((scores, at) => {
      const { probabilities } = judge(scores, mode.mixing, mode.novelty);
      return [heldOut.places[at] ?? -1, placeOfLargest(probabilities) === heldOut.classes[at]];
    }),
  );
}

export function placeOfLargest(values: Float64Array): number {
  let best = 0;
  values.forEach((value, place) => {
    if (value > (values[best] ?? 0)) best = place;
  });
  return best;
}
