import { describe, expect, it } from 'vitest';
import { shadowCall } from '../../src/compose/shadow-call.ts';
import type { ShadowJob } from '../../src/compose/shadow-queue.ts';
import { textPart } from '../../src/core/chat.ts';
import { CadreError } from '../../src/core/errors.ts';
import type { Label } from '../../src/core/label.ts';
import { SHADOW_KEY, type ShadowOrder } from '../../src/core/shadow.ts';
import { chosen } from '../gate/farm.ts';
import { USAGE, WAIT } from './scripted-model.ts';
import { FARM, FRONTIER, openWorld, VENDOR, type World } from './scripted-parts.ts';

const SUM = 'What is 17 + 25?';
/** Dollars of one answer of the remote model: $2.5 and $10 per million tokens. */
const PAID = (USAGE.promptTokens * 2.5 + USAGE.completionTokens * 10) / 1e6;
const today = () => new Date().toISOString().slice(0, 10);

function openFarm(models: Parameters<typeof openWorld>[0] = {}): Promise<World> {
  return openWorld({
    models: { small: ['41'], large: ['42'], frontier: ['42'], ...models.models },
    config: {
      ...FARM,
      cache: { exact: true },
      spokes: [
        FARM.spokes[0],
        { ...FARM.spokes[1], fallback: ['frontier'], hedge: { spoke: 'frontier' } },
        { ...FRONTIER, fallback: ['large'] },
      ],
      destinations: [VENDOR],
    },
  });
}

interface Wish {
  readonly text?: string;
  readonly label?: Label;
  readonly budget?: number;
  readonly signal?: AbortSignal;
}

/** Asks `spoke` what `small` has answered with 41; `large` or the asked one is the yardstick. */
function shadow(world: World, spoke: string, wish: Wish = {}) {
  const { text = SUM, label = 'internal', budget = 1 } = wish;
  const job: ShadowJob = {
    of: 'req_shown',
    served: 'small',
    asked: ['small'],
    text: '41',
    finishReason: 'stop',
    request: {
      model: 'auto',
      messages: [{ role: 'user', content: textPart(text) }],
      sampling: {},
    },
    label,
    decision: chosen(SUM),
    runMs: 1,
    at: Date.now(),
    size: 10,
    tries: 0,
  };
  const deadline = Date.now() + 60_000;
  const call = shadowCall(job, spoke, { id: 'req_shadow', budget, deadline });
  const { of, served, finishReason } = job;
  const order: ShadowOrder = {
    of,
    served,
    spoke,
    finishReason,
    text: '41',
    task: 'arithmetic',
    reference: spoke,
  };
  return world.pipeline.shadow(call, order, wish.signal ?? new AbortController().signal);
}

describe('a shadow run', () => {
  it('asks that spoke alone, grades both, and leaves a receipt of its own below the request’s', async () => {
    const world = await openFarm();
    const receipt = await shadow(world, 'large');
    expect(receipt).toMatchObject({
      id: 'req_shadow',
      parent: 'req_shown',
      depth: 1,
      key: SHADOW_KEY,
      outcome: 'answered',
      shadow: {
        of: 'req_shown',
        served: 'small',
        spoke: 'large',
        agreement: 0,
        as: 'number',
        grades: [
          { spoke: 'large', score: 1 },
          { spoke: 'small', score: 0 },
        ],
      },
    });
    expect(receipt.shadow?.seconds).toBeGreaterThan(0);
    expect(world.calls.map((call) => call.spoke)).toEqual(['large']);
    expect(world.leases.map((lease) => lease.releases)).toEqual([1]);
    expect(await world.store.doGetReceipt('req_shadow')).toEqual(receipt);
    expect(await world.store.doGetText('req_shadow')).toBeUndefined();
    expect(world.bytes()).not.toContain('17 + 25');
  });

  it('pays from its own budget, and what it used counts there', async () => {
    const world = await openFarm();
    const receipt = await shadow(world, 'frontier');
    expect(receipt).toMatchObject({ outcome: 'answered', shadow: { seconds: 0 } });
    expect(world.settled).toEqual([{ id: 'req_shadow', spent: PAID }]);
    expect(await world.store.doSpent(SHADOW_KEY, today())).toBeCloseTo(PAID, 9);
    expect(world.calls[0]?.permit).toMatchObject({ destination: 'vendor', label: 'internal' });
  });

  it.each([
    ['the budget does not hold it', 'frontier', { budget: 0 }, 'budget_exceeded'],
    ['the label of the request is too strict', 'frontier', { label: 'personal' }, 'label_refused'],
    [
      'the text is too strict',
      'frontier',
      { text: 'Pay to DE89 3704 0044 0532 0130 00' },
      'label_refused',
    ],
  ] as const)('asks nobody, least of all a stand-in, where %s', async (_, spoke, wish, code) => {
    const world = await openFarm();
    const receipt = await shadow(world, spoke, wish);
    expect(receipt).toMatchObject({ outcome: 'failed', error: { code }, shadow: { grades: [] } });
    expect(world.calls).toEqual([]);
    expect(await world.store.doSpent(SHADOW_KEY, today())).toBe(0);
  });

  it('asks no stand-in where the spoke fails, and grades nothing then', async () => {
    const trouble = new CadreError('worker_crashed', 'gone');
    const world = await openFarm({ models: { large: [trouble] } });
    const receipt = await shadow(world, 'large');
    expect(receipt).toMatchObject({ outcome: 'failed', shadow: { grades: [] } });
    expect(world.calls.map((call) => call.spoke)).toEqual(['large']);
  });

  it('asks a remote spoke once, whatever it says: repetitions are for callers', async () => {
    const trouble = new CadreError('upstream_failed', 'busy', { fault: 'overloaded' });
    const world = await openFarm({ models: { frontier: [trouble] } });
    const receipt = await shadow(world, 'frontier');
    expect(receipt).toMatchObject({ outcome: 'failed', shadow: { grades: [] } });
    expect(world.calls.map((call) => call.spoke)).toEqual(['frontier']);
  });

  it('keeps no answer for callers, and takes none that was kept', async () => {
    const world = await openFarm();
    await shadow(world, 'large');
    await shadow(world, 'large');
    expect(world.calls.map((call) => call.spoke)).toEqual(['large', 'large']);
  });

  it('that is stopped counts its time and nothing else', async () => {
    const world = await openFarm({ models: { large: ['4', WAIT] } });
    const stop = new AbortController();
    const asked = shadow(world, 'large', { signal: stop.signal });
    await expect.poll(() => world.calls.length).toBe(1);
    stop.abort(new CadreError('cancelled', 'a request came'));
    const receipt = await asked;
    expect(receipt).toMatchObject({ outcome: 'cancelled', shadow: { grades: [] } });
    expect(receipt.shadow?.agreement).toBeUndefined();
    expect(world.leases.map((lease) => lease.releases)).toEqual([1]);
  });
});
