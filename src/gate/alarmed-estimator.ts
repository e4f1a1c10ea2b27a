import type { OnlineState } from '../core/online-state.ts';
import type { Estimator } from './estimator.ts';
import { watchedTask } from './graded-table.ts';
import { alarmFor, rateOf } from './online.ts';

/**
 * The estimator, but where an alarm about a spoke fell in the task of a request it is believed no more
 * than what its answers there were worth since. `stateOf` gives what is known at this moment.
 */
export function heedAlarms(estimator: Estimator, stateOf: () => OnlineState): Estimator {
  return {
    ...estimator,
    success(estimate, spoke, surface) {
      const before = estimator.success(estimate, spoke, surface);
      const state = stateOf();
      const task = watchedTask(estimate.posterior);
      if (alarmFor(state, task, spoke.id) === undefined) return before;
      const rate = rateOf(state, state.tasks.indexOf(task), state.models.indexOf(spoke.id));
      return Math.min(before, rate);
    },
  };
}
