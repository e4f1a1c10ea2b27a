import type { LlamaContextSequence, Token } from 'node-llama-cpp';
import { describe, expect, it } from 'vitest';
import { BASE, type Lane, type LaneAdapter, SlotTable } from '../../src/workers/llama-slots.ts';
import { NEVER } from './llama-harness.ts';

const tokens = (text: string) => [...text].map((letter) => letter.charCodeAt(0) as Token);
const adapter = (key: string): LaneAdapter => ({ key });

/** A lane without an engine: its slots keep the tokens that a test gives them. */
function lane(slots: number): Lane<LaneAdapter> {
  return {
    slots: Array.from({ length: slots }, () => ({
      sequence: { contextTokens: [] } as unknown as LlamaContextSequence,
      isBusy: false,
      lastUsed: 0,
      keeps: BASE,
    })),
    adapter: BASE,
    use: () => undefined,
  };
}

/** A table whose slots, when they are given back, keep what was asked of them. */
function tableOf(slots: number, most: number, doOpen = async () => lane(slots)) {
  const table = new SlotTable(lane(1), { most, doOpen });
  const ask = async (text: string, key?: string) => {
    const slot = await table.take(
      tokens(text),
      NEVER,
      key === undefined ? undefined : adapter(key),
    );
    const found = slot.keeps === (key ?? BASE) ? slot.sequence.contextTokens.length : 0;
    const end = () => {
      slot.keeps = key ?? BASE;
      (slot.sequence as { contextTokens: Token[] }).contextTokens = tokens(text);
      table.release(slot);
    };
    return { found, end };
  };
  return { table, ask };
}

describe('slots that adapters share', () => {
  it('take requests of one adapter together, and let nobody overtake who waits for another', async () => {
    const { ask } = tableOf(2, 1);
    const order: string[] = [];
    const told = (name: string, asking: ReturnType<typeof ask>) =>
      asking.then((one) => {
        order.push(name);
        return one;
      });
    const first = await told('a1', ask('x', 'a'));
    const second = await told('a2', ask('x', 'a'));
    const other = told('b', ask('x', 'b'));
    const late = told('a3', ask('x', 'a'));
    // One slot is free, but the other adapter waits for the lane.
    first.end();
    await (await told('base', ask('x'))).end();
    expect(order).toEqual(['a1', 'a2', 'base']);
    second.end();
    (await other).end();
    (await late).end();
    expect(order).toEqual(['a1', 'a2', 'base', 'b', 'a3']);
  });

  it('keep what is often asked for, and give the place of what is not', async () => {
    const { ask } = tableOf(1, 2);
    const once = async (key: string) => {
      const { found, end } = await ask('the same long beginning', key);
      end();
      return found > 0;
    };
    // Two lanes are made only where two adapters are busy at once.
    const together = await Promise.all([ask('the same', 'hot'), ask('the same', 'cold-0')]);
    for (const one of together) one.end();
    const kept: boolean[] = [];
    for (let turn = 1; turn <= 20; turn += 1) {
      kept.push(await once('hot'));
      await once('hot');
      // The second one came later than the hot one was asked last.
      await once(`cold-${turn}`);
      await once(`cool-${turn}`);
    }
    expect(kept.slice(1).every(Boolean)).toBe(true);
  });

  it('go on with one lane where a second cannot be made', async () => {
    let opened = 0;
    const { ask } = tableOf(1, 2, async () => {
      opened += 1;
      if (opened > 1) throw new Error('no memory');
      return lane(1);
    });
    const first = await ask('x', 'a');
    const second = ask('x', 'b');
    await expect.poll(() => opened).toBe(2);
    first.end();
    (await second).end();
    expect(opened).toBe(2);
  });

  it('tell who waits when there cannot be any, and try again for the next', async () => {
    let isFull = true;
    const { ask } = tableOf(1, 1, async () => {
      if (isFull) throw new Error('no memory');
      return lane(1);
    });
    await expect(ask('x', 'a')).rejects.toThrow('no memory');
    (await ask('x')).end();
    isFull = false;
    (await ask('x', 'a')).end();
  });
});
