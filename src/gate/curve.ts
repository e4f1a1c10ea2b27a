import { mean } from '../base/statistics.ts';
import {
  type CalibrationSet,
  chooseAt,
  REFERENCE_ONLY,
  thresholdSteps,
} from './calibration-set.ts';

/** A choice among models, seen from afar. */
export interface CurvePoint {
  /** Mean cost as a share of what the reference costs for everything. */
  readonly cost: number;
  /** Mean score, 0 … 1. */
  readonly quality: number;
}

export interface CostCurve {
  /** From the reference alone to the cheapest model for everything. */
  readonly points: readonly CurvePoint[];
  /** Each model alone. */
  readonly singles: readonly (CurvePoint & { readonly model: string })[];
}

const STEPS = 60;

/** What the gate would have cost and given at every threshold; missing grades count as wrong. */
export function costCurve(set: CalibrationSet): CostCurve {
  const { rows, models, reference } = set;
  const whole = mean(rows.map((row) => row.costs[reference] ?? 0)) || 1;
  const pointOf = (choose: (row: CalibrationSet['rows'][number]) => number): CurvePoint => ({
    cost: mean(rows.map((row) => row.costs[choose(row)] ?? 0)) / whole,
    quality: mean(rows.map((row) => row.scores[choose(row)] || 0)),
  });
  const steps = [
    REFERENCE_ONLY,
    ...thresholdSteps(rows, reference, STEPS),
    Number.POSITIVE_INFINITY,
  ];
  return {
    points: steps.map((step) => pointOf((row) => chooseAt(row, reference, step))),
    singles: models.map((model, place) => ({ model, ...pointOf(() => place) })),
  };
}
