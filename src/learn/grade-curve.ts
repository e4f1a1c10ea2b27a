import { type GradeCurve, onCurve } from '../base/grade-model.ts';
import { quantile } from '../base/statistics.ts';

/** Rows that one point of the curve stands on, at least. */
const POINT_ROWS = 25;
const POINTS_MOST = 100;
/** Fewer rows tell no curve. */
const LEAST_ROWS = 80;

/**
 * What a linear value is to be told as: the median number of rows with values like it, never falling. Where
 * numbers are heaped (many zeros, whole stars) that is nearer than the value, which is their mean. Undefined
 * where a curve of every second row brings the others no nearer.
 */
export function fitCurve(
  values: readonly number[],
  wanted: readonly number[],
): GradeCurve | undefined {
  if (values.length < LEAST_ROWS) return undefined;
  const places = [...values.keys()];
  const off = (guess: (value: number) => number, rows: readonly number[]) =>
    rows.reduce(
      (sum, at) => sum + Math.abs(guess(values[at] as number) - (wanted[at] as number)),
      0,
    );
  let bent = 0;
  for (const half of [0, 1]) {
    const seen = places.filter((at) => at % 2 === half);
    const curve = curveOf(values, wanted, seen);
    bent += off(
      (value) => onCurve(value, curve),
      places.filter((at) => at % 2 !== half),
    );
  }
  const straight = off((value) => Math.min(1, Math.max(0, value)), places);
  return bent < straight ? curveOf(values, wanted, places) : undefined;
}

function curveOf(
  values: readonly number[],
  wanted: readonly number[],
  places: readonly number[],
): GradeCurve {
  const sorted = places.toSorted((a, b) => (values[a] as number) - (values[b] as number));
  const count = Math.min(POINTS_MOST, Math.max(1, Math.floor(sorted.length / POINT_ROWS)));
  const points = Array.from({ length: count }, (_, part) => {
    const own = sorted.slice(
      Math.floor((part * sorted.length) / count),
      Math.floor(((part + 1) * sorted.length) / count),
    );
    return {
      from: own.reduce((sum, at) => sum + (values[at] as number), 0) / own.length,
      to: quantile(
        own.map((at) => wanted[at] as number),
        0.5,
      ),
    };
  });
  return { from: points.map((point) => point.from), to: rising(points.map((point) => point.to)) };
}

/** The nearest values that never fall: neighbours that do share their mean (Ayer et al., 1955). */
function rising(values: readonly number[]): number[] {
  const blocks: { sum: number; count: number }[] = [];
  for (const value of values) {
    let block = { sum: value, count: 1 };
    let last = blocks.at(-1);
    while (last !== undefined && last.sum / last.count > block.sum / block.count) {
      blocks.pop();
      block = { sum: last.sum + block.sum, count: last.count + block.count };
      last = blocks.at(-1);
    }
    blocks.push(block);
  }
  return blocks.flatMap(({ sum, count }) => Array.from({ length: count }, () => sum / count));
}
