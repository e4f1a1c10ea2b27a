import { seededRandom } from '../../base/random.ts';
import {
  applyFourier,
  type FourierMap,
  type ShapeScale,
  scaleShape,
} from '../../base/shape-space.ts';
import { SHAPE_NAMES } from '../../base/text-reading.ts';
import type { GradedRows } from './rows.ts';

export const FOURIER_SIZE = 384;
export const INNER_SIZE = 63;

/**
 * Capitals say something of a text where there are some; without any, somebody may just type so. Curves
 * and the distance from a task do not see them, and tasks are learned from texts of which a share looks
 * typed without.
 */
const CAPITALS = SHAPE_NAMES.indexOf('capital letters');
const WITHOUT_CAPITALS = 1 / 3;

/** The chosen rows as the heads learn from them; each rows × its size. */
export function shapeRows(
  rows: GradedRows,
  chosen: Int32Array,
  { scale, map, seed }: { scale: ShapeScale; map: FourierMap; seed: number },
) {
  const { inputs } = map;
  const random = seededRandom(seed);
  const lines = new Float64Array(chosen.length * inputs);
  const forms = new Float64Array(chosen.length * inputs);
  const curves = new Float64Array(chosen.length * FOURIER_SIZE);
  const inner = new Float64Array(chosen.length * INNER_SIZE);
  const extraSize = inputs + INNER_SIZE;
  const extra = new Float64Array(chosen.length * extraSize);
  chosen.forEach((row, at) => {
    const line = lines.subarray(at * inputs, (at + 1) * inputs);
    scaleShape(scale, rows.readings[row]?.shape ?? new Float64Array(inputs), line);
    const form = forms.subarray(at * inputs, (at + 1) * inputs);
    copyForm(line, form);
    const curve = curves.subarray(at * FOURIER_SIZE, (at + 1) * FOURIER_SIZE);
    applyFourier(map, form, curve);
    const part = inner.subarray(at * INNER_SIZE, (at + 1) * INNER_SIZE);
    innerFeatures(curve, part);
    const seen = random() < WITHOUT_CAPITALS ? typedSmall(scale, line) : line;
    extraFeatures(seen, part, extra.subarray(at * extraSize, (at + 1) * extraSize));
  });
  return { lines, forms, curves, inner, extra };
}

/** A scaled shape as the heads see it that are not straight. */
export function copyForm(line: Float64Array, form: Float64Array): void {
  form.set(line);
  form[CAPITALS] = 0;
}

function typedSmall(scale: ShapeScale, line: Float64Array): Float64Array {
  const seen = line.slice();
  seen[CAPITALS] = -(scale.means[CAPITALS] as number) * (scale.factors[CAPITALS] as number);
  return seen;
}

/** The first Fourier features as a map of their own. */
export function innerFeatures(curve: Float64Array, result: Float64Array): void {
  const factor = Math.sqrt(FOURIER_SIZE / INNER_SIZE);
  for (let at = 0; at < INNER_SIZE; at += 1) result[at] = factor * (curve[at] as number);
}

/** Shape and curve at a length like that of the words. */
export function extraFeatures(line: Float64Array, inner: Float64Array, result: Float64Array): void {
  const factor = 1 / Math.sqrt(line.length);
  for (let at = 0; at < line.length; at += 1) result[at] = factor * (line[at] as number);
  result.set(inner, line.length);
}
