import type { TextReading } from '../../base/text-reading.ts';
import { fitSuccess } from './fit.ts';
import { readForHeads } from './heads.ts';
import { type NewcomerRow, onboardModel, withoutNewcomer } from './onboard.ts';
import type { GradedRows } from './rows.ts';
import { estimateSuccess, guardedProbabilities, type SuccessModel } from './success-model.ts';

/** What a gate learned of its models, all measured against the reference. */
export interface GateModel {
  readonly reference: number;
  /** P(success | request, model). */
  readonly success: SuccessModel;
  /** P(nothing of what the reference gets right is lost | request, model). */
  readonly keeping: SuccessModel;
}

export interface GateEstimate {
  /** P(success) per model, 0 … 1; none above the best single model's that the guard would not choose. */
  readonly probabilities: Float64Array;
  /** What each model is expected to lose of the reference's score, 0 … 1; 0 for the reference. */
  readonly losses: Float64Array;
}

/** Rows with a grade of the reference say what is lost; the others teach success alone. */
export function fitGateModel(rows: GradedRows, reference: number, seed: number): GateModel {
  const count = rows.models.length;
  const kept = rows.scores.map((score, at) => {
    const whole = rows.scores[at - (at % count) + reference] as number;
    return 1 - Math.max(0, whole - score);
  });
  return {
    reference,
    success: fitSuccess(rows, { seed }),
    keeping: fitSuccess({ ...rows, scores: kept }, { seed }),
  };
}

/**
 * The gate with one model more, from few graded requests. Where the reference was not graded on one, it
 * is right there as probably as the gate believes. Throws RangeError as `onboardModel` does.
 */
export function joinGateModel(
  model: GateModel,
  id: string,
  rows: readonly NewcomerRow[],
): GateModel {
  const { reference, success, keeping } = model;
  const kept = rows.map((row): NewcomerRow => {
    const grade = row.others?.[reference] ?? Number.NaN;
    const believed = () =>
      estimateSuccess(success, row.reading, row.task).probabilities[reference] as number;
    const lost = (score: number) =>
      Number.isNaN(grade) ? believed() * (1 - score) : Math.max(0, grade - score);
    const others = Array.from(row.others ?? [], (score) => 1 - Math.max(0, grade - score));
    return { ...row, score: 1 - lost(row.score), others };
  });
  return {
    reference,
    success: onboardModel(success, id, rows),
    keeping: onboardModel(keeping, id, kept),
  };
}

/** The gate without some of the models that joined it. */
export function withoutNewcomers(model: GateModel, ids: readonly string[]): GateModel {
  const rest = (success: SuccessModel) => ids.reduce(withoutNewcomer, success);
  return { ...model, success: rest(model.success), keeping: rest(model.keeping) };
}

/**
 * The expected loss is the mean of two ways to tell it: P(reference right) × P(model wrong), as if both
 * failed independently, and what was learned of the loss itself. Of 2,804 requests to eight models the
 * certificate (α .05) then keeps 38 % off the reference instead of 25 %; with two models there is no
 * difference (16 % and 15 %, 38 % and 39 %).
 */
export function estimateGate(model: GateModel, reading: TextReading): GateEstimate {
  const { reference } = model;
  // Both were trained on the same rows with the same seed, so they read a text alike.
  const read = readForHeads(model.success.heads, reading);
  const estimate = estimateSuccess(model.success, reading, undefined, read);
  let losses: Float64Array | undefined;
  const lossesOf = () => {
    const keeping = estimateSuccess(model.keeping, reading, undefined, read).probabilities;
    const right = estimate.probabilities[reference] as number;
    return estimate.probabilities.map((one, at) =>
      at === reference ? 0 : (right * (1 - one) + 1 - (keeping[at] as number)) / 2,
    );
  };
  return {
    probabilities: guardedProbabilities(model.success, estimate),
    // Only a certificate asks for them; they are a quarter of the work.
    get losses() {
      losses ??= lossesOf();
      return losses;
    },
  };
}
