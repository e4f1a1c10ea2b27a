import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import type { Candidate } from '../../src/core/decision.ts';
import { outlook, planCascade } from '../../src/gate/cascade-plan.ts';
import { saves } from '../../src/gate/cost.ts';
import { afterAgreement, nextStep } from '../../src/gate/next-step.ts';

function candidate(spoke: string, probability: number, seconds: number, cost = 0): Candidate {
  return { spoke, probability, cost, latencyMs: seconds * 1000, resident: true };
}

const TERMS = { promise: 0.85, power: 2, shared: 0.4, check: { ms: 1, dollars: 0 } };
const cheap = candidate('cheap', 0.7, 1);
const dear = candidate('dear', 0.86, 4);

describe('planCascade', () => {
  it('asks the cheap spoke first where its checks tell enough, and says what is expected', () => {
    const plan = planCascade([cheap, dear], dear, TERMS);
    expect(plan).toMatchObject({ first: 'cheap', next: 'dear', instead: { latencyMs: 4000 } });
    expect(plan?.quality).toBeGreaterThanOrEqual(0.85);
    expect(plan?.latencyMs).toBeLessThan(3600);
  });

  it.each([
    ['the checks tell nothing', { ...TERMS, power: 0 }, [cheap, dear]],
    ['the cheap spoke takes nearly as long', TERMS, [candidate('cheap', 0.7, 3.5), dear]],
    ['the cheap spoke is hardly ever right', TERMS, [candidate('cheap', 0.05, 1), dear]],
  ])('asks at once where %s', (_, terms, candidates) => {
    expect(planCascade(candidates, dear, terms)).toBeUndefined();
  });

  it('counts the checks', () => {
    const slow = { ...TERMS, check: { ms: 3000, dollars: 0 } };
    expect(planCascade([cheap, dear], dear, slow)).toBeUndefined();
  });

  it('takes what is right more often at no more cost where no spoke reaches the promise', () => {
    const plan = planCascade([cheap, dear], dear, { ...TERMS, promise: 0.99 });
    expect(plan?.quality).toBeGreaterThan(dear.probability + 0.02);
    expect(plan?.latencyMs).toBeLessThanOrEqual(4000);
  });

  it('saves money at the price of a little time, not of a long wait', () => {
    const paid = candidate('dear', 0.86, 1.2, 0.05);
    const plan = planCascade([cheap, paid], paid, TERMS);
    expect(plan?.first).toBe('cheap');
    expect(plan?.cost).toBeLessThanOrEqual(0.045);
    expect(planCascade([candidate('cheap', 0.7, 30), paid], paid, TERMS)).toBeUndefined();
  });

  it('never promises less than the route, and always saves', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const some = fc.array(fc.tuple(share, fc.double({ min: 0.01, max: 60, noNaN: true }), share), {
      minLength: 2,
      maxLength: 11,
    });
    fc.assert(
      fc.property(some, share, share, share, (rows, promise, power, shared) => {
        const all = rows.map(([p, seconds, cost], at) => candidate(`s${at}`, p, seconds, cost));
        const route = all.find((one) => one.probability >= promise) ?? (all[0] as Candidate);
        const terms = { ...TERMS, promise, power: power * 4, shared };
        const plan = planCascade(all, route, terms);
        if (plan === undefined) return;
        const target = route.probability >= promise ? promise : route.probability;
        expect(plan.quality).toBeGreaterThanOrEqual(target);
        const isBetter = route.probability < promise && plan.quality >= route.probability + 0.03;
        expect(saves(plan, route, isBetter ? 0 : 0.1)).toBe(true);
        expect(plan.first).not.toBe(plan.next);
        expect(plan.first).not.toBe(route.spoke);
      }),
    );
  });
});

describe('outlook', () => {
  it('is what drawing requests gives', () => {
    const [first, power, threshold] = [0.6, 1.5, 0.7];
    const random = seededRandom(7);
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const rounds = 200_000;
    let [gone, kept, keptRight] = [0, 0, 0];
    for (let round = 0; round < rounds; round += 1) {
      const isRight = random() < first;
      const moved = (isRight ? 1 : -1) * (power ** 2 / 2) + power * normal();
      const odds = Math.log(first / (1 - first)) + moved;
      if (1 / (1 + Math.exp(-odds)) < threshold) gone += 1;
      else {
        kept += 1;
        if (isRight) keptRight += 1;
      }
    }
    // A second spoke that is right always: what stays wrong is what was kept wrong.
    const { quality, escalates } = outlook(first, 1, threshold, { power, shared: 0.5 });
    expect(escalates).toBeCloseTo(gone / rounds, 2);
    expect(1 - quality).toBeCloseTo((kept - keptRight) / rounds, 2);
  });

  it('is the first spoke at a threshold of nothing and the second at a threshold of all', () => {
    const terms = { power: 1, shared: 0.3 };
    expect(outlook(0.5, 0.8, 0.0001, terms).quality).toBeCloseTo(0.5, 1);
    expect(outlook(0.5, 0.8, 0.9999, terms).quality).toBeCloseTo(0.8, 2);
  });
});

describe('nextStep', () => {
  const agreeing = { right: 0.9, wrong: 0.2 };
  const reference = { cost: 0.01, latencyMs: 4000 };
  const second = { cost: 0, latencyMs: 300 };

  it('stops at a sure answer, whatever else could be asked', () => {
    expect(nextStep({ probability: 0.8, threshold: 0.7, reference, second, agreeing })).toBe(
      'stop',
    );
  });

  it('asks a second spoke where its agreement would settle it and that is cheaper', () => {
    const terms = { probability: 0.6, threshold: 0.8, reference, agreeing };
    expect(nextStep({ ...terms, second })).toBe('second');
    expect(nextStep(terms)).toBe('reference');
    expect(nextStep({ ...terms, second: { cost: 0.02, latencyMs: 9000 } })).toBe('reference');
  });

  it('asks the reference where no agreement could settle it', () => {
    const terms = { probability: 0.1, threshold: 0.8, reference, second, agreeing };
    expect(nextStep(terms)).toBe('reference');
    const alike = { right: 0.5, wrong: 0.5 };
    expect(nextStep({ ...terms, probability: 0.6, agreeing: alike })).toBe('reference');
  });

  it('counts agreement by Bayes’ rule', () => {
    expect(afterAgreement(0.5, true, agreeing)).toBeCloseTo(0.9 / 1.1, 6);
    expect(afterAgreement(0.5, false, agreeing)).toBeCloseTo(0.1 / 0.9, 6);
    expect(afterAgreement(0, true, { right: 1, wrong: 0 })).toBe(0);
  });
});
