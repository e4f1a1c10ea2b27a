import { expect, it } from 'vitest';
import type { FleetPlan, FleetView, ModelView } from '../../src/fleet/fleet-view.ts';
import { Tally } from '../../src/fleet/tally.ts';

const NOTHING: FleetPlan = {
  evictions: [],
  loads: [],
  grants: [],
  refusals: [],
  lookAgainAt: Number.POSITIVE_INFINITY,
};

function view(waiting: Readonly<Record<string, readonly number[]>>): FleetView {
  const models = ['a', 'b', 'c'].map(
    (id): ModelView => ({
      id,
      state: 'resident',
      bytes: 10,
      loadMs: 1,
      loadedAt: 0,
      lastUsedAt: 0,
      activeCount: 0,
      pinned: false,
      reuse: 1,
      serviceMs: 1,
      lastGroup: '',
      waiting: (waiting[id] ?? []).map((ticket) => ({
        ticket,
        since: 0,
        priority: 'interactive',
        key: '',
        group: '',
      })),
    }),
  );
  return {
    now: 0,
    budget: 25,
    heldElsewhere: 0,
    slots: 2,
    models,
    loadingShare: 0,
    usageOf: () => 0,
  };
}

it('counts loads and evictions beside those of least recently used by count', () => {
  const tally = new Tally(() => 7);
  let plan = NOTHING;
  const watched = tally.watch(() => plan);
  // Two fit: a b a b load twice; c drives a out, a drives b out.
  plan = { ...NOTHING, loads: ['a', 'b'] };
  expect(watched(view({ a: [1, 3], b: [2, 4] }))).toBe(plan);
  plan = NOTHING;
  watched(view({ a: [3], b: [4] }));
  expect(tally.standing()).toMatchObject({ loads: 2, evictions: 0, loadsByCount: 2, slots: 2 });
  plan = { ...NOTHING, evictions: ['a'], loads: ['c'] };
  watched(view({ c: [5], a: [6] }));
  expect(tally.standing()).toMatchObject({ loads: 3, evictions: 1, loadsByCount: 4 });
  expect(tally.standing().recent).toEqual([
    { at: 7, model: 'c', act: 'loaded' },
    { at: 7, model: 'a', act: 'evicted' },
    { at: 7, model: 'b', act: 'loaded' },
    { at: 7, model: 'a', act: 'loaded' },
  ]);
});
