import { describe, expect, it } from 'vitest';
import {
  BF16,
  canDecode,
  decodeBlocks,
  F16,
  Q4_0,
  Q4_1,
  Q4_K,
  Q5_0,
  Q5_1,
  Q5_K,
  Q6_K,
  Q8_0,
} from '../../src/base/ggml-decode.ts';
import { encodeBlocks, halfBits } from '../../src/base/ggml-encode.ts';
import { seededRandom } from '../../src/base/random.ts';
import { tensorStorage } from '../../src/fleet/ggml-types.ts';

function storageOf(type: number) {
  const storage = tensorStorage(type);
  if (storage === undefined) throw new Error(`${type}`);
  return storage;
}

/** Scale 1 (0x3c00) and, where the form has one, least value −2 (0xc000). */
const ONE = [0x00, 0x3c];
const MINUS_TWO = [0x00, 0xc0];

function weights(count: number, seed = 1): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: count }, () => (random() - 0.5) * 2 * (random() + 0.1));
}

function relativeError(type: number, values: Float32Array): number {
  const again = decodeBlocks(type, encodeBlocks(type, values), storageOf(type));
  let errors = 0;
  let squares = 0;
  for (const [index, value] of values.entries()) {
    errors += (value - (again[index] ?? 0)) ** 2;
    squares += value ** 2;
  }
  return Math.sqrt(errors / squares);
}

describe('decodeBlocks', () => {
  it('reads four bits: low halves first, around eight', () => {
    const block = Uint8Array.from([...ONE, 0x0f, 0xf0, ...Array(14).fill(0x88)]);
    const out = decodeBlocks(Q4_0, block, storageOf(Q4_0));
    expect([out[0], out[1], out[2], out[16], out[17]]).toEqual([7, -8, 0, -8, 7]);
  });

  it('reads four bits with a least value', () => {
    const block = Uint8Array.from([...ONE, ...MINUS_TWO, 0x31, ...Array(15).fill(0)]);
    const out = decodeBlocks(Q4_1, block, storageOf(Q4_1));
    expect([out[0], out[1], out[16]]).toEqual([-1, -2, 1]);
  });

  it('reads the fifth bit of each weight', () => {
    // Bits 0 and 17: the first weight of both halves' first and second.
    const block = Uint8Array.from([...ONE, 1, 0, 2, 0, ...Array(16).fill(0)]);
    const out = decodeBlocks(Q5_0, block, storageOf(Q5_0));
    expect([out[0], out[1], out[16], out[17]]).toEqual([0, -16, -16, 0]);
    const least = Uint8Array.from([...ONE, ...MINUS_TWO, 1, 0, 0, 0, ...Array(16).fill(0x20)]);
    const shifted = decodeBlocks(Q5_1, least, storageOf(Q5_1));
    expect([shifted[0], shifted[1], shifted[16]]).toEqual([14, -2, 0]);
  });

  it('reads bytes, and halves of both kinds', () => {
    const block = Uint8Array.from([...ONE, 0xff, 0x7f, ...Array(30).fill(0)]);
    const out = decodeBlocks(Q8_0, block, storageOf(Q8_0));
    expect([out[0], out[1], out[2]]).toEqual([-1, 127, 0]);
    expect([...decodeBlocks(F16, Uint8Array.from([0, 0x3c, 0, 0xc0]), storageOf(F16))]).toEqual([
      1, -2,
    ]);
    expect([
      ...decodeBlocks(BF16, Uint8Array.from([0x80, 0x3f, 0, 0xc0]), storageOf(BF16)),
    ]).toEqual([1, -2]);
  });

  it('reads parts of 32 with scales of six bits', () => {
    const block = new Uint8Array(144);
    block.set([...ONE, ...ONE]);
    // Part 0: scale 2, least 1. Part 4: scale 17 = 1 + 16 · (bits of byte 0), least 0.
    block.set([2 | (1 << 6), 0, 0, 0, 1], 4);
    block[12] = 1;
    block[16] = 0x53;
    block[80] = 0x03;
    const out = decodeBlocks(Q4_K, block, storageOf(Q4_K));
    expect(out[0]).toBe(2 * 3 - 1);
    expect(out[1]).toBe(-1);
    expect(out[32]).toBe(0);
    expect(out[128]).toBe(17 * 3);
  });

  it('reads the fifth bits of parts, one bit plane per part', () => {
    const block = new Uint8Array(176);
    block.set([...ONE, ...ONE]);
    block.set([1, 1], 4);
    block[16] = 0b10;
    block[48] = 0x21;
    const out = decodeBlocks(Q5_K, block, storageOf(Q5_K));
    expect([out[0], out[32]]).toEqual([1, 2 + 16]);
  });

  it('reads six bits in sixteen parts', () => {
    const block = new Uint8Array(210);
    block.set(ONE, 208);
    block.set([1, 0, 2, 0, 3], 192);
    // Weight 0: low bits 5, high bits 1. Weight 64: the upper half of the same byte.
    block[0] = 0x25;
    block[128] = 0b0011_0001;
    const out = decodeBlocks(Q6_K, block, storageOf(Q6_K));
    expect(out[0]).toBe(5 + 16 - 32);
    expect(out[32]).toBe(2 * -32);
    expect(out[64]).toBe(3 * (2 + 48 - 32));
  });

  it('refuses other types and cut blocks', () => {
    expect(canDecode(16)).toBe(false);
    expect(() => decodeBlocks(16, new Uint8Array(66), storageOf(16))).toThrow(RangeError);
    expect(() => decodeBlocks(Q8_0, new Uint8Array(33), storageOf(Q8_0))).toThrow(RangeError);
  });
});

