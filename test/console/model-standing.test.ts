import { describe, expect, it } from 'vitest';
import { standingOf } from '../../console/src/model-standing.ts';

const moved = (act: 'loaded' | 'evicted') => ({ at: Date.now() - 120_000, model: 'a', act });
const out = { state: 'installed', queuedRequests: 0, loadMs: 9000 } as const;

describe('a model that is not in memory', () => {
  it('is queued where requests wait for it, whatever became of it before', () => {
    const queued = { ...out, queuedRequests: 20 };
    expect(standingOf(queued, moved('evicted'))).toMatchObject({ name: 'queued', isTold: true });
    expect(standingOf(queued)).toMatchObject({ name: 'queued', isTold: true });
  });

  it('is evicted where it gave way, with when and what its next load takes', () => {
    const { name, words } = standingOf(out, moved('evicted'));
    expect(name).toBe('evicted');
    expect(words).toMatch(/2 min ago.*9\.0 s/);
  });

  it('is installed where it never was there, or was taken out by hand', () => {
    expect(standingOf(out).name).toBe('installed');
    expect(standingOf(out, moved('loaded')).name).toBe('installed');
  });
});
