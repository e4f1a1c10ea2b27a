import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseVictims } from '../../src/fleet/victims.ts';

const resident = (id: string, bytes: number, loadMs: number, reuse = 0.001) => ({
  id,
  bytes,
  loadMs,
  reuse,
});
const idsOf = (residents: Parameters<typeof chooseVictims>[0], bytes: number) =>
  chooseVictims(residents, bytes)?.map((one) => one.id);

describe('who makes room', () => {
  it('is who costs least to have back per byte, by how soon it is wanted', () => {
    const both = [resident('dear', 100, 5000), resident('cheap', 100, 500)];
    expect(idsOf(both, 50)).toEqual(['cheap']);
    const unwanted = [resident('dear', 100, 5000, 1e-5), resident('cheap', 100, 500)];
    expect(idsOf(unwanted, 50)).toEqual(['dear']);
  });

  it('spares a small one when the large one that is needed anyway suffices', () => {
    expect(idsOf([resident('small', 10, 1), resident('large', 100, 5000)], 50)).toEqual(['large']);
  });

  it('is nobody when nothing is missing, and undefined when all do not suffice', () => {
    expect(idsOf([resident('a', 100, 1)], 0)).toEqual([]);
    expect(idsOf([resident('a', 100, 1)], 101)).toBeUndefined();
  });

  it('always suffices and never holds one that could be spared', () => {
    const residents = fc.array(fc.tuple(fc.integer({ min: 1, max: 1000 }), fc.nat(9000)), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(residents, fc.nat(4000), (given, missing) => {
        const all = given.map(([bytes, loadMs], index) => resident(`${index}`, bytes, loadMs));
        const sum = (some: typeof all) => some.reduce((total, one) => total + one.bytes, 0);
        const chosen = chooseVictims(all, missing);
        if (!chosen) {
          expect(sum([...all])).toBeLessThan(missing);
          return;
        }
        expect(sum([...chosen])).toBeGreaterThanOrEqual(missing);
        for (const one of chosen)
          expect(sum(chosen.filter((other) => other !== one))).toBeLessThan(missing);
      }),
    );
  });
});
