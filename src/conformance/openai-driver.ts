import type { JsonObject, JsonValue } from '../core/chat.ts';
import type { ChatWish, Driver, Finish, ReadAnswer, ReadCall, Turn } from './driver.ts';
import { readEvents } from './event-stream.ts';
import { at, brief, listAt, numberAt, textAt } from './json-path.ts';

const FINISHES: Readonly<Record<string, Finish>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tools',
  content_filter: 'filter',
};

export const openaiDriver: Driver = {
  dialect: 'openai',
  chatPath: '/v1/chat/completions',
  canForce: true,
  canBind: true,
  headers: (key) => (key === undefined ? {} : { authorization: `Bearer ${key}` }),
  chat: chatBody,
  readWhole,
  readStream,
  faultOfError(value) {
    const error = at(value, 'error');
    if (typeof error !== 'object' || error === null) return `no \`error\` in ${brief(value)}`;
    if (textAt(error, 'message') === undefined) return 'error.message is no text';
    if (textAt(error, 'type') === undefined) return 'error.type is no text';
    if (!('code' in error)) return 'error.code is missing';
    if (!('param' in error)) return 'error.param is missing';
    return undefined;
  },
};

function chatBody(wish: ChatWish): JsonObject {
  const [first] = wish.tools ?? [];
  return {
    model: wish.model,
    messages: wish.turns.map(messageOf),
    temperature: 0,
    ...(wish.stream ? { stream: true } : {}),
    ...(wish.maxTokens === undefined ? {} : { max_tokens: wish.maxTokens }),
    ...(wish.stop === undefined ? {} : { stop: [wish.stop] }),
    ...(wish.tools === undefined
      ? {}
      : { tools: wish.tools.map((one) => ({ type: 'function', function: { ...one } })) }),
    ...(wish.forced && first
      ? { tool_choice: { type: 'function', function: { name: first.name } } }
      : {}),
    ...(wish.schema === undefined
      ? {}
      : {
          response_format: {
            type: 'json_schema',
            json_schema: { name: 'answer', strict: true, schema: wish.schema },
          },
        }),
    ...wish.extra,
  };
}

function messageOf(turn: Turn): JsonValue {
  if (turn.role === 'result')
    return { role: 'tool', tool_call_id: turn.call.id, content: turn.text };
  if (turn.role !== 'call') return { role: turn.role, content: turn.text };
  const { id, name, arguments: text } = turn.call;
  return {
    role: 'assistant',
    content: null,
    tool_calls: [{ id, type: 'function', function: { name, arguments: text } }],
  };
}

function readWhole(value: unknown): ReadAnswer | undefined {
  const choice = at(value, 'choices', 0);
  if (typeof choice !== 'object' || choice === null) return undefined;
  const calls = listAt(choice, 'message', 'tool_calls') ?? [];
  return {
    text: textAt(choice, 'message', 'content') ?? '',
    finish: FINISHES[textAt(choice, 'finish_reason') ?? ''],
    calls: calls.map((one) => ({
      id: textAt(one, 'id') ?? '',
      name: textAt(one, 'function', 'name') ?? '',
      arguments: textAt(one, 'function', 'arguments') ?? '',
    })),
    inputTokens: numberAt(value, 'usage', 'prompt_tokens'),
    outputTokens: numberAt(value, 'usage', 'completion_tokens'),
    error: errorOf(value),
    terminated: true,
  };
}

function errorOf(value: unknown): string | undefined {
  const error = at(value, 'error');
  return error === undefined || error === null ? undefined : brief(error);
}

function readStream(text: string): ReadAnswer {
  const events = readEvents(text);
  const calls = new Map<number, ReadCall>();
  let said = '';
  let finish: Finish | undefined;
  let usage: unknown;
  let error: string | undefined;
  for (const { name, json } of events) {
    error ??= errorOf(json) ?? (name === 'error' ? brief(json) : undefined);
    usage = at(json, 'usage') ?? usage;
    const choice = at(json, 'choices', 0);
    said += textAt(choice, 'delta', 'content') ?? '';
    finish = FINISHES[textAt(choice, 'finish_reason') ?? ''] ?? finish;
    for (const delta of listAt(choice, 'delta', 'tool_calls') ?? []) addCall(calls, delta);
  }
  return {
    text: said,
    finish,
    calls: [...calls.values()],
    inputTokens: numberAt(usage, 'prompt_tokens'),
    outputTokens: numberAt(usage, 'completion_tokens'),
    error,
    terminated: events.some((event) => event.data === '[DONE]'),
  };
}

function addCall(calls: Map<number, ReadCall>, delta: unknown): void {
  const index = numberAt(delta, 'index') ?? 0;
  const known = calls.get(index) ?? { id: '', name: '', arguments: '' };
  const part = textAt(delta, 'function', 'arguments') ?? '';
  calls.set(index, {
    id: known.id || (textAt(delta, 'id') ?? ''),
    name: known.name || (textAt(delta, 'function', 'name') ?? ''),
    arguments: known.arguments + part,
    pieces: (known.pieces ?? 0) + (part === '' ? 0 : 1),
  });
}
