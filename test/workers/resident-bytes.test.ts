import { describe, expect, it } from 'vitest';
import { residentBytes } from '../../src/workers/resident-bytes.ts';

describe('the memory of a process', () => {
  it('grows with what it keeps, and is not more than all its resident pages', () => {
    const before = residentBytes();
    const kept = Buffer.alloc(64e6, 1);
    const after = residentBytes();
    expect(after - before).toBeGreaterThan(kept.length * 0.8);
    expect(after).toBeLessThanOrEqual(process.memoryUsage.rss() * 1.05);
  });
});
