import { describe, expect, it, vi } from 'vitest';
import { CadreError } from '../../src/core/errors.ts';
import type { CadreEvent } from '../../src/core/events.ts';
import type { Receipt } from '../../src/core/receipt.ts';
import { receiptOf, shownText, theOnly, typesOf } from './readings.ts';
import { type Script, USAGE, WAIT } from './scripted-model.ts';
import {
  ANYONE,
  type AskOptions,
  ask,
  callOf,
  FARM,
  FRONTIER,
  openWorld,
  VENDOR,
  type World,
} from './scripted-parts.ts';

const TWO_JOBS = '1. Write a slogan about the harbour.\n2. Name three colours of the sea.';
const PLAN = JSON.stringify({
  steps: [
    { id: '1', instruction: 'Describe the harbour of Tolno.', after: [], model: 'auto' },
    { id: '2', instruction: 'Shorten the description.', after: ['1'], model: 'auto' },
  ],
});

function openHub(models: Readonly<Record<string, Script>> = {}, remote = false): Promise<World> {
  const local = [{ ...FARM.spokes[0], id: 'small' }, FARM.spokes[1]];
  const planner = { id: 'general', model: FARM.spokes[1]?.model };
  return openWorld({
    models: { small: ['Fine weather.'], large: ['Fine weather.'], general: [PLAN], ...models },
    config: {
      ...FARM,
      spokes: remote ? [FRONTIER] : [...local, planner],
      destinations: [VENDOR],
    },
  });
}

async function childrenOf(world: World, receipt: Receipt): Promise<Receipt[]> {
  const found = await Promise.all(receipt.children.map((id) => world.store.doGetReceipt(id)));
  return found.flatMap((one) => one ?? []);
}

describe('the hub', () => {
  it('does every job and counts what its children used', async () => {
    const world = await openHub();
    const events = await ask(world, 'hub', TWO_JOBS);
    expect(theOnly(events, 'plan-made').steps).toHaveLength(2);
    expect(shownText(events).match(/Fine weather/g)).toHaveLength(2);
    const { usage, receipt } = theOnly(events, 'answer-ended');
    expect(usage).toEqual({
      promptTokens: 2 * USAGE.promptTokens,
      cachedTokens: 0,
      completionTokens: 2 * USAGE.completionTokens,
    });
    expect(receipt.usage.completionTokens).toBe(0);
    const children = await childrenOf(world, receipt);
    const spent = children.reduce((sum, one) => sum + one.cost.total, 0);
    expect(receipt.total?.cost.total).toBeCloseTo(spent + receipt.cost.total, 12);
  });

  it('leaves a tree of receipts', async () => {
    const world = await openHub();
    const receipt = receiptOf(await ask(world, 'hub', TWO_JOBS));
    const children = await childrenOf(world, receipt);
    expect(children).toHaveLength(2);
    for (const child of children)
      expect(child).toMatchObject({
        parent: 'req_test',
        depth: 1,
        outcome: 'answered',
        key: ANYONE.key,
      });
    const listed = await world.store.doListReceipts({ limit: 10, parent: 'req_test' });
    expect(listed.map((one) => one.id).toSorted()).toEqual([...receipt.children].toSorted());
  });

  it('asks a planner for what is no plain list, whose receipt and tokens count too', async () => {
    const world = await openHub();
    const events = await ask(world, 'hub', 'I want a short text on the harbour of Tolno.');
    expect(theOnly(events, 'plan-made').steps.map((step) => step.after)).toEqual([[], ['1']]);
    const { receipt, usage } = theOnly(events, 'answer-ended');
    expect(receipt.children).toHaveLength(3);
    expect(usage.completionTokens).toBe(3 * USAGE.completionTokens);
    expect(world.calls.map((call) => call.spoke)[0]).toBe('general');
  });

  it('names a job that failed and gives the other', async () => {
    const crash = new CadreError('model_damaged', 'the file is damaged');
    const script: Script = (turn) => (turn === 0 ? [crash] : ['Blue, grey and green.']);
    const world = await openHub({ small: script });
    const events = await ask(world, 'hub', TWO_JOBS);
    expect(shownText(events)).toContain('Blue, grey and green.');
    expect(shownText(events)).toContain('Not done: Write a slogan about the harbour');
  });

  it('fails when every job failed', async () => {
    const world = await openHub({
      small: [new CadreError('model_damaged', 'the file is damaged')],
    });
    const events = await ask(world, 'hub', TWO_JOBS);
    expect(theOnly(events, 'request-failed').message).toContain('the file is damaged');
    expect(typesOf(events)).not.toContain('choice-ended');
  });
});

