import { expect, it } from 'vitest';
import { composeContextSpokes } from '../../src/compose/context-spokes.ts';
import type { Generations } from '../../src/compose/generations.ts';
import type { Call } from '../../src/core/call.ts';
import { parseConfig } from '../../src/core/config.ts';
import type { CadreEvent } from '../../src/core/events.ts';

const { signal } = new AbortController();
const order = { spoke: 'small', collection: 'docs', messages: [] };

/** A farm with one spoke that answers after so many milliseconds, unless it is stopped. */
function openFarm(destination: string, answerMs: number) {
  const calls: Call[] = [];
  const farm = {
    calls,
    activeCount: 0,
    current: {
      settings: {
        config: parseConfig({
          policy: { defaultLabel: 'personal' },
          collections: [{ name: 'docs', folder: '/docs', label: 'public' }],
        }),
      },
      spokes: () => [
        {
          gate: { id: 'small', destination, modelId: 'tiny' },
          config: { kind: 'chat', output: 'text' },
        },
      ],
    },
    async *aside(call: Call, stop: AbortSignal): AsyncGenerator<CadreEvent> {
      calls.push(call);
      await new Promise((resolve, reject) => {
        const timer = setTimeout(resolve, answerMs);
        stop.addEventListener('abort', () => {
          clearTimeout(timer);
          reject(stop.reason);
        });
      });
      yield { type: 'text-delta', choice: 0, text: 'A passage.' } as CadreEvent;
      yield { type: 'choice-ended', choice: 0, finishReason: 'stop' };
    },
  };
  const spokes = composeContextSpokes({
    generations: farm as unknown as Pick<Generations, 'current' | 'activeCount' | 'aside'>,
    clock: { now: Date.now, elapsed: () => performance.now() },
    random: { id: () => 'abc' },
  });
  return { farm, spokes };
}

it('asks with the strictest label, as the farm itself, and nothing of it is kept or shared', async () => {
  const { farm, spokes } = openFarm('elsewhere', 0);
  expect(spokes.modelOf('small')).toBe('elsewhere/tiny');
  expect(spokes.modelOf('large')).toBeUndefined();
  expect(await spokes.doWrite(order, { signal })).toEqual({ text: 'A passage.', isWhole: true });
  expect(farm.calls[0]).toMatchObject({
    labelDeclared: 'personal',
    bare: true,
    cache: 'off',
    caller: { key: 'contexts', keepsText: false },
    request: { model: 'small', sampling: { temperature: 0 } },
  });
});

it('on this machine callers go first, and what they interrupt is asked again', async () => {
  const { farm, spokes } = openFarm('local', 600);
  farm.activeCount = 1;
  const writing = spokes.doWrite(order, { signal });
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(farm.calls).toHaveLength(0);
  farm.activeCount = 0;
  await expect.poll(() => farm.calls.length).toBe(1);
  farm.activeCount = 1;
  await new Promise((resolve) => setTimeout(resolve, 400));
  farm.activeCount = 0;
  expect(await writing).toMatchObject({ text: 'A passage.' });
  expect(farm.calls).toHaveLength(2);
});

it('another machine does not wait for the callers of this one', async () => {
  const { farm, spokes } = openFarm('elsewhere', 0);
  farm.activeCount = 1;
  expect(await spokes.doWrite(order, { signal })).toMatchObject({ isWhole: true });
});
