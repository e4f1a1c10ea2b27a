import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf, floatsOf } from '../../src/adapters/stores/document-codec.ts';
import { toDollars, toNanos } from '../../src/adapters/stores/row-codec.ts';

describe('row codec', () => {
  it('keeps every float32 vector, little-endian', () => {
    fc.assert(
      fc.property(fc.float32Array(), (vector) => {
        expect(floatsOf(bytesOf(vector))).toEqual(vector);
      }),
    );
    expect([...bytesOf(new Float32Array([1]))]).toEqual([0, 0, 128, 63]);
  });

  it('reads a vector from a view that starts anywhere in a larger buffer', () => {
    const bytes = bytesOf(new Float32Array([1.5, -2]));
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(floatsOf(shifted.subarray(3))).toEqual(new Float32Array([1.5, -2]));
  });

  it('refuses bytes that are no whole floats', () => {
    expect(() => floatsOf(new Uint8Array(5))).toThrow(/embedding/);
  });

  it('keeps dollars to the nano-dollar', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000_000 }), (thousandths) => {
        const dollars = thousandths / 1000;
        expect(toDollars(toNanos(dollars, 'it'))).toBe(dollars);
      }),
    );
  });
});
