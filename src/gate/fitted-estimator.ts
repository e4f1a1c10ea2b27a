import { readText } from '../base/text-reading.ts';
import type { GradedTable } from '../core/online-state.ts';
import { type Estimator, gradedBehind } from './estimator.ts';
import { estimateGate, type GateModel } from './success/gate-model.ts';

/**
 * The starter's estimator with what was learned of the fitted models in its place. `table` counts the
 * graded requests that the gate was held against.
 */
export function createFittedEstimator(
  starter: Estimator,
  model: GateModel,
  table: GradedTable = {},
): Estimator {
  const places = new Map(model.success.models.map((id, place) => [id, place]));
  const joinedRows = new Map(model.success.newcomers?.map(({ id, rows }) => [id, rows]));
  return {
    estimate(request, surface) {
      const gate = estimateGate(model, readText(surface.excerpt.text));
      const learned = {
        models: places,
        probabilities: gate.probabilities,
        get losses() {
          return gate.losses;
        },
        joinedRows,
      };
      return { ...starter.estimate(request, surface), learned };
    },
    success(estimate, spoke, surface) {
      const place = places.get(spoke.id);
      const known = place === undefined ? undefined : estimate.learned?.probabilities?.[place];
      return known ?? starter.success(estimate, spoke, surface);
    },
    graded: (estimate, spoke) =>
      places.has(spoke.id)
        ? gradedBehind(estimate, (task) => table[task]?.[spoke.id]?.trials ?? 0)
        : starter.graded(estimate, spoke),
    usualAnswer: (estimate, spoke) => starter.usualAnswer(estimate, spoke),
  };
}
