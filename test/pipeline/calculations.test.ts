import { describe, expect, it } from 'vitest';
import { eventsOf, receiptOf, shownText, theOnly } from './readings.ts';
import { ended, type Script } from './scripted-model.ts';
import { ask, FARM, openWorld } from './scripted-parts.ts';

const LARGE = 'qwen2.5-coder-1.5b-instruct-q4_k_m';
const QUESTION = 'Ann has 3 boxes with 12 pencils each and gives 5 away. How many are left?';
const PROGRAM = 'all = 3 * 12\nleft = all - 5\n-> {left} pencils';

/** A farm of one spoke that calculates and the one that answers where it cannot. */
function calculatingWorld(calculator: Script, general: Script = ['31 pencils.']) {
  return openWorld({
    models: { calculator, large: general },
    config: {
      ...FARM,
      spokes: [
        { id: 'calculator', model: LARGE, output: 'calculation', fallback: ['large'] },
        { id: 'large', model: LARGE },
      ],
    },
  });
}

describe('a spoke that calculates', () => {
  it('answers with what the house worked out, not with what its model wrote', async () => {
    const world = await calculatingWorld([...PROGRAM]);
    const events = await ask(world, 'calculator', QUESTION);
    expect(shownText(events)).toBe('all: 3 * 12 = 36\nleft: 36 - 5 = 31\n31 pencils');
    expect(eventsOf(events, 'text-delta')).toHaveLength(1);
  });

  it('gives no log-probabilities of words that its model did not write', async () => {
    const world = await calculatingWorld([
      { type: 'text', text: PROGRAM, logprobs: [{ token: PROGRAM, logprob: -0.1 }] },
    ]);
    const events = await ask(world, 'calculator', QUESTION, { request: { logprobs: 0 } });
    for (const delta of eventsOf(events, 'text-delta'))
      expect(delta).not.toHaveProperty('logprobs');
  });

  it.each([
    ['prose', ['It is 31, I think.']],
    ['an unknown name', ['left = pencils - 5\n-> {left}']],
    ['a calculation that was cut', [PROGRAM, ended({ finishReason: 'length' })]],
  ])('hands over where it wrote %s', async (_, script) => {
    const world = await calculatingWorld(script as Script);
    const events = await ask(world, 'auto', QUESTION);
    const { from, to } = theOnly(events, 'route-escalated');
    expect([from, to]).toEqual(['calculator', 'large']);
    expect(shownText(events)).toBe('31 pencils.');
    expect(receiptOf(events).attempts.map((one) => one.outcome)).toEqual(['escalated', 'released']);
  });

  it('ends its answer, and not its calculation, at a stop sequence', async () => {
    const world = await calculatingWorld([PROGRAM]);
    const events = await ask(world, 'calculator', QUESTION, { request: { stop: ['\n'] } });
    expect(shownText(events)).toBe('all: 3 * 12 = 36');
    expect(world.calls[0]?.request).not.toHaveProperty('stop');
  });

  it('is not asked for JSON', async () => {
    const world = await calculatingWorld([PROGRAM], ['{"left":31}']);
    const events = await ask(world, 'auto', QUESTION, {
      request: { responseFormat: { type: 'json' } },
    });
    expect(world.calls.map((one) => one.spoke)).toEqual(['large']);
    expect(shownText(events)).toBe('{"left":31}');
  });
});
