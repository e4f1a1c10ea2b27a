import { describe, expect, it } from 'vitest';
import { receiptOf, shownText, theOnly, typesOf } from './readings.ts';
import { USAGE } from './scripted-model.ts';
import {
  ANYONE,
  ask,
  callOf,
  FARM,
  FRONTIER,
  openWorld,
  VENDOR,
  type World,
} from './scripted-parts.ts';

const REFUSAL = ["I'm sorry, but I cannot help with that."];
const GREETING = 'Hello there, good morning!';
/** Dollars of one answer of the remote model: $2.5 and $10 per million tokens. */
const PAID = (USAGE.promptTokens * 2.5 + USAGE.completionTokens * 10) / 1e6;

function openFarm(models: Parameters<typeof openWorld>[0] = {}): Promise<World> {
  return openWorld({
    ...models,
    models: { small: REFUSAL, large: ['Good morning.'], frontier: ['Good day.'], ...models.models },
    config: {
      ...FARM,
      spokes: [{ ...FARM.spokes[0], fallback: ['frontier'] }, FARM.spokes[1], FRONTIER],
      destinations: [VENDOR],
      ...models.config,
    },
  });
}

const today = () => new Date().toISOString().slice(0, 10);

describe('a key without money', () => {
  const caller = { ...ANYONE, budgetDaily: 0 };

  it('gets local answers; remote spokes are turned away by the gate', async () => {
    const world = await openFarm();
    const events = await ask(world, 'auto', GREETING, { caller });
    expect(shownText(events)).toBe('Good morning.');
    expect(world.calls.map((call) => call.spoke)).toEqual(['small', 'large']);
    const { rejected } = theOnly(events, 'route-decided').decision;
    expect(rejected).toContainEqual(expect.objectContaining({ id: 'frontier', code: 'budget' }));
  });

  it('is told so when it names a remote spoke', async () => {
    const world = await openFarm();
    const events = await ask(world, 'frontier', GREETING, { caller });
    expect(theOnly(events, 'request-failed').code).toBe('budget_exceeded');
    expect(world.calls).toEqual([]);
    expect(world.reserved).toEqual([]);
  });
});

describe('a key with money', () => {
  const caller = { ...ANYONE, budgetDaily: 1 };

  it('sets aside for the remote rung before it is asked, and pays what was used', async () => {
    const world = await openFarm();
    const seen: number[] = [];
    const spentNow = () => world.store.doSpent(caller.key, today());
    const events = [];
    const { signal } = new AbortController();

    for await (const event of world.pipeline.ask(callOf('auto', GREETING, { caller }), signal)) {
      events.push(event);
      if (event.type === 'route-escalated') seen.push(await spentNow());
    }
    expect(shownText(events)).toBe('Good day.');
    expect(world.reserved).toHaveLength(1);
    expect(seen[0]).toBeGreaterThan(PAID);
    expect(world.settled).toEqual([{ id: 'req_test', spent: PAID }]);
    expect(await spentNow()).toBeCloseTo(PAID, 9);
    expect(receiptOf(events).cost.total).toBeGreaterThanOrEqual(PAID);
  });

  it('gets back what was set aside when no remote rung was needed', async () => {
    const world = await openFarm({ models: { small: ['Good morning to you.'] } });
    await ask(world, 'auto', GREETING, { caller });
    expect(world.reserved[0]?.amount).toBeGreaterThan(0);
    expect(world.settled).toEqual([{ id: 'req_test', spent: 0 }]);
    expect(await world.store.doSpent(caller.key, today())).toBe(0);
  });

  it('pays for every remote choice', async () => {
    const world = await openFarm();
    await ask(world, 'frontier', GREETING, { caller, request: { choiceCount: 3 } });
    expect(world.settled.map((one) => one.spent)).toEqual([expect.closeTo(3 * PAID, 9)]);
  });

  it('sets aside the prompt of every choice', async () => {
    const world = await openFarm();
    const one = await ask(world, 'frontier', GREETING, { caller, request: { maxTokens: 1 } });
    expect(typesOf(one)).toContain('answer-ended');
    const request = { maxTokens: 1, choiceCount: 3 };
    await ask(world, 'frontier', GREETING, { caller, id: 'req_three', request });
    const [single, three] = world.reserved;
    expect(three?.amount).toBeCloseTo(3 * (single?.amount ?? 0), 12);
  });

  it('cannot spend one budget twice', async () => {
    const world = await openFarm();
    const poor = { ...ANYONE, budgetDaily: 0.008 };
    const first = await ask(world, 'frontier', GREETING, { caller: poor, id: 'req_first' });
    expect(typesOf(first)).toContain('answer-ended');
    await world.store.doReserve({
      id: 'req_running',
      key: poor.key,
      period: today(),
      amount: 0.007,
      limit: 0.008,
      at: Date.now(),
    });
    const second = await ask(world, 'frontier', GREETING, { caller: poor, id: 'req_second' });
    expect(theOnly(second, 'request-failed').code).toBe('budget_exceeded');
    expect(world.calls).toHaveLength(1);
  });
});

describe('the budget of one request', () => {
  it('turns away a remote spoke that may cost more', async () => {
    const world = await openFarm({ config: { policy: { budgetPerRequest: 0.000_001 } } });
    const events = await ask(world, 'frontier', GREETING);
    expect(theOnly(events, 'request-failed').code).toBe('budget_exceeded');
  });

  it('is written into the permit', async () => {
    const world = await openFarm({ config: { policy: { budgetPerRequest: 0.1 } } });
    await ask(world, 'frontier', GREETING);
    expect(world.calls[0]?.permit?.budget).toBe(0.1);
  });
});
