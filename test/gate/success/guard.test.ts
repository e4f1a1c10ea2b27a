import { describe, expect, it } from 'vitest';
import { fitGuard, type JudgedRow, mayLeave, NEVER } from '../../../src/gate/success/guard.ts';
import type { GradedRows } from '../../../src/gate/success/rows.ts';
import type { TaskLabels } from '../../../src/gate/success/tasks.ts';

const TASKS = 6;
const COUNT = 600;

/** The second of two models is right where `wins` says so, the first one, the best, elsewhere. */
function rowsWhere(wins: (row: number) => boolean): GradedRows {
  return {
    models: ['best', 'other'],
    readings: [],
    tasks: [],
    scores: Float64Array.from(
      Array.from({ length: COUNT }, (_, row) => (wins(row) ? [0, 1] : [1, 0])).flat(),
    ),
    weights: new Float64Array(COUNT).fill(1),
  };
}

const labels: TaskLabels = {
  names: Array.from({ length: TASKS }, (_, task) => `task ${task}`),
  ofRow: Int32Array.from({ length: COUNT }, (_, row) => row % TASKS),
  found: false,
};

/** Every row is thought to be the other model's. */
function judged(rows: readonly number[], doubt: (row: number) => number): JudgedRow[] {
  return rows.map((row) => ({
    row,
    task: row % TASKS,
    values: Float64Array.of(0.4, 0.7),
    doubt: doubt(row),
  }));
}

const past = [...Array(COUNT / 2).keys()];
const left = past.map((row) => row + COUNT / 2);

describe('fitGuard', () => {
  it('leaves the best model where it gains and texts of new kinds are told apart', () => {
    const rows = rowsWhere((row) => row < COUNT / 2);
    const known = judged(past, () => 0.01);
    const guard = fitGuard(
      rows,
      0,
      known,
      judged(left, () => 0.9),
      labels,
    );
    expect(guard.margin).toBeLessThan(0.3);
    for (let task = 0; task < TASKS; task += 1) {
      expect(mayLeave(guard, task, 0.01)).toBe(true);
      expect(mayLeave(guard, task, 0.9)).toBe(false);
    }
  });

  it('never leaves it where texts of new kinds pass for known ones and lose', () => {
    const rows = rowsWhere((row) => row < COUNT / 2);
    const known = judged(past, () => 0.01);
    expect(
      fitGuard(
        rows,
        0,
        known,
        judged(left, () => 0.01),
        labels,
      ),
    ).toEqual(NEVER);
  });

  it('asks for a gain over tasks, not one task that gains for all', () => {
    const isLucky = (row: number) => row < COUNT / 2 || row % TASKS === 0;
    const known = judged(past, () => 0.01);
    // Doubtless rows of the lucky task gain 50, those of two others lose 40.
    const passing = left.filter((row) => row % TASKS === 0 || (row % TASKS < 3 && row % 5 < 2));
    const kept = new Set(passing);
    const fresh = judged(left, (row) => (kept.has(row) ? 0.01 : 0.9));
    const lucky = fitGuard(rowsWhere(isLucky), 0, known, fresh, labels);
    for (const task of [0, 1, 2]) expect(mayLeave(lucky, task, 0.01)).toBe(false);
    const everywhere = rowsWhere(() => true);
    const proved = fitGuard(
      everywhere,
      0,
      known,
      judged(left, () => 0.01),
      labels,
    );
    for (const task of [0, 1, 2]) expect(mayLeave(proved, task, 0.01)).toBe(true);
  });

  it('keeps the tasks that texts of new kinds pass for, and leaves in the others', () => {
    const rows = rowsWhere((row) => row < COUNT / 2);
    const known = judged(past, () => 0.01);
    const fresh = judged(left, () => 0.01).map((one) => ({ ...one, task: 0 }));
    const guard = fitGuard(rows, 0, known, fresh, labels);
    const leaving = [...labels.names.keys()].filter((task) => mayLeave(guard, task, 0.01));
    expect(leaving).toEqual([1, 2, 3, 4, 5]);
  });

  it('wants more than chance of a task that texts of new kinds pass for', () => {
    // Task 0 gains 26 of 50 times and loses 24, the others always gain.
    const rows = rowsWhere((row) => row < COUNT / 2 && (row % TASKS !== 0 || row % 50 < 26));
    const known = judged(past, () => 0.01);
    const few = judged(left, (row) => (row < COUNT / 2 + TASKS ? 0.01 : 0.9));
    expect(mayLeave(fitGuard(rows, 0, known, few, labels), 0, 0.01)).toBe(false);
    expect(mayLeave(fitGuard(rows, 0, known, few, labels), 1, 0.01)).toBe(true);
    expect(mayLeave(fitGuard(rows, 0, known, [], labels), 0, 0.01)).toBe(true);
  });

  it('takes found clusters together', () => {
    const rows = rowsWhere((row) => row < COUNT / 2 || row % TASKS < 4);
    const known = judged(past, () => 0.01);
    const fresh = judged(left, () => 0.01);
    expect(fitGuard(rows, 0, known, fresh, { ...labels, found: true }).margin).toBeLessThan(0.3);
    expect(fitGuard(rows, 0, known, fresh, labels)).toEqual(NEVER);
  });
});
