import { describe, expect, it } from 'vitest';
import { type ChatMessage, textPart } from '../../src/core/chat.ts';
import { switchCost } from '../../src/gate/cost.ts';
import { Pins } from '../../src/gate/pins.ts';
import { decideRoute } from '../../src/gate/route.ts';
import {
  ask,
  chosen,
  coder,
  estimator,
  frontier,
  general,
  hub,
  input,
  quick,
  STARTER,
} from './farm.ts';

const user: ChatMessage = { role: 'user', content: textPart('and in Bergen?') };
const toolResult: ChatMessage = { role: 'tool', toolCallId: 'call_1', content: textPart('7 °C') };

describe('pins', () => {
  it('remember the spoke of a session and see a tool loop', () => {
    const pins = new Pins();
    expect(pins.find('s', [user])).toBeUndefined();
    pins.keep('s', 'general');
    expect(pins.find('s', [user])).toEqual({ spoke: 'general', why: 'session' });
    expect(pins.find('s', [user, toolResult])).toEqual({ spoke: 'general', why: 'tool-loop' });
  });

  it('forget the session that was unused longest', () => {
    const pins = new Pins(2);
    pins.keep('a', 'quick');
    pins.keep('b', 'quick');
    pins.find('a', [user]);
    pins.keep('c', 'quick');
    expect(pins.find('b', [user])).toBeUndefined();
    expect(pins.find('a', [user])?.spoke).toBe('quick');
  });

  it('stay bounded under any number of sessions and names of any length', () => {
    const pins = new Pins(10);
    for (let index = 0; index < 1000; index += 1) pins.keep(`s${index}`, 'quick');
    const kept = Array.from({ length: 1000 }, (_, index) => pins.find(`s${index}`, [user]));
    expect(kept.filter((one) => one !== undefined)).toHaveLength(10);
    pins.keep('x'.repeat(201), 'quick');
    pins.keep('', 'quick');
    expect(pins.find('x'.repeat(201), [user])).toBeUndefined();
    expect(pins.find('', [user])).toBeUndefined();
    expect(() => new Pins(0)).toThrow(RangeError);
  });
});

describe('pins of tool calls', () => {
  const id = 'call_8f2a61c09d3e';
  const result: ChatMessage = { role: 'tool', toolCallId: id, content: textPart('7 °C') };

  it('lead back to the caller of the tool without any session, for the same key alone', () => {
    const pins = new Pins();
    pins.keepCaller('key_1', [id], 'general', 900);
    const found = { spoke: 'general', why: 'tool-loop', cachedTokens: 900 };
    expect(pins.findCaller('key_1', [user, result])).toEqual(found);
    expect(pins.findCaller('key_2', [user, result])).toBeUndefined();
    expect(pins.findCaller('key_1', [user, result, user])).toBeUndefined();
  });

  it('are not kept for ids that are counted: every conversation has a call_0', () => {
    const pins = new Pins();
    pins.keepCaller('key_1', ['call_0'], 'general', 900);
    const counted: ChatMessage = { ...result, toolCallId: 'call_0' };
    expect(pins.findCaller('key_1', [user, counted])).toBeUndefined();
  });
});