describe('what a child inherits', () => {
  it('the label that policy found, not only the one that was declared', async () => {
    const world = await openHub();
    const text = `${TWO_JOBS}\nWrite to ada@lovelace.example when it is done.`;
    const receipt = receiptOf(await ask(world, 'hub', text.replace('\nWrite', ' Write')));
    expect(receipt.policy?.label).toBe('personal');
    const children = await childrenOf(world, receipt);
    expect(children.map((one) => one.policy?.label)).toEqual(['personal', 'personal']);
  });

  it('the label, so that no remote spoke sees a job of a personal request', async () => {
    const world = await openHub({ frontier: ['Fine weather.'] }, true);
    const events = await ask(world, 'hub', TWO_JOBS, { labelDeclared: 'personal' });
    expect(theOnly(events, 'request-failed').message).toContain('personal');
    expect(world.calls).toEqual([]);
  });

  it('the deadline', async () => {
    const world = await openHub({ small: [WAIT] });
    const events = await ask(world, 'hub', TWO_JOBS, { deadline: Date.now() + 40 });
    expect(receiptOf(events).outcome).toBe('failed');
    await vi.waitFor(async () => {
      const children = await childrenOf(world, receiptOf(events));
      const codes = children.map((one) => one.error?.code);
      expect(codes).toEqual(['deadline_exceeded', 'deadline_exceeded']);
    });
    expect(world.leases.every((lease) => lease.releases === 1)).toBe(true);
  });

  it('what is left of the budget: no job may be done by a spoke that costs more', async () => {
    const world = await openHub({ frontier: ['Fine weather.'] }, true);
    const events = await ask(world, 'hub', TWO_JOBS, { budgetLeft: 0.000_01 });
    expect(theOnly(events, 'request-failed').message).toContain('budget');
    expect(world.calls).toEqual([]);
  });

  it('the key, whose money its answers take', async () => {
    const world = await openHub({ frontier: ['Fine weather.'] }, true);
    const caller = { ...ANYONE, budgetDaily: 1 };
    const receipt = receiptOf(await ask(world, 'hub', TWO_JOBS, { caller }));
    const children = await childrenOf(world, receipt);
    const paid = children.reduce((sum, one) => sum + one.cost.total, 0);
    const period = new Date().toISOString().slice(0, 10);
    expect(await world.store.doSpent(caller.key, period)).toBeCloseTo(paid, 9);
    expect(world.settled.map((one) => one.id).toSorted()).toEqual(
      ['req_test', ...receipt.children].toSorted(),
    );
  });
});

describe('the depth of delegation', () => {
  const at = (depth: number): AskOptions => ({ depth, parent: 'req_parent' });

  it('ends at three', async () => {
    const world = await openHub();
    const events = await ask(world, 'hub', TWO_JOBS, at(3));
    expect(theOnly(events, 'request-failed').code).toBe('depth_exceeded');
    expect(world.calls).toEqual([]);
  });

  it('of two still delegates, and its children are at three', async () => {
    const world = await openHub();
    const receipt = receiptOf(await ask(world, 'hub', TWO_JOBS, at(2)));
    const children = await childrenOf(world, receipt);
    expect(children.map((one) => one.depth)).toEqual([3, 3]);
    expect(children.map((one) => one.route?.spoke)).not.toContain('hub');
  });
});

describe('a caller of the hub who goes away', () => {
  it('by signal: every child is stopped, recorded and paid', async () => {
    const world = await openHub({ small: ['Fine ', WAIT] });
    const stop = new AbortController();
    const events: CadreEvent[] = [];
    for await (const event of world.pipeline.ask(callOf('hub', TWO_JOBS), stop.signal)) {
      events.push(event);
      if (typesOf(events).filter((type) => type === 'step-started').length === 2) stop.abort();
    }
    expect(theOnly(events, 'request-failed').code).toBe('cancelled');
    expect(world.calls.every((call) => call.end === 'aborted')).toBe(true);
    expect(world.leases.every((lease) => lease.releases === 1)).toBe(true);
  });

  it('by leaving the loop: every child is stopped and recorded too', async () => {
    const world = await openHub({ small: ['Fine ', WAIT] });
    let started = 0;
    const call = callOf('hub', TWO_JOBS);
    for await (const event of world.pipeline.ask(call, new AbortController().signal)) {
      if (event.type === 'step-started') started += 1;
      if (started === 2) break;
    }
    // Children end on their own, after the stream of their parent.
    await vi.waitFor(async () => {
      const receipts = await world.store.doListReceipts({ limit: 10 });
      expect(receipts.map((one) => one.outcome)).toEqual(Array(3).fill('cancelled'));
    });
    expect(world.calls.every((one) => one.end === 'aborted')).toBe(true);
    expect(world.leases.every((lease) => lease.releases === 1)).toBe(true);
  });
});
