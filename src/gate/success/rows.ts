import type { Targets } from '../../base/sparse-ridge.ts';
import type { TextReading } from '../../base/text-reading.ts';

/** Graded requests: what each model made of each. */
export interface GradedRows {
  readonly models: readonly string[];
  readonly readings: readonly TextReading[];
  /** '' = unknown. */
  readonly tasks: readonly string[];
  /** rows × models, 0 … 1; NaN = not graded. */
  readonly scores: Float64Array;
  /** One per row, > 0. */
  readonly weights: Float64Array;
}

/** Weight of "this row is as hard as any" beside a row's own grades, where some are missing. */
const LEVEL_PRIOR = 0.5;
const ROUNDS = 5;

/**
 * What is learned: the row's level (how well the models do on it together) and each model's
 * deviation from it. Differences between deviations are the gains of one model over another; level
 * and deviation add up to the score. With missing grades the level allows for which models were
 * graded, and one grade alone says less about it.
 */
export function targetsOf(rows: GradedRows, chosen: Int32Array): Targets {
  const models = rows.models.length;
  const means = modelMeans(rows, chosen);
  const grand = means.reduce((sum, value) => sum + value, 0) / models;
  const count = models + 1;
  const values = new Float64Array(chosen.length * count);
  const weights = new Float64Array(chosen.length * count);
  chosen.forEach((row, at) => {
    const level = grand + shiftOf(rows, row, means);
    const weight = rows.weights[row] as number;
    const base = at * count;
    for (let model = 0; model < models; model += 1) {
      const score = rows.scores[row * models + model] as number;
      if (Number.isNaN(score)) continue;
      values[base + 1 + model] = score - level;
      weights[base + 1 + model] = weight;
      weights[base] = weight;
    }
    values[base] = level;
  });
  return { count, values, weights };
}

/** Mean score of each model on a row of average difficulty. */
export function modelMeans(rows: GradedRows, chosen: Int32Array): Float64Array {
  const models = rows.models.length;
  let means = new Float64Array(models).fill(0.5);
  for (let round = 0; round < ROUNDS; round += 1) {
    const sums = new Float64Array(models);
    const totals = new Float64Array(models);
    for (const row of chosen) {
      const shift = round === 0 ? 0 : shiftOf(rows, row, means);
      for (let model = 0; model < models; model += 1) {
        const score = rows.scores[row * models + model] as number;
        if (Number.isNaN(score)) continue;
        const weight = rows.weights[row] as number;
        sums[model] = (sums[model] as number) + weight * (score - shift);
        totals[model] = (totals[model] as number) + weight;
      }
    }
    means = sums.map((sum, model) => (totals[model] === 0 ? 0.5 : sum / (totals[model] as number)));
  }
  return means;
}

/** How much better than average the graded models did on this row. */
function shiftOf(rows: GradedRows, row: number, means: Float64Array): number {
  const models = rows.models.length;
  let sum = 0;
  let graded = 0;
  for (let model = 0; model < models; model += 1) {
    const score = rows.scores[row * models + model] as number;
    if (Number.isNaN(score)) continue;
    sum += score - (means[model] as number);
    graded += 1;
  }
  return sum / (graded === models ? graded : graded + LEVEL_PRIOR);
}