describe('what a session has read', () => {
  const held = (cachedTokens: number) =>
    ({ spoke: 'general', why: 'session', cachedTokens }) as const;
  const change = { promptTokens: 3000, spokes: [quick, general] };

  it('costs the spoke that read it neither time nor money, and is told', () => {
    const fresh = chosen('Thanks!', { ...change, pinned: held(0) });
    const warm = chosen('Thanks!', { ...change, pinned: held(2500) });
    const saved = fresh.chosen.latencyMs - warm.chosen.latencyMs;
    expect(saved).toBeCloseTo(2500 * general.secondsPerPromptToken * 1000, 6);
    expect(warm.chosen.cost).toBeLessThan(fresh.chosen.cost);
    expect(warm.reasons[0]).toMatch(/has read 2,500 tokens of it$/);
    const more = chosen('Thanks!', { ...change, pinned: held(99_999) });
    expect(more.chosen.latencyMs).toBeLessThan(warm.chosen.latencyMs);
    expect(more.chosen.latencyMs).toBeGreaterThan(0);
  });

  it('is charged by a vendor at the price of cached tokens', () => {
    const cheaper = { ...frontier, price: { input: 2.5, output: 10, cachedInput: 0.25 } };
    const pinned = { spoke: 'frontier', why: 'session', cachedTokens: 2000 } as const;
    const costWith = (one: typeof frontier) =>
      chosen('Thanks!', { ...change, spokes: [one], pinned }).chosen.cost;
    expect(costWith(frontier) - costWith(cheaper)).toBeCloseTo((2000 * 2.25) / 1e6, 9);
  });

  it('keeps a session where moving it costs more than the better answer is worth', () => {
    const code = 'Write a Python function that sorts a list of tuples.';
    const spokes = [quick, coder];
    const pinned = (cachedTokens: number) =>
      ({ spoke: 'quick', why: 'session', cachedTokens }) as const;
    const short = chosen(code, { promptTokens: 3500, spokes, pinned: pinned(0) });
    expect(short.spoke).toBe('coder');
    expect(switchCost(quick, coder, 3500)).toBeCloseTo(0.2275, 6);
    // The move is never dearer than 0.25: a spoke that cannot do it is left all the same.
    expect(switchCost(quick, coder, 50_000)).toBe(0.25);
    expect(chosen(code, { promptTokens: 3500, spokes, pinned: pinned(3500) }).spoke).toBe('coder');
    const near = {
      ...estimator,
      success: (_: unknown, one: { id: string }) => (one.id === 'quick' ? 0.4 : 0.58),
    };
    const decideNear = (cachedTokens: number) =>
      decideRoute(
        input(ask(code), { promptTokens: 3500, spokes, pinned: pinned(cachedTokens) }),
        near,
      );
    expect(decideNear(0)).toMatchObject({ decision: { spoke: 'coder' } });
    expect(decideNear(3500)).toMatchObject({ decision: { spoke: 'quick', stickiness: 'session' } });
  });

  it('is lost with a model that is no longer in memory', () => {
    const gone = { ...general, resident: false };
    expect(switchCost(gone, quick, 3000)).toBe(0);
    const { latencyMs } = chosen('Thanks!', {
      ...change,
      spokes: [quick, gone],
      pinned: held(2500),
    }).chosen;
    const { latencyMs: cold } = chosen('Thanks!', {
      ...change,
      spokes: [quick, gone],
      pinned: held(0),
    }).chosen;
    expect(latencyMs).toBe(cold);
  });

  it('grows with the price and the time of reading anew', () => {
    expect(switchCost(quick, general, 100)).toBeCloseTo(0.0065, 6);
    expect(switchCost(quick, frontier, 1000)).toBeCloseTo(0.0025 + 0.0125, 6);
    const cached = { ...frontier, price: { input: 2.5, output: 10, cachedInput: 0.25 } };
    expect(switchCost(cached, { ...frontier, id: 'other' }, 1000)).toBeCloseTo(0.0025 + 0.01125, 6);
    expect(switchCost(quick, general, 0)).toBe(0);
  });
});

describe('a session', () => {
  const pinned = { spoke: 'general', why: 'session' } as const;

  it('stays on its spoke and says so', () => {
    const decision = chosen('Thanks!', { pinned });
    expect(decision).toMatchObject({ spoke: 'general', stickiness: 'session' });
    expect(decision.reasons[0]).toMatch(/^the session stays on `general`/);
    expect(decision.counterfactual).toBe('`quick` would have been chosen without the session');
  });

  it('leaves a spoke that misses the promise by more than it is worth', () => {
    const decision = chosen('Write a Python function that sorts a list of tuples.', {
      pinned: { spoke: 'quick', why: 'session' },
    });
    expect(decision.spoke).toBe('coder');
    expect(decision.stickiness).toBeUndefined();
    expect(decision.reasons.join()).toMatch(/the session was on `quick`, which reaches only 0\.0/);
  });

  it('leaves a spoke that may not serve', () => {
    const spokes = [quick, { ...general, healthy: false }];
    const decision = chosen('Thanks!', { pinned, spokes });
    expect(decision.spoke).toBe('quick');
    expect(decision.reasons.join()).toContain('which may not serve this request');
  });
});

describe('a tool loop', () => {
  const messages: readonly ChatMessage[] = [
    { role: 'user', content: textPart('Good morning!') },
    {
      role: 'assistant',
      content: [],
      toolCalls: [{ id: 'call_1', name: 'getWeather', arguments: '{}' }],
    },
    toolResult,
  ];
  const request = ask('', { messages, tools: [{ name: 'getWeather' }] });
  const both = STARTER.map((one) => (one.kind === 'chat' ? { ...one, tools: true } : one));

  it('goes back to the spoke that called, even against task lists and estimates', () => {
    const decision = chosen(request, {
      spokes: both,
      pinned: { spoke: 'coder', why: 'tool-loop' },
    });
    expect(decision).toMatchObject({ spoke: 'coder', stickiness: 'tool-loop' });
    expect(decision.reasons[0]).toBe('`coder` called the tool and reads its result');
  });

  it('ends when its spoke cannot serve', () => {
    const spokes = both.map((one) => (one.id === 'coder' ? { ...one, installed: false } : one));
    const decision = chosen(request, { spokes, pinned: { spoke: 'coder', why: 'tool-loop' } });
    expect(decision.spoke).not.toBe('coder');
    expect(decision.stickiness).toBeUndefined();
  });

  it('is over once the user speaks again', () => {
    const over = ask('', {
      messages: [...messages, { role: 'user', content: textPart('Thanks!') }],
    });
    const decision = chosen(over, {
      spokes: [quick, general, hub],
      pinned: { spoke: 'general', why: 'tool-loop' },
    });
    expect(decision.spoke).toBe('quick');
  });
});
