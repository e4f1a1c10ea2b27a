import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { GateDrift } from '../../src/compose/gate-drift.ts';
import type { GateInput } from '../../src/gate/context.ts';
import { chosen, estimator, general, quick } from '../gate/farm.ts';

function openDrift(): GateDrift {
  const folder = mkdtempSync(join(tmpdir(), 'cadre-exploration-'));
  const drift = new GateDrift({
    file: join(folder, 'drift.json'),
    starter: estimator,
    clock: { now: () => 1 },
    table: () => undefined,
    spokeOf: (id) => [quick, general].find((one) => one.id === id),
    onAlarm: () => undefined,
  });
  onTestFinished(async () => {
    await drift.close();
    rmSync(folder, { recursive: true });
  });
  return drift;
}

/** Decides `count` times among spokes that all reach the promise, unless `change` says otherwise. */
function decideOften(drift: GateDrift, count: number, change: Partial<GateInput> = {}) {
  return Array.from({ length: count }, () =>
    chosen('Name the colour of thing 77', {
      spokes: [quick, general],
      promise: 0,
      explore: (...where) => drift.explore(0.1, ...where),
      ...change,
    }),
  );
}

it('tries another spoke that reaches the promise, within its share, and says so', () => {
  const drift = openDrift();
  const decisions = decideOften(drift, 400);
  const tried = decisions.filter(({ reasons }) => reasons[0]?.includes('is tried to learn'));
  expect(tried.length).toBeGreaterThan(0);
  expect(tried.length).toBeLessThanOrEqual(40);
  expect(drift.state).toMatchObject({ decided: 400, explored: tried.length });
  const [usual] = decideOften(drift, 1, { promise: 0, explore: () => undefined });
  for (const { spoke, reasons } of tried) {
    expect(spoke).not.toBe(usual?.spoke);
    expect(reasons[0]).toContain(`\`${usual?.spoke}\` would have been chosen`);
  }
});

it('never where a promise could break, a session is kept, or only one is good enough', () => {
  const drift = openDrift();
  decideOften(drift, 50, { promise: 0.999 });
  decideOften(drift, 50, { pinned: { spoke: 'quick', why: 'session' } });
  decideOften(drift, 50, { safeSpoke: 'elsewhere' });
  expect(drift.state).toMatchObject({ decided: 0, explored: 0 });
});
