import { sliceOf } from './context.ts';
import type { Estimator } from './estimator.ts';
import type { GateScope } from './scope.ts';

/**
 * The starter's estimator with the expected losses of a gate's scope. Some hundred graded answers tell
 * the mean of a task and no more (a learned head lost to it on held-out rows), so the losses are the
 * tasks'; a spoke that was not graded in a task is expected to lose everything.
 */
export function createScopedEstimator(starter: Estimator, scope: GateScope): Estimator {
  const spokes = [...scope.models.keys()];
  const models = new Map(spokes.map((id, place) => [id, place]));
  const byTask = new Map(
    [...scope.losses].map(([task, losses]) => [
      task,
      Float64Array.from(spokes, (id) => (id === scope.reference ? 0 : (losses[id] ?? 1))),
    ]),
  );
  const joinedRows = new Map<string, number>();
  return {
    ...starter,
    estimate(request, surface) {
      const estimate = starter.estimate(request, surface);
      const losses = byTask.get(sliceOf(estimate));
      return losses === undefined
        ? estimate
        : { ...estimate, learned: { models, losses, joinedRows } };
    },
  };
}
