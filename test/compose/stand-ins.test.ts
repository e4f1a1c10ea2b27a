import { describe, expect, it } from 'vitest';
import { requireStandIns } from '../../src/compose/spokes.ts';
import { parseConfig } from '../../src/core/config.ts';

const check = (more: object) =>
  requireStandIns(
    parseConfig({
      spokes: [
        { id: 'far', model: 'vendor/m', ...more },
        { id: 'near', model: 'other/m' },
      ],
    }).spokes,
  );

describe('spokes that stand in for others', () => {
  it('must exist, or the start says which does not', () => {
    expect(() => check({ fallback: ['near'], hedge: { spoke: 'near' } })).not.toThrow();
    for (const more of [{ fallback: ['nera'] }, { hedge: { spoke: 'nera', afterSeconds: 1 } }])
      expect(() => check(more)).toThrow(
        'spoke far falls back on nera, which does not exist; did you mean `near`?',
      );
  });
});
