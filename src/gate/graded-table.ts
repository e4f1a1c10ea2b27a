import type { GradedTable, OnlineState } from '../core/online-state.ts';
import type { CalibrationSet } from './calibration-set.ts';
import { REST } from './certify.ts';
import { type Estimator, isFlat, type TaskEstimate, UNREAD } from './estimator.ts';
import { readForm } from './features.ts';
import { startOnline } from './online.ts';
import type { GateSpoke } from './spoke.ts';
import { OTHER, TASKS } from './task.ts';

/** What a gate watches: every task, and what tells no task. */
export const WATCHED_TASKS: readonly string[] = [...TASKS, OTHER];
/** Under which of these a decision's answers are counted, from its task posterior. */
export function watchedTask(tasks: TaskEstimate['posterior']): string {
  return isFlat(tasks) ? OTHER : (tasks[0]?.task ?? OTHER);
}

/** Graded requests that a table of thousands is worth at most: it says where to begin. */
const MOST_ROWS = 200;
/** What the starter's table is worth where nothing was fitted, as its prior is (starter-table.ts). */
const STARTER_ROWS = 20;

/** What each model got right in each task, on rows that the gate was not fitted on. */
export function gradedTable({ models, rows }: CalibrationSet): GradedTable {
  const table = new Map<string, Map<string, { right: number; trials: number }>>();
  for (const { slice = REST, scores } of rows) {
    const task = slice === REST ? OTHER : slice;
    const cells = table.get(task) ?? new Map<string, { right: number; trials: number }>();
    table.set(task, cells);
    models.forEach((model, place) => {
      const score = scores[place] ?? Number.NaN;
      if (Number.isNaN(score)) return;
      const { right, trials } = cells.get(model) ?? { right: 0, trials: 0 };
      cells.set(model, { right: right + score, trials: trials + 1 });
    });
  }
  return Object.fromEntries([...table].map(([task, cells]) => [task, Object.fromEntries(cells)]));
}

/** Nothing learned, and no model known yet. */
export function emptyOnline(): OnlineState {
  const none = WATCHED_TASKS.map(() => []);
  return startOnline({ tasks: WATCHED_TASKS, models: [], rates: none, weights: none });
}

/** What is believed of a spoke in each of `WATCHED_TASKS`: what was graded, else the starter's table. */
export function onlineColumn(
  spoke: GateSpoke,
  starter: Estimator,
  table: GradedTable | undefined,
): { readonly rate: number; readonly weight: number }[] {
  const nothing = readForm({ model: spoke.id, messages: [], sampling: {} });
  return WATCHED_TASKS.map((task) => {
    const estimate =
      task === OTHER ? UNREAD : { posterior: [{ task, probability: 1 }], flat: false };
    const before = starter.success(estimate, spoke, nothing);
    const rate = Math.min(1, Math.max(0, Number.isFinite(before) ? before : 0));
    const { right = 0, trials = 0 } = table?.[task]?.[spoke.id] ?? {};
    const all = trials + STARTER_ROWS;
    return { rate: (right + rate * STARTER_ROWS) / all, weight: Math.min(MOST_ROWS, all) };
  });
}
