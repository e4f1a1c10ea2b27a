import {
  type ChatMessage,
  type ContentPart,
  type JsonObject,
  textOf,
  textPart,
} from '../../core/chat.ts';
import { CadreError } from '../../core/errors.ts';
import type { ModelRequest } from '../../core/ports.ts';
import { schemaWords } from './openai-schema.ts';
import { writtenArguments } from './written-arguments.ts';

type Block = { readonly type: string; readonly [key: string]: unknown };
interface Turn {
  readonly role: 'user' | 'assistant';
  readonly content: Block[];
}
type Extra = (thing: { readonly extra?: JsonObject }) => JsonObject | undefined;

/** Name of the tool whose arguments are the answer, where a schema binds it. */
export const ANSWER_TOOL = 'answer';

/** True when the answer is taken from the arguments of `ANSWER_TOOL`. */
export function answersByTool(request: ModelRequest): boolean {
  return request.jsonSchema !== undefined && !request.tools?.length && !asksNatively(request);
}

/** Who asks in this dialect knows that the server has its format; others cannot know. */
function asksNatively(request: ModelRequest): boolean {
  return request.dialect === 'anthropic' && typeof request.jsonSchema === 'object';
}

/**
 * The body of POST /v1/messages, streaming. Not every server of the dialect has a JSON mode, so a
 * schema becomes a forced tool, or words where the caller has tools of his own. It has no log-probabilities, penalties or seed, which are left out.
 */
export function toAnthropicBody(model: string, request: ModelRequest): Record<string, unknown> {
  const { sampling } = request;
  // Unknown fields of another dialect mean nothing here.
  const extra: Extra = (thing) => (request.dialect === 'anthropic' ? thing.extra : undefined);
  const optional: Record<string, unknown> = {
    system: systemOf([...request.messages, ...schemaMessage(request)], extra),
    // The dialect's range is 0 … 1.
    temperature: sampling.temperature === undefined ? undefined : Math.min(1, sampling.temperature),
    top_p: sampling.topP,
    top_k: sampling.topK,
    stop_sequences: request.stop,
    ...toolFields(request, extra),
    output_config: outputConfig(request),
  };
  const body: Record<string, unknown> = {
    ...extra(request),
    model,
    max_tokens: request.maxTokens,
    stream: true,
    messages: toTurns(request.messages, extra),
  };
  for (const name in optional) if (optional[name] !== undefined) body[name] = optional[name];
  return body;
}

/** One string, unless a block carries fields of its own, such as a mark for the vendor's cache. */
function systemOf(messages: readonly ChatMessage[], extra: Extra): string | Block[] | undefined {
  const system = messages.filter((message) => message.role === 'system');
  const parts = system.flatMap((message) => message.content);
  if (parts.some((part) => part.type === 'text' && extra(part) !== undefined))
    return parts.flatMap((part) => toBlock(part, extra));
  const text = system.map((message) => textOf(message.content)).join('\n\n');
  return text === '' ? undefined : text;
}

/** Beside the caller's tools none can be forced: the model is told, and the answer is checked. */
function schemaMessage(request: ModelRequest): ChatMessage[] {
  const { jsonSchema } = request;
  if (jsonSchema === undefined || asksNatively(request) || answersByTool(request)) return [];
  return [{ role: 'system', content: textPart(schemaWords(jsonSchema)) }];
}

function outputConfig(request: ModelRequest): Record<string, unknown> | undefined {
  if (!asksNatively(request)) return undefined;
  const given = request.extra?.['output_config'];
  const format = { type: 'json_schema', schema: request.jsonSchema };
  return { ...(typeof given === 'object' ? given : {}), format };
}

function toolFields(request: ModelRequest, extra: Extra): Record<string, unknown> {
  if (answersByTool(request)) {
    const schema = request.jsonSchema === true ? { type: 'object' } : request.jsonSchema;
    const description = 'Give the answer as the arguments of this tool.';
    return {
      tools: [{ name: ANSWER_TOOL, description, input_schema: schema }],
      tool_choice: { type: 'tool', name: ANSWER_TOOL },
    };
  }
  if (request.tools === undefined || request.tools.length === 0) return {};
  const tools = request.tools.map((tool) => ({
    ...extra(tool),
    name: tool.name,
    ...(tool.description === undefined ? {} : { description: tool.description }),
    input_schema: tool.parameters ?? { type: 'object' },
  }));
  return { tools, tool_choice: toolChoice(request) };
}

/** Whether calls may be parallel is said with the choice. */
function toolChoice({
  toolChoice: choice,
  parallelToolCalls: parallel,
}: ModelRequest): Record<string, unknown> | undefined {
  if (choice === undefined && parallel === undefined) return undefined;
  if (choice === 'none') return { type: 'none' };
  const single = parallel === undefined ? {} : { disable_parallel_tool_use: !parallel };
  if (typeof choice === 'object') return { type: 'tool', name: choice.name, ...single };
  return { type: choice === 'required' ? 'any' : 'auto', ...single };
}

/** Tool results belong to the user's side; neighbours of one side become one turn. */
function toTurns(messages: readonly ChatMessage[], extra: Extra): Turn[] {
  const turns: Turn[] = [];
  for (const message of messages) {
    if (message.role === 'system') continue;
    const role = message.role === 'assistant' ? 'assistant' : 'user';
    const blocks = toBlocks(message, extra);
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...blocks);
    else if (blocks.length > 0) turns.push({ role, content: blocks });
  }
  return turns;
}

function toBlocks(message: ChatMessage, extra: Extra): Block[] {
  const blocks = message.content.flatMap((part) => toBlock(part, extra));
  if (message.role === 'tool')
    return [
      {
        ...extra(message),
        type: 'tool_result',
        tool_use_id: safeId(message.toolCallId),
        content: blocks,
        ...(message.isError === undefined ? {} : { is_error: message.isError }),
      },
    ];
  if (message.role !== 'assistant') return blocks;
  const calls = (message.toolCalls ?? []).map((call) => ({
    ...extra(call),
    type: 'tool_use',
    id: safeId(call.id),
    name: call.name,
    input: writtenArguments(call.arguments),
  }));
  return [...blocks, ...calls];
}

/** Ids of other servers may hold what this dialect refuses, such as `functions.f:0`. */
function safeId(id: string): string {
  return id.replace(/[^\w-]/g, '_');
}

/** Empty text blocks are refused by the dialect. */
function toBlock(part: ContentPart, extra: Extra): Block[] {
  if (part.type === 'thinking') return thinkingBlock(part);
  if (part.type === 'text')
    return part.text === '' ? [] : [{ ...extra(part), type: 'text', text: part.text }];
  if (part.type === 'audio')
    throw new CadreError('unsupported_part', 'audio cannot be sent to this destination');
  const match = /^data:(image\/[\w.+-]+);base64,(.*)$/s.exec(part.url);
  if (match === null)
    throw new CadreError('unsupported_part', 'an image must be a base64 data: URL');
  const source = { type: 'base64', media_type: match[1], data: match[2] };
  return [{ ...extra(part), type: 'image', source }];
}

/** Thought without the vendor's signature came from elsewhere and would be refused. */
function thinkingBlock(part: Extract<ContentPart, { type: 'thinking' }>): Block[] {
  if (part.redacted !== undefined) return [{ type: 'redacted_thinking', data: part.redacted }];
  if (part.signature === undefined) return [];
  return [{ type: 'thinking', thinking: part.text, signature: part.signature }];
}
