import type { JsonObject } from '../../src/core/chat.ts';
import {
  type Call,
  type Heard,
  PARAMETERS,
  partsOf,
  type Question,
  type Speaker,
} from './speakers.ts';

interface Block {
  readonly type: string;
  readonly text?: string;
  readonly thinking?: string;
  readonly id?: string;
  readonly name?: string;
  readonly input?: object;
}
interface Part {
  readonly type: string;
  readonly index?: number;
  readonly content_block?: Block;
  readonly delta?: { readonly type?: string; readonly stop_reason?: string } & Record<
    string,
    string
  >;
}

export const anthropicSpeaker: Speaker = {
  name: 'anthropic',
  path: '/v1/messages',
  write: (question, stream) => ({
    model: question.model,
    stream,
    max_tokens: 64,
    thinking: { type: 'enabled', budget_tokens: 1024 },
    messages: messagesOf(question),
    ...(question.tools
      ? { tools: [{ name: 'weather', input_schema: PARAMETERS, strict: true }] }
      : {}),
    ...(question.schema
      ? { output_config: { format: { type: 'json_schema', schema: question.schema } } }
      : {}),
    ...question.extra,
  }),
  read(text, stream) {
    if (stream) return joinParts(partsOf(text) as unknown as Part[]);
    const body = JSON.parse(text);
    return body.type === 'error'
      ? { text: '', thought: '', calls: [], end: 'error' }
      : fromBlocks(body.content, body.stop_reason);
  },
};

function messagesOf({ text, results = [] }: Question): JsonObject[] {
  const user = { role: 'user', content: text };
  if (results.length === 0) return [user];
  const uses = results.map(({ call }) => ({
    type: 'tool_use',
    id: call.id ?? '',
    name: call.name,
    input: { ...call.arguments } as JsonObject,
  }));
  const answers = results.map(({ call, result }) => ({
    type: 'tool_result',
    tool_use_id: call.id ?? '',
    content: result,
  }));
  return [user, { role: 'assistant', content: uses }, { role: 'user', content: answers }];
}

function fromBlocks(
  blocks: readonly Block[],
  stopReason: string | undefined,
  isError = false,
): Heard {
  const join = (pick: (block: Block) => string | undefined) =>
    blocks.map((block) => pick(block) ?? '').join('');
  const calls = blocks.flatMap((block): Call[] =>
    block.type === 'tool_use'
      ? [{ id: block.id ?? '', name: block.name ?? '', arguments: block.input ?? {} }]
      : [],
  );
  const end = stopReason === undefined ? 'none' : stopReason === 'tool_use' ? 'calls' : 'stop';
  return {
    text: join((block) => block.text),
    thought: join((block) => block.thinking),
    calls,
    end: isError ? 'error' : end,
  };
}

/** Every block is closed and the message stopped, or there is an error. */
function joinParts(parts: readonly Part[]): Heard {
  const blocks: Record<string, unknown>[] = [];
  const inputs: string[] = [];
  let stopReason: string | undefined;
  for (const { type, index = 0, content_block: head, delta } of parts) {
    if (type === 'content_block_start') blocks[index] = { ...head };
    if (type === 'message_delta') stopReason = delta?.stop_reason;
    const block = blocks[index];
    if (type !== 'content_block_delta' || block === undefined || delta === undefined) continue;
    if (delta.type === 'input_json_delta')
      inputs[index] = `${inputs[index] ?? ''}${delta['partial_json']}`;
    for (const field of ['text', 'thinking'])
      if (delta[field] !== undefined) block[field] = `${block[field] ?? ''}${delta[field]}`;
  }
  for (const [index, json] of inputs.entries())
    if (json !== undefined) blocks[index] = { ...blocks[index], input: JSON.parse(json) };
  const isWhole = parts.at(-1)?.type === 'message_stop';
  const isError = parts.at(-1)?.type === 'error';
  return fromBlocks(blocks as unknown as Block[], isWhole ? stopReason : undefined, isError);
}
