import { afterEach, describe, expect, it, vi } from 'vitest';
import { newObjectId, newRequestId } from '../../src/server/identifiers.ts';

afterEach(() => void vi.useRealTimers());

describe('ids', () => {
  it('of requests sort as they came, however far apart, and never repeat', () => {
    vi.useFakeTimers();
    const ids = [0, 1, 31, 32, 1_000_000, 1.7e12, 1.7e12 + 1, 3e13].map((time) => {
      vi.setSystemTime(time);
      return newRequestId();
    });
    expect(ids.toSorted()).toEqual(ids);
    for (const id of ids) expect(id).toMatch(/^req_[a-z2-7]{24}$/);
    expect(new Set(Array.from({ length: 2000 }, newRequestId)).size).toBe(2000);
  });

  it('of objects are random from the first character', () => {
    const starts = new Set(Array.from({ length: 50 }, () => newObjectId('file-').slice(0, 9)));
    expect(starts.size).toBeGreaterThan(40);
  });
});
