import type { JsonObject, JsonValue } from '../core/chat.ts';
import type { ChatWish, Driver, Finish, ReadAnswer, Turn } from './driver.ts';
import { readLines } from './event-stream.ts';
import { at, brief, listAt, numberAt, readJson, textAt } from './json-path.ts';

export const ollamaDriver: Driver = {
  dialect: 'ollama',
  chatPath: '/api/chat',
  canForce: false,
  canBind: true,
  headers: (key) => (key === undefined ? {} : { authorization: `Bearer ${key}` }),
  chat: chatBody,
  readWhole: (value) =>
    at(value, 'done') === true && at(value, 'message') !== undefined
      ? readParts([value])
      : undefined,
  readStream: (text) => readParts(readLines(text).map((line) => line.json)),
  faultOfError: (value) =>
    textAt(value, 'error') === undefined ? `no text \`error\` in ${brief(value)}` : undefined,
};

function chatBody(wish: ChatWish): JsonObject {
  return {
    model: wish.model,
    messages: wish.turns.map(messageOf),
    // Streaming is what Ollama does unless it is told not to.
    stream: wish.stream ?? false,
    options: {
      temperature: 0,
      ...(wish.maxTokens === undefined ? {} : { num_predict: wish.maxTokens }),
      ...(wish.stop === undefined ? {} : { stop: [wish.stop] }),
    },
    ...(wish.tools === undefined
      ? {}
      : { tools: wish.tools.map((one) => ({ type: 'function', function: { ...one } })) }),
    ...(wish.schema === undefined ? {} : { format: wish.schema }),
    ...wish.extra,
  };
}

function messageOf(turn: Turn): JsonValue {
  if (turn.role === 'call') {
    const input = (readJson(turn.call.arguments) ?? {}) as JsonObject;
    const call = { function: { name: turn.call.name, arguments: input } };
    return { role: 'assistant', content: '', tool_calls: [call] };
  }
  if (turn.role === 'result')
    return { role: 'tool', tool_name: turn.call.name, content: turn.text };
  return { role: turn.role, content: turn.text };
}

function readParts(parts: readonly unknown[]): ReadAnswer {
  const calls = parts.flatMap((part) => listAt(part, 'message', 'tool_calls') ?? []);
  const last = parts.find((part) => at(part, 'done') === true);
  const failed = parts.find((part) => at(part, 'error') !== undefined);
  const read = calls.map((one) => ({
    id: textAt(one, 'id') ?? '',
    name: textAt(one, 'function', 'name') ?? '',
    arguments: JSON.stringify(at(one, 'function', 'arguments') ?? null),
  }));
  return {
    text: parts.map((part) => textAt(part, 'message', 'content') ?? '').join(''),
    finish: finishOf(textAt(last, 'done_reason'), read.length > 0),
    calls: read,
    inputTokens: numberAt(last, 'prompt_eval_count'),
    outputTokens: numberAt(last, 'eval_count'),
    error: failed === undefined ? undefined : brief(at(failed, 'error')),
    terminated: last !== undefined,
  };
}

/** Ollama says `stop` also for tool calls and has no word for a filter. */
function finishOf(reason: string | undefined, hasCalls: boolean): Finish | undefined {
  if (reason === 'length') return 'length';
  if (reason === 'stop') return hasCalls ? 'tools' : 'stop';
  return undefined;
}
