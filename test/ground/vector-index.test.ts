import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { VectorIndex } from '../../src/ground/vector-index.ts';
import { SLAB_BYTES, VectorMemory } from '../../src/ground/vector-memory.ts';

function unitVectors(count: number, dimensions: number, seed: number): Float32Array[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => {
    const vector = Float32Array.from({ length: dimensions }, () => random() + random() - 0.9);
    const norm = Math.hypot(...vector);
    return vector.map((value) => value / norm);
  });
}

const cosine = (left: Float32Array, right: Float32Array): number =>
  left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0);

function indexOf(
  vectors: readonly (Float32Array | undefined)[],
  memory = new VectorMemory(),
): VectorIndex {
  const index = new VectorIndex(memory);
  for (const vector of vectors) index.add(vector);
  return index;
}

describe('the kernel', () => {
  it('sums what plain loops sum, up to the greatest values', () => {
    const memory = new VectorMemory();
    const address = memory.take();
    const shape = fc.record({
      blocks: fc.integer({ min: 1, max: 9 }),
      count: fc.integer({ min: 1, max: 20 }),
      seed: fc.nat(),
      isExtreme: fc.boolean(),
    });
    fc.assert(
      fc.property(shape, ({ blocks, count, seed, isExtreme }) => {
        const width = blocks * 16;
        const random = seededRandom(seed);
        const value = (most: number) =>
          isExtreme ? (random() < 0.5 ? -most : most) : Math.round((random() * 2 - 1) * most);
        const rows = memory.signed(address, count * width).map(() => value(127));
        memory.signed(address, count * width).set(rows);
        const query = new Int16Array(width).map(() => value(32_767));
        memory.shorts(memory.scratch + 4096, width).set(query);
        memory.kernel.dots(address, count, width, memory.scratch + 4096, memory.scratch);
        const sums = [...memory.integers(memory.scratch, count)];
        const expected = sums.map((_sum, row) =>
          query.reduce((sum, one, at) => sum + one * (rows[row * width + at] ?? 0), 0),
        );
        expect(sums).toEqual(expected);
      }),
    );
  });
});

describe('VectorIndex', () => {
  it.each([3, 16, 100, 384, 1536])('tells cosines of %i dimensions within a hundredth', (size) => {
    const vectors = unitVectors(900, size, size);
    const [query = new Float32Array()] = unitVectors(1, size, 7);
    const leg = indexOf(vectors).search(query);
    for (const [place, vector] of vectors.entries())
      expect(Math.abs((leg?.scoreOf(place) ?? 9) - cosine(vector, query))).toBeLessThan(0.01);
    const top = leg?.top(20) ?? [];
    expect(top.map((one) => leg?.scoreOf(one.place))).toEqual(top.map((one) => one.score));
    const all = vectors.map((_vector, place) => leg?.scoreOf(place) ?? -2);
    const expected = [...all.entries()].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, 20);
    expect(top.map((one) => one.place)).toEqual(expected.map(([place]) => place));
  });

  it('knows nothing of places without a vector, removed or of other dimensions', () => {
    const [a, b] = unitVectors(2, 8, 1);
    const odd = [new Float32Array(8), new Float32Array(8).fill(Number.NaN), new Float32Array(3)];
    const index = indexOf([undefined, a, ...odd, b]);
    index.remove(5);
    index.remove(99);
    const leg = index.search(a ?? new Float32Array());
    expect(leg?.top(10).map((one) => one.place)).toEqual([1]);
    expect([0, 2, 3, 4, 5, 6].map((place) => leg?.scoreOf(place))).toEqual(
      new Array(6).fill(undefined),
    );
    expect(index.search(new Float32Array(9))).toBeUndefined();
    expect(indexOf([undefined]).search(new Float32Array(9))).toBeUndefined();
  });

  it('keeps scores when places are left out, and over a copy of its parts', () => {
    const vectors = unitVectors(1500, 384, 3);
    const [query = new Float32Array()] = unitVectors(1, 384, 5);
    const index = indexOf(vectors.map((one, place) => (place % 7 === 0 ? undefined : one)));
    const before = vectors.map((_one, place) => index.search(query)?.scoreOf(place));
    const places = [...vectors.keys()].filter((place) => place % 3 !== 0).reverse();
    const kept = index.keep(places);
    const after = places.map((_place, to) => kept.search(query)?.scoreOf(to));
    expect(after).toEqual(places.map((place) => before[place]));
    const copy = VectorIndex.fromParts(structuredClone(kept.toParts()), new VectorMemory());
    expect(places.map((_place, to) => copy.search(query)?.scoreOf(to))).toEqual(after);
    expect(copy.search(query)?.top(9)).toEqual(kept.search(query)?.top(9));
    const { rows, ...parts } = kept.toParts();
    const short = { bytes: rows.bytes - 384, pieces: rows.pieces };
    expect(() => VectorIndex.fromParts({ ...parts, rows: short })).toThrow(RangeError);
    const odd = [...rows.pieces].flatMap((one) => [one.subarray(0, 100), one.subarray(100)]);
    const again = VectorIndex.fromParts({ ...parts, rows: { bytes: rows.bytes, pieces: odd } });
    expect(again.search(query)?.top(9)).toEqual(kept.search(query)?.top(9));
  });

  it('is exact to a thousandth where all vectors share one great component', () => {
    const vectors = unitVectors(500, 383, 11).map((one) => {
      const shared = Float32Array.from([0.8, ...one.map((value) => 0.6 * value)]);
      return shared;
    });
    const [query = new Float32Array()] = vectors.slice(-1);
    const leg = indexOf(vectors).search(query);
    for (const [place, vector] of vectors.entries())
      expect(Math.abs((leg?.scoreOf(place) ?? 9) - cosine(vector, query))).toBeLessThan(0.001);
  });

  it('finds vectors that are all the same, and the mean of all', () => {
    const [one = new Float32Array()] = unitVectors(1, 32, 4);
    const index = indexOf(new Array(200).fill(one));
    const top = index.search(one)?.top(3) ?? [];
    expect(top.map(({ place }) => place)).toEqual([0, 1, 2]);
    expect(top[0]?.score).toBeCloseTo(1, 4);
  });

  it('gives its memory back for the next index', () => {
    const memory = new VectorMemory();
    const vectors = unitVectors((SLAB_BYTES / 384) * 2, 384, 2);
    const sizes = Array.from({ length: 5 }, () => {
      const index = indexOf(vectors, memory);
      index.release();
      return memory.take();
    });
    // Each turn keeps one slab: without giving back it would be four.
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(7 * SLAB_BYTES);
  });
});
