import { describe, expect, it } from 'vitest';
import { Pace } from '../../src/adapters/models/llama-pace.ts';

const MOST = 60_000;

function seen(ms: number, count = 20): Pace {
  const pace = new Pace();
  for (let step = 0; step < count; step += 1) pace.note('writing', ms);
  return pace;
}

describe('the pace of a model', () => {
  it('is patient as long as it may until it knows the model', () => {
    expect(seen(100, 19).patienceMs('writing', MOST)).toBe(MOST);
    expect(seen(100).patienceMs('reading', MOST)).toBe(MOST);
  });

  it('waits ten times as long as usual, at least ten seconds, never longer than it may', () => {
    expect(seen(100).patienceMs('writing', MOST)).toBe(10_000);
    expect(seen(2000).patienceMs('writing', MOST)).toBe(20_000);
    expect(seen(9000).patienceMs('writing', MOST)).toBe(MOST);
    expect(seen(100).patienceMs('writing', 2000)).toBe(2000);
  });

  it('follows a model that gets slower', () => {
    const pace = seen(100);
    for (let step = 0; step < 100; step += 1) pace.note('writing', 3000);
    expect(pace.usualMs('writing')).toBeGreaterThan(2900);
    expect(pace.usualMs('reading')).toBeUndefined();
  });
});
