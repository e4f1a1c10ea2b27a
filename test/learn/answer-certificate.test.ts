import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { certifyThreshold } from '../../src/learn/answer-certificate.ts';

const PROMISE = { alpha: 0.05, risk: 0.1 };

describe('certifyThreshold', () => {
  it('goes down to where too many are invented', () => {
    const rows = [
      ...Array.from({ length: 190 }, () => ({ isShown: false, probability: 0.1 })),
      ...Array.from({ length: 10 }, () => ({ isShown: true, probability: 0.42 })),
    ];
    // 10 of 200 are 5 % already, without any confidence.
    expect(certifyThreshold(rows, PROMISE)).toMatchObject({ threshold: 0.45, questions: 200 });
    expect(certifyThreshold(rows, PROMISE)?.bound).toBeCloseTo(1 - 0.1 ** (1 / 200), 6);
  });

  it('promises nothing of too few questions, or of none', () => {
    const few = Array.from({ length: 40 }, () => ({ isShown: false, probability: 0 }));
    expect(certifyThreshold(few, PROMISE)).toBeUndefined();
    expect(certifyThreshold([], PROMISE)).toBeUndefined();
  });

  it('is broken in no more than its share of samples', () => {
    const random = seededRandom(7);
    let broken = 0;
    const rounds = 400;
    for (let round = 0; round < rounds; round += 1) {
      // A shown one comes with P uniform: above t, .12 × (1 − t) are invented.
      const rows = Array.from({ length: 120 }, () => ({
        isShown: random() < 0.12,
        probability: random(),
      }));
      const found = certifyThreshold(rows, PROMISE);
      if (found !== undefined && 0.12 * (1 - found.threshold) > PROMISE.alpha) broken += 1;
    }
    expect(broken / rounds).toBeLessThanOrEqual(PROMISE.risk + 0.03);
  });
});
