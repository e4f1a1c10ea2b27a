import { describe, expect, it } from 'vitest';
import { EventBuffer } from '../../src/adapters/models/llama-buffer.ts';
import type { ModelEvent } from '../../src/core/ports.ts';

const text = (value: string): ModelEvent => ({ type: 'text', text: value });
const ended: ModelEvent = {
  type: 'ended',
  finishReason: 'stop',
  usage: { promptTokens: 1, cachedTokens: 0, completionTokens: 1 },
  promptMs: 1,
  generationMs: 1,
};

describe('EventBuffer', () => {
  it('asks the writer to pause when nobody reads, and to go on when somebody does', async () => {
    const flows: string[] = [];
    const buffer = new EventBuffer((flow) => flows.push(flow));
    for (let index = 0; index < 600; index += 1) buffer.push(text(`${index}`));
    expect(flows).toEqual(['pause']);
    expect(buffer.isPaused).toBe(true);
    buffer.push(ended);
    const events: ModelEvent[] = [];
    for await (const event of buffer.read()) events.push(event);
    expect(flows).toEqual(['pause', 'resume']);
    expect(events).toHaveLength(601);
    expect(events[599]).toEqual(text('599'));
  });

  it('keeps a whole answer although its writer died right after it', async () => {
    const buffer = new EventBuffer(() => undefined);
    buffer.push(text('a'));
    buffer.push(ended);
    buffer.fail(new Error('crash'), true);
    const events: ModelEvent[] = [];
    for await (const event of buffer.read()) events.push(event);
    expect(events).toEqual([text('a'), ended]);
  });

  it('wakes a waiting reader with the fault', async () => {
    const buffer = new EventBuffer(() => undefined);
    const next = buffer.read().next();
    buffer.fail(new Error('crash'), true);
    await expect(next).rejects.toThrow('crash');
    expect(buffer.isOver).toBe(true);
  });
});
