import type { JsonObject, JsonValue } from '../core/chat.ts';
import type { ChatWish, Driver, Finish, ReadAnswer, ReadCall, Turn } from './driver.ts';
import { readEvents } from './event-stream.ts';
import { at, brief, listAt, numberAt, readJson, textAt } from './json-path.ts';

const FINISHES: Readonly<Record<string, Finish>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  tool_use: 'tools',
  refusal: 'filter',
};

export const anthropicDriver: Driver = {
  dialect: 'anthropic',
  chatPath: '/v1/messages',
  canForce: true,
  canBind: false,
  headers: (key) => ({
    'anthropic-version': '2023-06-01',
    ...(key === undefined ? {} : { 'x-api-key': key }),
  }),
  chat: chatBody,
  readWhole,
  readStream,
  faultOfError(value) {
    if (textAt(value, 'type') !== 'error') return `\`type\` is not "error" in ${brief(value)}`;
    if (textAt(value, 'error', 'type') === undefined) return 'error.type is no text';
    if (textAt(value, 'error', 'message') === undefined) return 'error.message is no text';
    return undefined;
  },
};

function chatBody(wish: ChatWish): JsonObject {
  const [first] = wish.tools ?? [];
  const system = wish.turns.find((turn) => turn.role === 'system');
  return {
    model: wish.model,
    max_tokens: wish.maxTokens ?? 256,
    temperature: 0,
    messages: wish.turns.filter((turn) => turn.role !== 'system').map(messageOf),
    ...(system?.role === 'system' ? { system: system.text } : {}),
    ...(wish.stream ? { stream: true } : {}),
    ...(wish.stop === undefined ? {} : { stop_sequences: [wish.stop] }),
    ...(wish.tools === undefined
      ? {}
      : {
          tools: wish.tools.map(({ name, description, parameters }) => ({
            name,
            description,
            input_schema: parameters,
          })),
        }),
    ...(wish.forced && first ? { tool_choice: { type: 'tool', name: first.name } } : {}),
    ...wish.extra,
  };
}

function messageOf(turn: Turn): JsonValue {
  if (turn.role === 'call') {
    const { id, name } = turn.call;
    const input = (readJson(turn.call.arguments) ?? {}) as JsonObject;
    return { role: 'assistant', content: [{ type: 'tool_use', id, name, input }] };
  }
  if (turn.role === 'result')
    return {
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: turn.call.id, content: turn.text }],
    };
  return { role: turn.role, content: turn.text };
}

function readWhole(value: unknown): ReadAnswer | undefined {
  const content = listAt(value, 'content');
  if (content === undefined || textAt(value, 'type') !== 'message') return undefined;
  return {
    text: content.map((block) => textAt(block, 'text') ?? '').join(''),
    finish: FINISHES[textAt(value, 'stop_reason') ?? ''],
    calls: content
      .filter((block) => textAt(block, 'type') === 'tool_use')
      .map((block) => ({
        id: textAt(block, 'id') ?? '',
        name: textAt(block, 'name') ?? '',
        arguments: JSON.stringify(at(block, 'input') ?? null),
      })),
    inputTokens: numberAt(value, 'usage', 'input_tokens'),
    outputTokens: numberAt(value, 'usage', 'output_tokens'),
    error: undefined,
    terminated: true,
  };
}

function readStream(text: string): ReadAnswer {
  const calls = new Map<number, ReadCall>();
  let said = '';
  let finish: Finish | undefined;
  let inputTokens: number | undefined;
  let outputTokens: number | undefined;
  let error: string | undefined;
  let terminated = false;
  for (const { json } of readEvents(text)) {
    const type = textAt(json, 'type');
    if (type === 'error') error ??= brief(at(json, 'error'));
    if (type === 'message_stop') terminated = true;
    said += textAt(json, 'delta', 'text') ?? '';
    finish = FINISHES[textAt(json, 'delta', 'stop_reason') ?? ''] ?? finish;
    inputTokens =
      numberAt(json, 'message', 'usage', 'input_tokens') ??
      numberAt(json, 'usage', 'input_tokens') ??
      inputTokens;
    outputTokens = numberAt(json, 'usage', 'output_tokens') ?? outputTokens;
    addCall(calls, json);
  }
  return {
    text: said,
    finish,
    calls: [...calls.values()],
    inputTokens,
    outputTokens,
    error,
    terminated,
  };
}

function addCall(calls: Map<number, ReadCall>, json: unknown): void {
  const index = numberAt(json, 'index') ?? 0;
  if (textAt(json, 'content_block', 'type') === 'tool_use')
    calls.set(index, {
      id: textAt(json, 'content_block', 'id') ?? '',
      name: textAt(json, 'content_block', 'name') ?? '',
      arguments: '',
    });
  const part = textAt(json, 'delta', 'partial_json');
  const known = calls.get(index);
  if (part !== undefined && known !== undefined)
    calls.set(index, {
      ...known,
      arguments: known.arguments + part,
      pieces: (known.pieces ?? 0) + (part === '' ? 0 : 1),
    });
}
