import type { JsonObject } from '../../src/core/chat.ts';
import {
  type Call,
  type Heard,
  PARAMETERS,
  partsOf,
  type Question,
  type Speaker,
} from './speakers.ts';

interface Part {
  readonly error?: string;
  readonly done?: boolean;
  readonly message?: {
    readonly content: string;
    readonly thinking?: string;
    readonly tool_calls?: readonly { readonly function: Call }[];
  };
}

export const ollamaSpeaker: Speaker = {
  name: 'ollama',
  path: '/api/chat',
  write: (question, stream) => ({
    model: question.model,
    stream,
    messages: messagesOf(question),
    ...(question.tools
      ? { tools: [{ type: 'function', function: { name: 'weather', parameters: PARAMETERS } }] }
      : {}),
    ...(question.schema ? { format: question.schema } : {}),
    ...question.extra,
  }),
  read: (text, stream) => joinParts((stream ? partsOf(text) : [JSON.parse(text)]) as Part[]),
};

function messagesOf({ text, results = [] }: Question): JsonObject[] {
  const user = { role: 'user', content: text };
  if (results.length === 0) return [user];
  const tool_calls = results.map(({ call }) => ({
    function: { name: call.name, arguments: { ...call.arguments } as JsonObject },
  }));
  return [
    user,
    { role: 'assistant', content: '', tool_calls },
    ...results.map(({ call, result }) => ({
      role: 'tool',
      tool_name: call.name,
      content: result,
    })),
  ];
}

function joinParts(parts: readonly Part[]): Heard {
  const said = parts.flatMap(({ message }) => (message === undefined ? [] : [message]));
  const calls = said.flatMap(({ tool_calls: made = [] }) => made.map((one) => one.function));
  const last = parts.at(-1);
  const end = last?.error === undefined ? (last?.done ? 'stop' : 'none') : 'error';
  return {
    text: said.map((message) => message.content).join(''),
    thought: said.map((message) => message.thinking ?? '').join(''),
    calls: calls.map(({ name, arguments: given }) => ({ name, arguments: given })),
    end: end === 'stop' && calls.length > 0 ? 'calls' : end,
  };
}
