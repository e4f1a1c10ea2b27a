/**
 * Weights out of ggml's blocks (ggml-common.h, `block_*`; ggml-quants.c, `dequantize_row_*`), by type
 * number of `enum ggml_type`. All numbers in a file are little-endian.
 */
type DecodeBlock = (view: DataView, at: number, out: Float32Array, place: number) => void;

export const F32 = 0;
export const F16 = 1;
export const Q4_0 = 2;
export const Q4_1 = 3;
export const Q5_0 = 6;
export const Q5_1 = 7;
export const Q8_0 = 8;
export const Q4_K = 12;
export const Q5_K = 13;
export const Q6_K = 14;
export const BF16 = 30;

const SMALL = 32;
const LARGE = 256;
const HALF = SMALL / 2;

/** All values of half-precision floats: a table is ten times as fast as the arithmetic. */
const HALF_FLOATS = Float32Array.from({ length: 65_536 }, (_, bits) => halfFloat(bits));

/** IEEE 754 binary16. */
function halfFloat(bits: number): number {
  const sign = bits >>> 15 === 0 ? 1 : -1;
  const exponent = (bits >>> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function half(view: DataView, at: number): number {
  return HALF_FLOATS[view.getUint16(at, true)] ?? Number.NaN;
}

const bits32 = new DataView(new ArrayBuffer(4));

function brainFloat(view: DataView, at: number): number {
  bits32.setUint32(0, view.getUint16(at, true) * 65_536);
  return bits32.getFloat32(0);
}

function decodeOne(read: (view: DataView, at: number) => number): DecodeBlock {
  return (view, at, out, place) => {
    out[place] = read(view, at);
  };
}

/** Two weights of four bits per byte: the low halves are the first 16 of the block. */
function decodeQ4(scaleBytes: number, offset: number): DecodeBlock {
  return (view, at, out, place) => {
    const scale = half(view, at);
    const least = scaleBytes === 4 ? half(view, at + 2) : -offset * scale;
    for (let index = 0; index < HALF; index += 1) {
      const pair = view.getUint8(at + scaleBytes + index);
      out[place + index] = (pair & 15) * scale + least;
      out[place + HALF + index] = (pair >>> 4) * scale + least;
    }
  };
}

/** As four bits, the fifth of each weight in a word of 32 bits before them. */
function decodeQ5(scaleBytes: number, offset: number): DecodeBlock {
  return (view, at, out, place) => {
    const scale = half(view, at);
    const least = scaleBytes === 4 ? half(view, at + 2) : -offset * scale;
    const fifth = view.getUint32(at + scaleBytes, true);
    for (let index = 0; index < HALF; index += 1) {
      const pair = view.getUint8(at + scaleBytes + 4 + index);
      const low = (pair & 15) | (((fifth >>> index) & 1) << 4);
      const high = (pair >>> 4) | (((fifth >>> (index + HALF)) & 1) << 4);
      out[place + index] = low * scale + least;
      out[place + HALF + index] = high * scale + least;
    }
  };
}

function decodeQ8(view: DataView, at: number, out: Float32Array, place: number): void {
  const scale = half(view, at);
  for (let index = 0; index < SMALL; index += 1)
    out[place + index] = view.getInt8(at + 2 + index) * scale;
}

/** Scale and least value of the eight parts of a block: six bits each, packed in twelve bytes. */
function partScale(view: DataView, at: number, part: number): readonly [number, number] {
  const byte = (index: number) => view.getUint8(at + index);
  if (part < 4) return [byte(part) & 63, byte(part + 4) & 63];
  return [
    (byte(part + 4) & 15) | ((byte(part - 4) >>> 6) << 4),
    (byte(part + 4) >>> 4) | ((byte(part) >>> 6) << 4),
  ];
}

/** 256 weights of four or five bits in eight parts of 32, each with its own scale and least value. */
function decodeParts(hasFifth: boolean): DecodeBlock {
  return (view, at, out, place) => {
    const scale = half(view, at);
    const least = half(view, at + 2);
    const fifths = at + 16;
    const pairs = fifths + (hasFifth ? SMALL : 0);
    for (let part = 0; part < 8; part += 1) {
      const [factor, below] = partScale(view, at + 4, part);
      const shift = (part & 1) * 4;
      for (let index = 0; index < SMALL; index += 1) {
        const low = (view.getUint8(pairs + (part >>> 1) * SMALL + index) >>> shift) & 15;
        const fifth = hasFifth ? (view.getUint8(fifths + index) >>> part) & 1 : 0;
        out[place + part * SMALL + index] = scale * factor * (low + 16 * fifth) - least * below;
      }
    }
  };
}

/** 256 weights of six bits in sixteen parts of 16: four low bits, two high ones, a scale per part. */
function decodeQ6(view: DataView, at: number, out: Float32Array, place: number): void {
  const scale = half(view, at + 208);
  for (let index = 0; index < LARGE; index += 1) {
    const side = index >>> 7;
    const quarter = (index >>> 5) & 3;
    const lane = index & 31;
    const low = view.getUint8(at + side * 64 + (quarter & 1) * 32 + lane) >>> (quarter < 2 ? 0 : 4);
    const high = view.getUint8(at + 128 + side * 32 + lane) >>> (2 * quarter);
    const factor = view.getInt8(at + 192 + (index >>> 4));
    out[place + index] = scale * factor * (((low & 15) | ((high & 3) << 4)) - 32);
  }
}

const DECODERS: ReadonlyMap<number, DecodeBlock> = new Map<number, DecodeBlock>([
  [F32, decodeOne((view, at) => view.getFloat32(at, true))],
  [F16, decodeOne(half)],
  [BF16, decodeOne(brainFloat)],
  [Q4_0, decodeQ4(2, 8)],
  [Q4_1, decodeQ4(4, 0)],
  [Q5_0, decodeQ5(2, 16)],
  [Q5_1, decodeQ5(4, 0)],
  [Q8_0, decodeQ8],
  [Q4_K, decodeParts(false)],
  [Q5_K, decodeParts(true)],
  [Q6_K, decodeQ6],
]);

/** Whether weights of this type can be read. */
export function canDecode(type: number): boolean {
  return DECODERS.has(type);
}

/**
 * The weights of whole blocks. `storage`: weights and bytes per block of the type. Throws RangeError
 * where the type cannot be read or the bytes are no whole blocks.
 */
export function decodeBlocks(
  type: number,
  bytes: Uint8Array,
  storage: { readonly blockElements: number; readonly blockBytes: number },
): Float32Array {
  const decode = DECODERS.get(type);
  const { blockElements, blockBytes } = storage;
  if (decode === undefined || bytes.length % blockBytes !== 0)
    throw new RangeError(`${bytes.length} bytes of type ${type} cannot be read`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const blocks = bytes.length / blockBytes;
  const out = new Float32Array(blocks * blockElements);
  for (let block = 0; block < blocks; block += 1)
    decode(view, block * blockBytes, out, block * blockElements);
  return out;
}
