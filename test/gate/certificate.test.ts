import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type GateCertificate, sealedText } from '../../src/core/gate-certificate.ts';
import { REFERENCE_ONLY } from '../../src/gate/calibration-set.ts';
import {
  makeCertificate,
  promiseWords,
  readCertificate,
  thresholdOf,
} from '../../src/gate/certificate.ts';
import { type CertifiedSlice, certifyLoss } from '../../src/gate/certify.ts';
import { withoutFallen } from '../../src/gate/suspension.ts';

const hash = (text: string) => createHash('sha256').update(text).digest('hex');
const DAY = 86_400_000;
const MADE = Date.UTC(2026, 10, 26);

const rows = Array.from({ length: 300 }, (_, at) => ({
  scores: [at % 50 === 7 ? 0 : 1, at % 10 === 3 ? 0 : 1],
  expectedLoss: [at / 300, 0],
  costs: [1, 20],
}));
const shown = certifyLoss(
  { models: ['small', 'large'], reference: 1, rows },
  { alpha: 0.05, delta: 0.1 },
  Float64Array.from({ length: 50 }, (_, at) => at / 50),
);
const half: CertifiedSlice = { ...shown, slice: 'code', delta: 0.05 };

const parts = {
  promise: { alpha: 0.05, delta: 0.1 },
  slices: [shown],
  reference: 'large',
  models: ['small', 'large'],
  gate: hash('gate'),
  data: hash('data'),
  madeAt: MADE,
  expiresAt: MADE + 90 * DAY,
  code: '0.1.0',
};
const wish = {
  gate: parts.gate,
  data: parts.data,
  models: ['large', 'small'],
  reference: 'large',
  now: MADE + DAY,
};
const certificate = makeCertificate(parts, hash);
const text = JSON.stringify(certificate, null, 2);

function problemOf(changed: string | undefined, other: Partial<typeof wish> = {}) {
  const reading = readCertificate(changed, { ...wish, ...other }, hash);
  return 'problem' in reading ? reading.problem : undefined;
}

/** The certificate with other fields and a seal that fits them. */
function resealed(change: Partial<GateCertificate>): string {
  const { seal: _, ...changed } = { ...certificate, ...change };
  return JSON.stringify({ ...changed, seal: hash(sealedText(changed)) });
}

