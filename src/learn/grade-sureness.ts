import type { GradeSureness } from '../base/grade-model.ts';
import { surenessOf } from '../base/grade-model.ts';

/** An answer to a row that taught nothing to who gave it. */
export interface MeasuredValue {
  readonly value: number;
  readonly isRight: boolean;
}

const PARTS_MOST = 10;
/** Fewer answers than this make no part of their own. */
const PART_ROWS = 50;

/** Shares of right answers by how high the answer is, in parts of as many rows each (with Laplace's rule). */
export function fitSureness(measured: readonly MeasuredValue[]): GradeSureness {
  const sorted = measured.toSorted((a, b) => a.value - b.value);
  const parts = Math.min(PARTS_MOST, Math.max(1, Math.floor(sorted.length / PART_ROWS)));
  const wanted = Array.from(
    { length: parts - 1 },
    (_, at) => sorted[Math.floor(((at + 1) * sorted.length) / parts)]?.value ?? 0,
  );
  const edges = [...new Set(wanted)];
  const counts = [...edges, 0].map(() => ({ right: 0, all: 0 }));
  for (const { value, isRight } of measured) {
    const count = counts[edges.filter((edge) => value >= edge).length];
    if (count === undefined) continue;
    count.all += 1;
    if (isRight) count.right += 1;
  }
  return { edges, shares: counts.map(({ right, all }) => (right + 1) / (all + 2)) };
}

/** How sure each answer is by the answers of other rows: two halves, each by the other. */
export function surenessByOthers(measured: readonly MeasuredValue[]): number[] {
  const halves = [0, 1].map((half) => fitSureness(measured.filter((_, at) => at % 2 !== half)));
  return measured.map(({ value }, at) => {
    const half = halves[at % 2];
    return half === undefined ? 0 : surenessOf(half, value);
  });
}
