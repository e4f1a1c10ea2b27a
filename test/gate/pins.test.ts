import { describe, expect, it } from 'vitest';
import { type ChatMessage, textPart } from '../../src/core/chat.ts';
import { Pins } from '../../src/gate/pins.ts';
import { ask, chosen, general, hub, quick, STARTER } from './farm.ts';

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