describe('encodeBlocks', () => {
  it('loses little, and less with more bits', () => {
    const values = weights(32 * 400);
    const [q8, q5, q4] = [Q8_0, Q5_0, Q4_0].map((type) => relativeError(type, values));
    expect(q8).toBeLessThan(0.006);
    expect(q5).toBeLessThan(0.045);
    expect(q4).toBeLessThan(0.09);
    expect(q8).toBeLessThan(q5 ?? 0);
    expect(q5).toBeLessThan(q4 ?? 0);
  });

  it('keeps nothing of nothing, and the sign of a lonely weight', () => {
    for (const type of [Q8_0, Q5_0, Q4_0]) {
      const empty = decodeBlocks(type, encodeBlocks(type, new Float32Array(32)), storageOf(type));
      expect(empty.every((one) => one === 0)).toBe(true);
      const lonely = new Float32Array(32);
      lonely[20] = -0.5;
      const out = decodeBlocks(type, encodeBlocks(type, lonely), storageOf(type));
      expect(out[20]).toBeCloseTo(-0.5, 2);
      expect(out.filter((one) => Math.abs(one) > 1e-3)).toHaveLength(1);
    }
  });

  it('gives the same bytes for the same weights', () => {
    const values = weights(320, 5);
    expect(encodeBlocks(Q4_0, values)).toEqual(encodeBlocks(Q4_0, values));
  });

  it('refuses other types and cut blocks', () => {
    expect(() => encodeBlocks(Q4_K, new Float32Array(256))).toThrow(RangeError);
    expect(() => encodeBlocks(Q4_0, new Float32Array(31))).toThrow(RangeError);
  });
});

describe('halfBits', () => {
  it('gives every half-precision float back', () => {
    const view = new DataView(new ArrayBuffer(2));
    for (let bits = 0; bits < 65_536; bits += 1) {
      if (((bits >>> 10) & 31) === 31) continue;
      view.setUint16(0, bits, true);
      const [value = Number.NaN] = decodeBlocks(F16, new Uint8Array(view.buffer), storageOf(F16));
      expect(halfBits(value)).toBe(bits);
    }
  });

  it('rounds ties to even and keeps large values finite', () => {
    expect(halfBits(1 + 2 ** -11)).toBe(0x3c00);
    expect(halfBits(1 + 3 * 2 ** -11)).toBe(0x3c02);
    expect(halfBits(1e9)).toBe(0x7bff);
    expect(halfBits(-1e-12)).toBe(0x8000);
  });
});
