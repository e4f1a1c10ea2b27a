import type { JsonObject } from '../../src/core/chat.ts';
import {
  type Call,
  type Heard,
  PARAMETERS,
  partsOf,
  type Question,
  type Speaker,
} from './speakers.ts';

interface Delta {
  readonly content?: string | null;
  readonly reasoning_content?: string;
  readonly tool_calls?: readonly {
    readonly index?: number;
    readonly id?: string;
    readonly function: { readonly name?: string; readonly arguments: string };
  }[];
}
interface Part {
  readonly error?: unknown;
  readonly choices?: readonly {
    readonly delta?: Delta;
    readonly message?: Delta;
    readonly finish_reason: string | null;
  }[];
}

export const openAiSpeaker: Speaker = {
  name: 'openai',
  path: '/v1/chat/completions',
  write: (question, stream) => ({
    model: question.model,
    stream,
    messages: messagesOf(question),
    ...(question.tools
      ? {
          tools: [
            {
              type: 'function',
              function: { name: 'weather', parameters: PARAMETERS, strict: true },
            },
          ],
        }
      : {}),
    ...(question.schema
      ? {
          response_format: {
            type: 'json_schema',
            json_schema: { name: 'place', schema: question.schema },
          },
        }
      : {}),
    ...question.extra,
  }),
  read(text, stream) {
    const parts = (stream ? partsOf(text) : [JSON.parse(text)]) as Part[];
    return joinParts(parts);
  },
};

function messagesOf({ text, results = [] }: Question): JsonObject[] {
  const user = { role: 'user', content: text };
  if (results.length === 0) return [user];
  const tool_calls = results.map(({ call }) => ({
    id: call.id ?? '',
    type: 'function',
    function: { name: call.name, arguments: JSON.stringify(call.arguments) },
  }));
  return [
    user,
    { role: 'assistant', content: null, tool_calls },
    ...results.map(({ call, result }) => ({
      role: 'tool',
      tool_call_id: call.id ?? '',
      content: result,
    })),
  ];
}

function joinParts(parts: readonly Part[]): Heard {
  let text = '';
  let thought = '';
  let end: Heard['end'] = 'none';
  const calls: { id: string; name: string; json: string }[] = [];
  for (const { error, choices = [] } of parts) {
    if (error !== undefined) end = 'error';
    const [choice] = choices;
    const said = choice?.delta ?? choice?.message;
    text += said?.content ?? '';
    thought += said?.reasoning_content ?? '';
    for (const [place, call] of (said?.tool_calls ?? []).entries()) {
      const index = call.index ?? place;
      const known = calls[index] ?? { id: '', name: '', json: '' };
      known.id ||= call.id ?? '';
      known.name ||= call.function.name ?? '';
      known.json += call.function.arguments;
      calls[index] = known;
    }
    if (choice?.finish_reason) end = choice.finish_reason === 'tool_calls' ? 'calls' : 'stop';
  }
  const made = calls.map(({ id, name, json }): Call => ({ id, name, arguments: JSON.parse(json) }));
  return { text, thought, calls: made, end };
}
