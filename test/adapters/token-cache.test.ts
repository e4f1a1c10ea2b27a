import { describe, expect, it } from 'vitest';
import { TokenCache } from '../../src/adapters/models/token-cache.ts';

const tokens = (bytes: number) => ({ dimensions: 1, scale: 1, rows: new Int8Array(bytes) });

describe('TokenCache', () => {
  it('keeps what was asked for last, within its bytes', () => {
    const cache = new TokenCache(100);
    cache.put('a', tokens(40));
    cache.put('b', tokens(40));
    expect(cache.get('a')).toBeDefined();
    cache.put('c', tokens(40));
    const kept = ['a', 'b', 'c'].map((key) => cache.get(key) !== undefined);
    expect(kept).toEqual([true, false, true]);
    cache.put('huge', tokens(500));
    expect(cache.get('huge')).toBeUndefined();
    cache.put('a', tokens(90));
    expect(cache.get('a')?.rows).toHaveLength(90);
  });
});
