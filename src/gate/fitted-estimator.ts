import { readText } from '../base/text-reading.ts';
import type { Estimator } from './estimator.ts';
import { estimateGate, type GateModel } from './success/gate-model.ts';

/** The starter's estimator with what was learned of the fitted models in its place. */
export function createFittedEstimator(starter: Estimator, model: GateModel): Estimator {
  const places = new Map(model.success.models.map((id, place) => [id, place]));
  return {
    estimate(request, surface) {
      const { probabilities, losses } = estimateGate(model, readText(surface.excerpt.text));
      const learned = { models: places, probabilities, losses };
      return { ...starter.estimate(request, surface), learned };
    },
    success(estimate, spoke, surface) {
      const place = places.get(spoke.id);
      const known = place === undefined ? undefined : estimate.learned?.probabilities[place];
      return known ?? starter.success(estimate, spoke, surface);
    },
  };
}
