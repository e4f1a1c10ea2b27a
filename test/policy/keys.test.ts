import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { callerOf, type KeyWish, makeKey } from '../../src/policy/keys.ts';
import { findShape } from '../../src/policy/shapes.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const WISH: KeyWish = {
  name: ' the app ',
  randomText: (count) => 'aZ09'.repeat(20).slice(0, count),
  hash: sha256,
  now: 7,
};

describe('keys', () => {
  it('give the secret once and keep only its hash', () => {
    const { row, secret } = makeKey({ ...WISH, principals: ['hr'], keepsText: true });
    expect(secret).toMatch(/^cadre_[a-zA-Z0-9]{40}$/);
    expect(row).toEqual({
      id: 'key_aZ09aZ09aZ09',
      name: 'the app',
      hash: sha256(secret),
      principals: ['public', 'hr'],
      keepsText: true,
      createdAt: 7,
    });
    expect(JSON.stringify(row)).not.toContain(secret);
  });

  it('are found as secrets in a request', () => {
    expect(findShape('secret-key', `use ${makeKey(WISH).secret} here`)).toBeDefined();
  });

  it.each<readonly [string, Partial<KeyWish>]>([
    ['name', { name: ' ' }],
    ['name', { name: 'x'.repeat(101) }],
    ['principals', { principals: ['hr', ' '] }],
    ['principals', { principals: Array.from({ length: 101 }, String) }],
    ['budgetDaily', { budgetDaily: -1 }],
    ['budgetDaily', { budgetDaily: Number.NaN }],
    ['budgetDaily', { budgetDaily: Number.POSITIVE_INFINITY }],
    ['rateLimit', { rateLimit: 0 }],
    ['rateLimit', { rateLimit: Number.POSITIVE_INFINITY }],
  ])('refuse a bad %s', (param, change) => {
    expect(() => makeKey({ ...WISH, ...change })).toThrow(
      expect.objectContaining({ code: 'invalid_request', param }),
    );
  });

  it('are not made from broken randomness', () => {
    for (const randomText of [() => '', () => 'a', (count: number) => '-'.repeat(count)])
      expect(() => makeKey({ ...WISH, randomText })).toThrow(
        expect.objectContaining({ code: 'internal' }),
      );
  });

  it('make a caller with the limits of the row, who may always read what is public', () => {
    const { row } = makeKey({ ...WISH, budgetDaily: 0, rateLimit: 3 });
    expect(callerOf({ ...row, principals: ['hr'] })).toEqual({
      key: row.id,
      principals: ['public', 'hr'],
      keepsText: false,
      budgetDaily: 0,
      rateLimit: 3,
    });
  });

  it('make no caller once they are revoked', () => {
    const { row } = makeKey(WISH);
    expect(() => callerOf({ ...row, revokedAt: 0 })).toThrow(
      expect.objectContaining({ code: 'unauthorized' }),
    );
  });
});