describe('a certificate', () => {
  it('comes back from its file as it was made, and has a threshold', () => {
    expect(readCertificate(text, wish, hash)).toEqual({ certificate });
    expect(certificate.slices[0]).toMatchObject({ slice: '*', threshold: shown.threshold });
    expect(thresholdOf(certificate)).toBe(shown.threshold);
    expect(shown.threshold).toBeGreaterThan(0.5);
  });

  it('is refused for another gate, other data, an unknown model, another reference', () => {
    expect(problemOf(text, { gate: hash('other') })?.code).toBe('other-gate');
    expect(problemOf(text, { data: hash('other') })?.code).toBe('other-data');
    expect(problemOf(text, { models: ['large', 'new'] })).toMatchObject({
      code: 'other-models',
      reason: expect.stringContaining('new'),
    });
    expect(problemOf(text, { reference: 'small' })?.code).toBe('other-models');
  });

  it('is refused from the moment it expires', () => {
    expect(problemOf(text, { now: MADE + 90 * DAY - 1 })).toBeUndefined();
    expect(problemOf(text, { now: MADE + 90 * DAY })?.code).toBe('expired');
  });

  it('is refused when damaged, in any place, and says what happens instead', () => {
    expect(problemOf(undefined)?.code).toBe('missing');
    for (const broken of ['', '{', 'null', '[]', '{}', text.slice(0, -20), `${text}}`])
      expect(problemOf(broken)?.code).toBe('damaged');
    for (const [before, after] of [
      [/"alpha": 0.05/, '"alpha": 0.06'],
      [/"threshold": 0/, '"threshold": 1'],
      [/"code": "0.1.0"/, '"code": "0.1.1"'],
    ] as const) {
      expect(text).toMatch(before);
      expect(problemOf(text.replace(before, after))?.code).toBe('damaged');
    }
    expect(problemOf('{')?.reason).toContain('the reference answers everything');
  });

  it('is refused when its counts do not show what it says, even with a seal that fits', () => {
    const [slice] = certificate.slices;
    if (slice === undefined) throw new Error('the certificate has a slice');
    const withSlice = (change: Partial<typeof slice>) =>
      problemOf(resealed({ slices: [{ ...slice, ...change }] }))?.code;
    expect(withSlice({})).toBeUndefined();
    expect(withSlice({ lost: slice.lost + 12 })).toBe('unproven');
    expect(withSlice({ lost: slice.right + 1 })).toBe('unproven');
    expect(withSlice({ bound: 0.001 })).toBe('unproven');
    expect(withSlice({ delta: 0.5 })).toBe('unproven');
    expect(problemOf(resealed({ slices: [slice, slice] }))?.code).toBe('unproven');
    expect(problemOf(resealed({ alpha: 0.001 }))?.code).toBe('unproven');
  });

  it('sends a slice that it does not have to the rest, and without one to the reference', () => {
    const bound = 0.05;
    const both = makeCertificate(
      {
        ...parts,
        slices: [
          { ...half, bound },
          { ...shown, delta: 0.05, threshold: REFERENCE_ONLY },
        ],
      },
      hash,
    );
    expect(thresholdOf(both, 'code')).toBe(shown.threshold);
    expect(thresholdOf(both, 'mail')).toBe(REFERENCE_ONLY);
    expect(both.slices[1]?.threshold).toBeNull();
    const alone = makeCertificate({ ...parts, slices: [{ ...half, bound }] }, hash);
    expect(thresholdOf(alone, 'mail')).toBe(REFERENCE_ONLY);
  });

  it('says its promise in a sentence, or what is missing for one', () => {
    expect(promiseWords(certificate)).toMatch(
      /^loses at most 5 % of what large gets right, with 90 % confidence \(\d of 27\d lost, bound [\d.]+ %\); \d+(\.\d)? % of the requests stay off large$/,
    );
    const none = makeCertificate(
      { ...parts, slices: [{ ...shown, threshold: REFERENCE_ONLY, missing: 17 }] },
      hash,
    );
    expect(promiseWords(none)).toBe(
      'large answers everything: at least 17 more graded requests are needed',
    );
  });
});

describe('an alarm about a model of the certificate', () => {
  const bound = 0.05;
  const sliced = makeCertificate(
    {
      ...parts,
      slices: [
        { ...half, bound },
        { ...half, slice: '*', bound },
      ],
    },
    hash,
  );
  const alarm = (model: string, task: string) => ({
    model,
    task,
    outcome: 1,
    trials: 20,
    expected: 0.9,
    seen: 0.3,
  });
  const thresholds = (...alarms: readonly ReturnType<typeof alarm>[]) => {
    const left = withoutFallen(sliced, alarms);
    return left && ['code', 'mail'].map((slice) => thresholdOf(left, slice));
  };
  const open = shown.threshold;

  it('sends the slice in which it fell to the reference, and no other', () => {
    expect(thresholds(alarm('small', 'code'))).toEqual([REFERENCE_ONLY, open]);
    expect(thresholds(alarm('small', 'mail'))).toEqual([open, REFERENCE_ONLY]);
  });

  it('sends everything there when it fell everywhere', () => {
    expect(thresholds(alarm('small', '*'))).toEqual([REFERENCE_ONLY, REFERENCE_ONLY]);
  });

  it('ends the certificate when it is the reference, and means nothing for other models', () => {
    expect(thresholds(alarm('large', 'code'))).toBeUndefined();
    expect(thresholds(alarm('stranger', '*'))).toEqual([open, open]);
    expect(withoutFallen(sliced, [])).toBe(sliced);
  });
});
