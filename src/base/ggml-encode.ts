import { Q4_0, Q5_0, Q8_0 } from './ggml-decode.ts';

/**
 * Weights into ggml's blocks of 32 with one half-precision scale (ggml-common.h, `block_q4_0`,
 * `block_q5_0`, `block_q8_0`). Engines repack these for matrix products, as they do not all others.
 */
const BLOCK = 32;
const HALF = BLOCK / 2;
/** Scales that are tried beside the one that reaches the largest weight, in tenths of a step. */
const TRIED = [-6, -4, -2, 0, 2, 4, 6];

const bits = new DataView(new ArrayBuffer(4));

/** IEEE 754 binary16, to the nearest, ties to even. */
export function halfBits(value: number): number {
  bits.setFloat32(0, value);
  const word = bits.getUint32(0);
  const sign = (word >>> 16) & 0x8000;
  const exponent = ((word >>> 23) & 255) - 112;
  if (exponent >= 31) return sign | 0x7bff;
  if (exponent < -10) return sign;
  const fraction = (word & 0x7f_ffff) | 0x80_0000;
  const shift = exponent > 0 ? 13 : 14 - exponent;
  const kept = fraction >>> shift;
  const rest = fraction & ((1 << shift) - 1);
  const middle = 1 << (shift - 1);
  const rounded = kept + (rest > middle || (rest === middle && (kept & 1) === 1) ? 1 : 0);
  // The hidden bit adds to the exponent, and so does a carry out of the fraction.
  return sign | (exponent > 0 ? rounded + ((exponent - 1) << 10) : rounded);
}

/** Steps of `values[from … from + 32]` in whole numbers of `-least … least − 1`, and their scale. */
function quantise(values: Float32Array, from: number, least: number, steps: Int8Array): number {
  let extreme = 0;
  for (let index = 0; index < BLOCK; index += 1) {
    const value = values[from + index] ?? 0;
    if (Math.abs(value) > Math.abs(extreme)) extreme = value;
  }
  if (extreme === 0) {
    steps.fill(0);
    return 0;
  }
  let best = 0;
  let bestGain = 0;
  let bestScale = 0;
  for (const tenths of TRIED) {
    const factor = -(least + tenths / 10) / extreme;
    let product = 0;
    let square = 0;
    for (let index = 0; index < BLOCK; index += 1) {
      const value = values[from + index] ?? 0;
      const step = clamp(Math.round(factor * value), least);
      product += value * step;
      square += step * step;
    }
    // Least squares: the best scale for these steps, and what it takes off the squared error.
    const gain = square > 0 ? (product * product) / square : 0;
    if (gain > bestGain) [best, bestGain, bestScale] = [factor, gain, product / square];
  }
  for (let index = 0; index < BLOCK; index += 1)
    steps[index] = clamp(Math.round(best * (values[from + index] ?? 0)), least);
  return bestScale;
}

function clamp(step: number, least: number): number {
  return Math.max(-least, Math.min(least - 1, step));
}

type EncodeBlock = (values: Float32Array, from: number, view: DataView, at: number) => void;

const steps = new Int8Array(BLOCK);

function encodeQ4(values: Float32Array, from: number, view: DataView, at: number): void {
  view.setUint16(at, halfBits(quantise(values, from, 8, steps)), true);
  for (let index = 0; index < HALF; index += 1)
    view.setUint8(
      at + 2 + index,
      ((steps[index] ?? 0) + 8) | (((steps[index + HALF] ?? 0) + 8) << 4),
    );
}

function encodeQ5(values: Float32Array, from: number, view: DataView, at: number): void {
  view.setUint16(at, halfBits(quantise(values, from, 16, steps)), true);
  let fifths = 0;
  for (let index = 0; index < HALF; index += 1) {
    const low = (steps[index] ?? 0) + 16;
    const high = (steps[index + HALF] ?? 0) + 16;
    view.setUint8(at + 6 + index, (low & 15) | ((high & 15) << 4));
    fifths |= ((low >>> 4) << index) | ((high >>> 4) << (index + HALF));
  }
  view.setUint32(at + 2, fifths >>> 0, true);
}

function encodeQ8(values: Float32Array, from: number, view: DataView, at: number): void {
  let extreme = 0;
  for (let index = 0; index < BLOCK; index += 1)
    extreme = Math.max(extreme, Math.abs(values[from + index] ?? 0));
  const scale = extreme / 127;
  view.setUint16(at, halfBits(scale), true);
  for (let index = 0; index < BLOCK; index += 1)
    view.setInt8(at + 2 + index, scale === 0 ? 0 : Math.round((values[from + index] ?? 0) / scale));
}

const ENCODERS: ReadonlyMap<number, { readonly bytes: number; readonly encode: EncodeBlock }> =
  new Map([
    [Q4_0, { bytes: 18, encode: encodeQ4 }],
    [Q5_0, { bytes: 22, encode: encodeQ5 }],
    [Q8_0, { bytes: 34, encode: encodeQ8 }],
  ]);

/** Blocks of the type; the number of weights is a multiple of 32. Throws RangeError else. */
export function encodeBlocks(type: number, values: Float32Array): Uint8Array<ArrayBuffer> {
  const encoder = ENCODERS.get(type);
  if (encoder === undefined || values.length % BLOCK !== 0)
    throw new RangeError(`${values.length} weights cannot be written as type ${type}`);
  const blocks = values.length / BLOCK;
  const out = new Uint8Array(blocks * encoder.bytes);
  const view = new DataView(out.buffer);
  for (let block = 0; block < blocks; block += 1)
    encoder.encode(values, block * BLOCK, view, block * encoder.bytes);
  return out;
}
