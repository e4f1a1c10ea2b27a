import { readText } from '../base/text-reading.ts';
import { lastUserText } from '../core/chat.ts';
import type { Estimator } from './estimator.ts';
import { estimateSuccess, type SuccessModel } from './success/success-model.ts';

/** The starter's estimator with what was learned of the fitted models in its place. */
export function createFittedEstimator(starter: Estimator, model: SuccessModel): Estimator {
  const places = new Map(model.models.map((id, place) => [id, place]));
  return {
    estimate(request, surface) {
      const learned = estimateSuccess(model, readText(lastUserText(request.messages)));
      return { ...starter.estimate(request, surface), learned };
    },
    success(estimate, spoke, surface) {
      const place = places.get(spoke.id);
      const known = place === undefined ? undefined : estimate.learned?.probabilities[place];
      return known ?? starter.success(estimate, spoke, surface);
    },
  };
}
