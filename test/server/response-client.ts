import OpenAI from 'openai';
import { expect, vi } from 'vitest';
import type { Call } from '../../src/core/call.ts';
import { textOf } from '../../src/core/chat.ts';
import type { CadreEvent } from '../../src/core/events.ts';
import { send, startServer } from './running-server.ts';
import { accepted, createScriptedFarm, ended, type ScriptedFarm } from './scripted-farm.ts';

export interface WireEvent {
  readonly type: string;
  readonly sequence_number: number;
  readonly item_id?: string;
  readonly output_index?: number;
  readonly delta?: string;
  readonly item?: Readonly<Record<string, unknown>>;
  readonly response?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/** A server with OpenAI's client and the same by hand. */
export async function startResponses(farm = createScriptedFarm()) {
  const running = await startServer(farm);
  const client = new OpenAI({ baseURL: `${running.url}/v1`, apiKey: 'none', maxRetries: 0 });
  const post = (change: object, headers: Readonly<Record<string, string>> = {}) =>
    send(running.port, {
      path: '/v1/responses',
      body: JSON.stringify({ model: 'auto', input: 'hi', ...change }),
      headers,
    });
  /** The events of a streamed response, in order; `event:` and `type` must agree. */
  const stream = async (change: object): Promise<WireEvent[]> =>
    readEvents((await post({ stream: true, ...change })).text);
  return { farm, client, post, stream, ...running };
}

export function readEvents(text: string): WireEvent[] {
  return text
    .split('\n\n')
    .filter((block) => block.startsWith('event: '))
    .map((block) => {
      const [, name, data] = /^event: (\S+)\ndata: (.*)$/.exec(block) ?? [];
      const event = JSON.parse(data ?? '') as WireEvent;
      if (event.type !== name) throw new Error(`${name} carries ${event.type}`);
      return event;
    });
}

/** A farm whose answers say what they were asked last and how many messages there were. */
export function echoFarm(): ScriptedFarm {
  const farm = createScriptedFarm();
  farm.script = (call) => say(call, [{ type: 'text-delta', choice: 0, text: summaryOf(call) }]);
  return farm;
}

export function summaryOf({ request: { messages } }: Call): string {
  const last = messages.at(-1);
  return `${messages.length}:${last === undefined ? '' : textOf(last.content)}`;
}

export async function* say(
  call: Call,
  events: readonly CadreEvent[],
  finishReason: 'stop' | 'length' | 'tool-calls' | 'content-filter' = 'stop',
): AsyncGenerator<CadreEvent> {
  yield accepted(call);
  yield* events;
  yield { type: 'choice-ended', choice: 0, finishReason };
  yield ended(call);
}

/** Tries until it holds; the machine may be busy. */
export function eventually<T>(check: () => Promise<T> | T): Promise<T> {
  return vi.waitFor(check, { timeout: 20_000, interval: 20 });
}

/** Lets what was written leave the server. */
export async function breathe(): Promise<void> {
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

/** What the specification says of every stream, whatever it carries. */
export function checkGrammar(events: readonly WireEvent[]): void {
  expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
  const open = new Map<number, string>();
  const text = new Map<string, string>();
  let added = 0;
  for (const event of events.slice(0, -1)) {
    const index = event.output_index;
    if (event.type === 'response.output_item.added') {
      expect(index).toBe(added);
      added += 1;
      open.set(index ?? -1, String(event.item?.['id']));
    } else if (event.type === 'response.output_item.done') {
      expect(open.get(index ?? -1)).toBe(event.item?.['id']);
      open.delete(index ?? -1);
    } else if (index !== undefined) {
      expect(open.get(index)).toBe(event.item_id);
      if (typeof event.delta === 'string')
        text.set(event.item_id ?? '', (text.get(event.item_id ?? '') ?? '') + event.delta);
      const whole = event['arguments'] ?? event['text'];
      if (event.type.endsWith('.done') && typeof whole === 'string')
        expect(text.get(event.item_id ?? '') ?? '').toBe(whole);
    }
  }
  expect(open.size).toBe(0);
}
