import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/core/config.ts';
import { dearestRate } from '../../src/core/price.ts';
import { costOf, priceOf } from '../../src/record/cost.ts';
import { energyOf } from '../../src/record/energy.ts';
import { featureHashes } from '../../src/record/features.ts';
import { halfSipHash } from '../../src/record/half-sip-hash.ts';
import { retentionCutoffs } from '../../src/record/retention.ts';

const config = parseConfig({}).record;

describe('cost', () => {
  it('adds electricity to remote tokens, beside the reference', () => {
    const usage = { promptTokens: 1_000_000, cachedTokens: 500_000, completionTokens: 100_000 };
    // 3600 CPU seconds × 15 W = 54 kJ = 0.015 kWh × $0.3.
    const cost = costOf({ usage, remoteDollars: 2, cpuSeconds: 3600, config });
    expect(cost.total).toBeCloseTo(2.0045, 12);
    expect(cost.reference).toBeCloseTo(3.5, 12);
    expect(cost.referenceName).toBe('GPT-4o list price');
  });
});

describe('a vendor’s cache', () => {
  const price = { input: 2, output: 10 };
  const usage = { promptTokens: 1_000_000, cachedTokens: 500_000, completionTokens: 100_000 };

  it('serves at the price that is named, else at the full one', () => {
    expect(priceOf(usage, price)).toBeCloseTo(3, 12);
    expect(priceOf(usage, { ...price, cachedInput: 0.2 })).toBeCloseTo(2.1, 12);
  });

  it('costs more to be written, the longer it is kept', () => {
    const cacheWrites = { fiveMinutes: 100_000, hour: 200_000 };
    // 100,000 × 0.25 × $2 + 200,000 × 1 × $2, per million.
    expect(priceOf({ ...usage, cacheWrites }, price)).toBeCloseTo(3.45, 12);
  });

  it.each([
    [undefined, 1],
    [{ type: 'ephemeral' }, 1.25],
    [{ type: 'ephemeral', ttl: '1h' }, 2],
  ])('marked by %o may cost %f times as much', (mark, rate) => {
    const part = { type: 'text' as const, text: 'long' };
    const extra = mark === undefined ? {} : { extra: { cache_control: mark } };
    const messages = [{ role: 'user' as const, content: [part, { ...part, ...extra }] }];
    const request = { model: 'far', messages, sampling: {} };
    expect(dearestRate({ ...request, dialect: 'anthropic' })).toBe(rate);
    // Another dialect's marks reach no cache.
    expect(dearestRate(request)).toBe(1);
  });
});

describe('energy', () => {
  it('is modelled from busy CPU seconds', () => {
    expect(energyOf({ cpuSeconds: 2, config })).toEqual({ joules: 30, tier: 'modelled' });
  });
});

describe('retention', () => {
  it('never keeps text longer than its receipt', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(1000), (retentionDays, textRetentionDays) => {
        const now = 1e12;
        const cutoffs = retentionCutoffs(now, { retentionDays, textRetentionDays });
        expect(cutoffs.receipts).toBe(now - retentionDays * 86_400_000);
        expect(cutoffs.text).toBeGreaterThanOrEqual(cutoffs.receipts);
        expect(cutoffs.text).toBeGreaterThanOrEqual(now - textRetentionDays * 86_400_000);
      }),
    );
  });
});

describe('feature hashes', () => {
  it('are HalfSipHash-2-4 of the reference vectors', () => {
    // Key 00 01 … 07, messages of 0, 1, 2 … bytes 00 01 02 …; the authors' vectors_hsip32.
    const expected = [
      0x5b9f35a9, 0xb85a4727, 0x03a662fa, 0x04e7fe8a, 0x89466e2a, 0x69b6fac5, 0x23fc6358,
      0xc563cf8b, 0x8f84b8d0,
    ];
    const bytes = Uint8Array.from({ length: 64 }, (_, index) => index);
    const hashes = expected.map((_, length) =>
      halfSipHash(bytes.subarray(0, length), [0x03020100, 0x07060504]),
    );
    expect(hashes).toEqual(expected);
    expect(halfSipHash(bytes.subarray(0, 63), [0x03020100, 0x07060504])).toBe(0x744aea59);
  });

  it('are a bag: order, case and width do not count, how often does', () => {
    const salt = 'salt';
    const base = featureHashes('Pay the invoice, pay', salt);
    expect(base).toHaveLength(4);
    expect(new Set(base).size).toBe(3);
    expect(featureHashes('invoice PAY the ｐａｙ', salt)).toEqual(base);
    expect(featureHashes('pay the invoice', salt)).not.toEqual(base);
  });

  it('differ with the salt', () => {
    expect(featureHashes('pay the invoice', 'a')).not.toEqual(
      featureHashes('pay the invoice', 'b'),
    );
  });

  it('are the same for plain text and its full-width form, which is read another way', () => {
    const wide = (text: string) =>
      text.replace(/[0-9A-Za-z]/g, (mark) => String.fromCharCode(mark.charCodeAt(0) + 0xfee0));
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 3000 }), (text) => {
        expect(featureHashes(wide(text), 'salt')).toEqual(featureHashes(text, 'salt'));
      }),
    );
    expect(featureHashes('a e\u0301 c', 'salt')).toEqual(featureHashes('A \u00c9 C', 'salt'));
  });

  it('are bounded indices in order, whatever the text is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => {
        const hashes = featureHashes(text, 'salt');
        expect(hashes.length).toBeLessThanOrEqual(256);
        expect(hashes).toEqual([...hashes].sort((a, b) => a - b));
        for (const hash of hashes) expect(hash >= 0 && hash < 2 ** 18).toBe(true);
      }),
    );
    expect(featureHashes('word '.repeat(1e6), 'salt')).toHaveLength(256);
    expect(featureHashes('', 'salt')).toEqual([]);
  });
});
