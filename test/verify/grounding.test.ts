import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import {
  certifyGrounding,
  readGroundingCertificate,
  sealGrounding,
} from '../../src/verify/grounding-certify.ts';
import { reportGrounding } from '../../src/verify/grounding-report.ts';
import { readGroundingRows } from '../../src/verify/grounding-rows.ts';

const line = (more: object) =>
  JSON.stringify({ claim: 'A cat sat.', evidence: ['A cat sat.', 'It slept.'], ...more });
const hash = (text: string) => createHash('sha256').update(text).digest('hex');

describe('readGroundingRows', () => {
  it('reads labels, leaves generic rows out and flattens gold', () => {
    const read = readGroundingRows(
      [
        line({ label: 'Supported', gold: [[0], [0, 1]] }),
        '',
        line({ label: 'CONTRADICT' }),
        line({ label: 'Generic' }),
      ].join('\n'),
      'f',
    );
    expect(read.rows.map((row) => [row.isSupported, row.isContradicted, row.gold])).toEqual([
      [true, false, [0, 1]],
      [false, true, undefined],
    ]);
    expect(read).toMatchObject({ genericLeftOut: 1, goldBase: { first: 0 } });
  });

  it('finds out that numbers begin at 1', () => {
    const read = readGroundingRows(
      `${line({ label: 'supported', gold: [2] })}\n${line({ label: 'no', gold: [1] })}`,
      'f',
    );
    expect(read.goldBase?.first).toBe(1);
    expect(read.rows.map((row) => row.gold)).toEqual([[1], [0]]);
  });

  it.each([
    ['{"claim"', /f line 1 is no JSON/],
    ['[1]', /f line 1 is no JSON object/],
    [JSON.stringify({ claim: '', evidence: [], label: 'x' }), /f line 1: “claim” is no text/],
    [JSON.stringify({ claim: 'a', evidence: 'b', label: 'x' }), /“evidence” is no list/],
    [JSON.stringify({ claim: 'a', evidence: ['b'] }), /“label” is no text/],
    [line({ label: 'supported', gold: ['first'] }), /“gold” is no list of sentence numbers/],
    [`${line({ label: 'supported', gold: [7] })}\n${line({ label: 'no' })}`, /names sentence 7/],
    [
      `${line({ label: 'supported', gold: [0] })}\n${line({ label: 'no', gold: [2] })}`,
      /begin at 0 \(f line 1\) and at 1 \(f line 2\)/,
    ],
    [line({ label: 'SUPPORT' }), /no row has the label “supported” \(there are: support\)/],
    [line({ label: 'supported' }), /every row has the label/],
    ['\n', /f holds no rows/],
  ])('refuses %s', (text, message) => expect(() => readGroundingRows(text, 'f')).toThrow(message));
});

/** Scores that mean what they say: P(supported) is the score. */
function outcomes(count: number, seed: number) {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, group) => {
    const score = random();
    return { score, isSupported: random() < score, group, ranked: [1, 0], gold: [0] };
  });
}

describe('reportGrounding', () => {
  const report = reportGrounding(outcomes(2000, 3), { threshold: 0.5, seed: 1 });

  it('measures what the scores are worth', () => {
    expect(report.balancedAccuracy.value).toBeCloseTo(0.75, 1);
    expect(report.auroc.value).toBeCloseTo(5 / 6, 1);
    expect(report.balancedAccuracy.low).toBeLessThan(report.balancedAccuracy.value);
    expect(report.calibrationError).toBeLessThan(0.06);
    expect(report.spans).toMatchObject({ hitAt1: { value: 0 }, hitAt3: 1 });
  });

  it('draws the dial from everything shown on', () => {
    expect(report.dial[0]).toMatchObject({ threshold: 0, shown: 1 });
    const late = report.dial.find((point) => point.threshold === 0.9);
    expect(late?.shown).toBeCloseTo(0.1, 1);
    expect(late?.unsupported).toBeLessThan(0.1);
  });
});

describe('certifyGrounding', () => {
  it('breaks its promise no more often than it says', () => {
    const promise = { alpha: 0.2, delta: 0.1 };
    let broken = 0;
    let found = 0;
    for (let round = 0; round < 200; round += 1) {
      const certified = certifyGrounding(outcomes(400, round + 1), promise);
      if (certified === undefined) continue;
      found += 1;
      // The unsupported share of those from t on is (1 − t) / 2.
      if ((1 - certified.threshold) / 2 > promise.alpha) broken += 1;
    }
    expect(found).toBeGreaterThan(100);
    expect(broken / 200).toBeLessThanOrEqual(0.13);
  });

  it('shows nothing from too few sentences', () => {
    expect(certifyGrounding(outcomes(10, 1), { alpha: 0.05, delta: 0.1 })).toBeUndefined();
  });
});

describe('the certificate of the support check', () => {
  const now = Date.parse('2026-11-27T00:00:00Z');
  const certificate = sealGrounding(
    {
      alpha: 0.05,
      delta: 0.1,
      threshold: 0.8,
      rows: 300,
      shown: 200,
      unsupported: 4,
      bound: 0.04,
      scorer: 'a'.repeat(64),
      embedder: 'bge',
      data: 'b'.repeat(64),
      madeAt: '2026-11-26T00:00:00.000Z',
      expiresAt: '2026-12-26T00:00:00.000Z',
      code: '1',
    },
    hash,
  );
  const wish = { promise: 0.05, scorer: 'a'.repeat(64), embedder: 'bge', now };
  const read = (text: string | undefined, more = {}) =>
    readGroundingCertificate(text, { ...wish, ...more }, hash);
  const text = JSON.stringify(certificate);

  it('is in force where it was made for', () => expect(read(text)).toEqual({ certificate }));

  it.each([
    ['no file', undefined, {}, /there is no certificate/],
    ['a damaged file', '{', {}, /damaged/],
    ['a changed figure', text.replace('"threshold":0.8', '"threshold":0.1'), {}, /seal is broken/],
    ['a smaller promise', text, { promise: 0.01 }, /promises 5 %, 1 % is asked/],
    ['another scorer', text, { scorer: 'c'.repeat(64) }, /another scorer/],
    ['another embedder', text, { embedder: undefined }, /the farm has none/],
    ['a late day', text, { now: Date.parse('2027-01-01') }, /expired/],
    [
      'a promise that its counts do not show',
      JSON.stringify(sealGrounding({ ...certificate, unsupported: 40 }, hash)),
      {},
      /do not show the promise/,
    ],
  ])('promises nothing with %s', (_, given, more, problem) => {
    expect(read(given, more)).toMatchObject({ problem: expect.stringMatching(problem) });
  });
});
