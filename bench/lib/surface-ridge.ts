import { fitDense } from '../../src/base/dense-fit.ts';
import { applyDense } from '../../src/base/dense-ridge.ts';
import { fitShapeScale, scaleShape } from '../../src/base/shape-space.ts';
import { readText } from '../../src/base/text-reading.ts';
import type { DatasetRow } from '../../src/gate/success/dataset.ts';

/** Of the rows: what a standardised feature's weight is pulled to 0 by. */
const PENALTY = 0.03;

/**
 * The plain baseline: ridge regression of the gain (strong − weak) on what a prompt looks like. Returns
 * the predicted gain of a prompt. Rows without both grades teach nothing.
 */
export function fitSurfaceRidge(
  training: readonly DatasetRow[],
  [weak, strong]: readonly [number, number],
): (prompt: string) => number {
  const gains = training.map(({ scores }) => (scores[strong] ?? NaN) - (scores[weak] ?? NaN));
  const known = training.filter((_, at) => !Number.isNaN(gains[at]));
  const shapes = known.map(({ prompt }) => readText(prompt).shape);
  const all = Int32Array.from(shapes.keys());
  const scale = fitShapeScale(shapes, all);
  const size = scale.means.length;
  const rows = new Float64Array(shapes.length * size);
  shapes.forEach((shape, at) => {
    scaleShape(scale, shape, rows.subarray(at * size, (at + 1) * size));
  });
  const values = Float64Array.from(gains.filter((gain) => !Number.isNaN(gain)));
  const weights = new Float64Array(values.length).fill(1);
  const [linear] = fitDense(rows, size, { count: 1, values, weights }, [PENALTY * values.length]);
  if (linear === undefined) throw new RangeError('one penalty gives one solution');
  return (prompt) => {
    const line = new Float64Array(size);
    scaleShape(scale, readText(prompt).shape, line);
    const gain = new Float64Array(1);
    applyDense(linear, line, gain);
    return gain[0] as number;
  };
}
