import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { readCertificate, thresholdOf } from '../../src/gate/certificate.ts';
import { type CertifyWish, certifyGate, type GradedRow } from '../../src/gate/certify-gate.ts';

const hash = (text: string) => createHash('sha256').update(text).digest('hex');
const models = ['small', 'large'];

/** The small model is right with 1 − difficulty, which the estimator knows; code is harder than mail. */
function draw(count: number, seed: number): GradedRow[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, at) => {
    const slice = at % 2 === 0 ? 'code' : 'mail';
    const difficulty = slice === 'code' ? 0.3 * random() : 0.2 * random() ** 2;
    return {
      probabilities: [1 - difficulty, 0.95],
      scores: [random() < 1 - difficulty ? 1 : 0, random() < 0.95 ? 1 : 0],
      costs: [1, 10],
      slice,
    };
  });
}

function wishOf(change: Partial<CertifyWish> = {}): CertifyWish {
  return {
    models,
    reference: 'large',
    promise: { alpha: 0.05, delta: 0.1 },
    sliced: false,
    rows: draw(1000, 1),
    apart: draw(300, 2),
    gate: hash('gate'),
    data: hash('data'),
    madeAt: Date.UTC(2026, 10, 26),
    holdsMs: 86_400_000,
    code: '0.1.0',
    ...change,
  };
}

describe('a gate that is certified', () => {
  it('gets a certificate that is in force, and a sentence of what it would have saved', () => {
    const wish = wishOf();
    const { certificate, words, saved, keptCheap, keptTogether } = certifyGate(wish, hash);
    const reading = readCertificate(
      JSON.stringify(certificate),
      { ...wish, now: wish.madeAt + 1 },
      hash,
    );
    expect(reading).toEqual({ certificate });
    // Nine tenths of the cost of each request that stays off the reference.
    expect(saved).toBeCloseTo(0.9 * keptCheap, 10);
    expect(keptTogether).toBe(keptCheap);
    expect(keptCheap).toBeGreaterThan(0.2);
    expect(words[0]).toMatch(
      /^you would have saved \d+(\.\d)? % of the cost of large alone, at a loss of at most 5 % of what it gets right$/,
    );
    expect(words).toHaveLength(2);
  });

  it('shows what a promise for each slice costs', () => {
    const { certificate, words, keptCheap, keptTogether } = certifyGate(
      wishOf({ sliced: true }),
      hash,
    );
    expect(certificate.slices.map((one) => one.slice).toSorted()).toEqual(['code', 'mail']);
    expect(thresholdOf(certificate, 'mail')).toBeGreaterThan(thresholdOf(certificate, 'code'));
    expect(keptCheap).not.toBe(keptTogether);
    expect(words[1]).toMatch(/^a promise for each of 2 slices keeps .* one promise for everything/);
    expect(words.slice(2).map((line) => line.split(':')[0])).toEqual(
      certificate.slices.map((one) => one.slice),
    );
  });

  it('saves nothing with too few labels, and says how many are missing', () => {
    const { words, saved, keptCheap } = certifyGate(wishOf({ rows: draw(20, 1) }), hash);
    expect([saved, keptCheap]).toEqual([0, 0]);
    expect(words[1]).toMatch(
      /^large answers everything: at least \d+ more graded requests are needed$/,
    );
    expect(certifyGate(wishOf({ rows: [] }), hash).words[1]).toContain('45 more');
    expect(certifyGate(wishOf({ apart: [] }), hash).keptCheap).toBe(0);
  });

  it('refuses a reference that is no model', () => {
    expect(() => certifyGate(wishOf({ reference: 'huge' }), hash)).toThrow(
      /huge is none of small, large/,
    );
  });
});
