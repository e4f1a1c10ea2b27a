import { seededRandom } from './random.ts';

/** Brings every feature to mean 0 and deviation 1, at most ±3; a feature that never varied is 0. */
export interface ShapeScale {
  readonly means: Float64Array;
  /** 1 / deviation; 0 = ignored. */
  readonly factors: Float64Array;
}

const CLIPPED_AT = 3;
/** Deviations from which a value is unlike all that was seen. */
const UNLIKE_AT = 4;
const DEVIATION_LEAST = 1e-3;
const CHANGE_LEAST = 0.01;

export function fitShapeScale(shapes: readonly Float64Array[], rows: Int32Array): ShapeScale {
  const size = shapes[0]?.length ?? 0;
  const means = new Float64Array(size);
  const squares = new Float64Array(size);
  for (const row of rows) {
    const shape = shapes[row];
    for (let at = 0; at < size; at += 1) {
      const value = shape?.[at] ?? 0;
      means[at] = (means[at] as number) + value;
      squares[at] = (squares[at] as number) + value * value;
    }
  }
  const count = Math.max(1, rows.length);
  const factors = new Float64Array(size);
  for (let at = 0; at < size; at += 1) {
    const mean = (means[at] as number) / count;
    means[at] = mean;
    const deviation = Math.sqrt(Math.max(0, (squares[at] as number) / count - mean * mean));
    factors[at] = deviation < DEVIATION_LEAST ? 0 : 1 / deviation;
  }
  return { means, factors };
}

/** How unlike all that was seen a shape is, as shares of its features, 0 … 1. */
export interface Unlikeness {
  /** Farther than four deviations from the mean. */
  readonly far: number;
  /** Different where all that was seen was the same. */
  readonly changed: number;
}

/** Writes the scaled shape into `result`. */
export function scaleShape(
  scale: ShapeScale,
  shape: Float64Array,
  result: Float64Array,
): Unlikeness {
  let far = 0;
  let changed = 0;
  for (let at = 0; at < result.length; at += 1) {
    const factor = scale.factors[at] as number;
    const gap = (shape[at] as number) - (scale.means[at] as number);
    if (factor === 0 && Math.abs(gap) > CHANGE_LEAST) changed += 1;
    const value = gap * factor;
    if (value > UNLIKE_AT || value < -UNLIKE_AT) far += 1;
    result[at] = Math.max(-CLIPPED_AT, Math.min(CLIPPED_AT, value));
  }
  return { far: far / result.length, changed: changed / result.length };
}

/**
 * Random Fourier features (Rahimi and Recht, NIPS 2007): dot products of them are those of a
 * Gaussian kernel, here the mean of kernels of several widths. Made anew from seed and sizes, so
 * that a file need not keep them.
 */
export interface FourierMap {
  readonly size: number;
  readonly inputs: number;
  /** inputs × size. */
  readonly directions: Float32Array;
  readonly phases: Float32Array;
}

/** Widths of the kernels: exponent at the mean distance of two rows. */
const WIDTHS = [0.5, 1.5, 4];

/** `active` is the number of inputs that vary; the widths are relative to it. */
export function makeFourierMap(options: {
  readonly inputs: number;
  readonly active: number;
  readonly size: number;
  readonly seed: number;
}): FourierMap {
  const { inputs, size } = options;
  const random = seededRandom(options.seed);
  const directions = new Float32Array(size * inputs);
  const phases = new Float32Array(size);
  for (let at = 0; at < size; at += 1) {
    const width = WIDTHS[at % WIDTHS.length] as number;
    const deviation = Math.sqrt(width / Math.max(1, options.active));
    for (let input = 0; input < inputs; input += 1)
      directions[input * size + at] = deviation * normal(random);
    phases[at] = 2 * Math.PI * random();
  }
  return { size, inputs, directions, phases };
}

/** Box and Muller, 1958. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Inputs that are 0 cost nothing. */
export function applyFourier(map: FourierMap, input: Float64Array, result: Float64Array): void {
  const { size, inputs, directions, phases } = map;
  const scale = Math.sqrt(2 / size);
  for (let at = 0; at < size; at += 1) result[at] = phases[at] as number;
  for (let place = 0; place < inputs; place += 1) {
    const value = input[place] as number;
    if (value === 0) continue;
    const base = place * size;
    for (let at = 0; at < size; at += 1)
      result[at] = (result[at] as number) + value * (directions[base + at] as number);
  }
  for (let at = 0; at < size; at += 1) result[at] = scale * Math.cos(result[at] as number);
}
