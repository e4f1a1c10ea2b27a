import { type ChatMessage, type ContentPart, textOf } from '../../core/chat.ts';
import { CadreError } from '../../core/errors.ts';
import type { ModelRequest } from '../../core/ports.ts';
import { writtenArguments } from './written-arguments.ts';

/** What of a package matters to the request. */
export interface ProviderWords {
  readonly key: string;
  readonly signature?: string;
  readonly parallelOption?: true;
}

type Part = Readonly<Record<string, unknown>>;
interface Turn {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string | Part[];
}

/** A request in the words of the AI SDK's language models (specification v4). */
export function toProviderCall(
  request: ModelRequest,
  provider: ProviderWords,
  signal: AbortSignal,
): Record<string, unknown> {
  const { sampling, jsonSchema } = request;
  const format = jsonSchema === true ? {} : { schema: jsonSchema, name: 'answer' };
  const onlyOne = request.parallelToolCalls === false && provider.parallelOption;
  return {
    prompt: toTurns(request.messages, provider),
    maxOutputTokens: request.maxTokens,
    temperature: sampling.temperature,
    topP: sampling.topP,
    topK: sampling.topK,
    seed: sampling.seed,
    presencePenalty: sampling.presencePenalty,
    frequencyPenalty: sampling.frequencyPenalty,
    stopSequences: request.stop,
    ...(jsonSchema === undefined ? {} : { responseFormat: { type: 'json', ...format } }),
    ...toolOptions(request),
    ...reasoningOption(request),
    ...(onlyOne ? { providerOptions: { [provider.key]: { parallelToolCalls: false } } } : {}),
    abortSignal: signal,
    includeRawChunks: false,
  };
}

/** OpenAI's `reasoning_effort` has the words of the specification. */
function reasoningOption({ extra, dialect = 'openai' }: ModelRequest): object {
  const effort = dialect === 'openai' ? extra?.['reasoning_effort'] : undefined;
  return typeof effort === 'string' ? { reasoning: effort } : {};
}

function toolOptions({ tools, toolChoice }: ModelRequest): object {
  if (tools === undefined || tools.length === 0) return {};
  const wired = tools.map((tool) => ({
    type: 'function',
    name: tool.name,
    ...(tool.description === undefined ? {} : { description: tool.description }),
    inputSchema: tool.parameters ?? { type: 'object', properties: {} },
  }));
  if (toolChoice === undefined) return { tools: wired };
  const choice =
    typeof toolChoice === 'object'
      ? { type: 'tool', toolName: toolChoice.name }
      : { type: toolChoice };
  return { tools: wired, toolChoice: choice };
}

/** Results of tools that were called together stand in one turn. */
function toTurns(messages: readonly ChatMessage[], provider: ProviderWords): Turn[] {
  const names = new Map<string, string>();
  const turns: Turn[] = [];
  for (const message of messages) {
    if (message.role === 'assistant')
      for (const call of message.toolCalls ?? []) names.set(call.id, call.name);
    const turn = toTurn(message, names, provider);
    const last = turns.at(-1);
    if (turn.role === 'tool' && last?.role === 'tool' && typeof last.content !== 'string')
      last.content.push(...(turn.content as Part[]));
    else turns.push(turn);
  }
  return turns;
}

function toTurn(
  message: ChatMessage,
  names: ReadonlyMap<string, string>,
  provider: ProviderWords,
): Turn {
  if (message.role === 'system') return { role: 'system', content: textOf(message.content) };
  if (message.role === 'tool') {
    const toolName = names.get(message.toolCallId) ?? '';
    const output = { type: 'text', value: textOf(message.content) };
    const result = { type: 'tool-result', toolCallId: message.toolCallId, toolName, output };
    return { role: 'tool', content: [result] };
  }
  const parts = message.content.flatMap((part) => toPart(part, provider));
  if (message.role !== 'assistant') return { role: 'user', content: parts };
  const calls = (message.toolCalls ?? []).map((call) => ({
    type: 'tool-call',
    toolCallId: call.id,
    toolName: call.name,
    input: writtenArguments(call.arguments),
  }));
  return { role: 'assistant', content: [...parts, ...calls] };
}

function toPart(part: ContentPart, provider: ProviderWords): Part[] {
  if (part.type === 'text') return part.text === '' ? [] : [{ type: 'text', text: part.text }];
  if (part.type === 'thinking') return thoughtPart(part, provider);
  if (part.type === 'audio')
    return [filePart(`audio/${part.format === 'mp3' ? 'mpeg' : part.format}`, part.data)];
  const match = /^data:(image\/[\w.+-]+);base64,(.*)$/s.exec(part.url);
  if (match === null)
    throw new CadreError('unsupported_part', 'an image must be a base64 data: URL');
  return [filePart(match[1] ?? '', match[2] ?? '')];
}

function filePart(mediaType: string, data: string): Part {
  return { type: 'file', mediaType, data: { type: 'data', data } };
}

/** Thought without the vendor's proof came from elsewhere and would be refused. */
function thoughtPart(
  { text, signature }: Extract<ContentPart, { type: 'thinking' }>,
  provider: ProviderWords,
): Part[] {
  if (provider.signature === undefined || signature === undefined) return [];
  const proof = { [provider.key]: { [provider.signature]: signature } };
  return [{ type: 'reasoning', text, providerOptions: proof }];
}
