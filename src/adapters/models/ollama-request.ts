import { type ChatMessage, type ContentPart, type JsonValue, textOf } from '../../core/chat.ts';
import type { DestinationConfig } from '../../core/config.ts';
import { CadreError } from '../../core/errors.ts';
import type { ModelRequest } from '../../core/ports.ts';

/**
 * The body of POST /api/chat (ollama/docs/api.md). A prompt that does not fit is refused by the server
 * (`truncate`, `shift`): by itself it would drop the oldest messages without a word. It cannot be made
 * to call a tool: `required` is only its choice of what it is given.
 */
export function toOllamaBody(
  model: string,
  request: ModelRequest,
  { contextTokens, keepSeconds }: Pick<DestinationConfig, 'contextTokens' | 'keepSeconds'>,
): Record<string, unknown> {
  const { sampling, jsonSchema, logprobs } = request;
  const { keep_alive: _memoryIsNotTheCallers, ...extra } =
    request.dialect === 'ollama' ? (request.extra ?? {}) : {};
  return {
    ...extra,
    model,
    messages: toOllamaMessages(request.messages),
    stream: true,
    truncate: false,
    shift: false,
    ...defined({
      format: jsonSchema === true ? 'json' : jsonSchema,
      tools: wireTools(request),
      keep_alive: keepSeconds,
      logprobs: logprobs === undefined ? undefined : true,
      top_logprobs: logprobs,
    }),
    options: defined({
      num_predict: request.maxTokens,
      num_ctx: contextTokens,
      temperature: sampling.temperature,
      top_p: sampling.topP,
      top_k: sampling.topK,
      seed: sampling.seed,
      presence_penalty: sampling.presencePenalty,
      frequency_penalty: sampling.frequencyPenalty,
      stop: request.stop,
    }),
  };
}

function defined(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** Those that the caller lets it choose from. */
function wireTools({ tools, toolChoice = 'auto' }: ModelRequest): unknown {
  if (tools === undefined || toolChoice === 'none') return undefined;
  const named = typeof toolChoice === 'object' ? toolChoice.name : undefined;
  return tools
    .filter(({ name }) => named === undefined || name === named)
    .map(({ name, description, parameters }) => ({
      type: 'function',
      function: { name, ...defined({ description, parameters }) },
    }));
}

/** Results of tools carry the tool's name, which stands in the call that they answer. */
function toOllamaMessages(messages: readonly ChatMessage[]): unknown[] {
  const nameOf = new Map<string, string>();
  return messages.map((message) => {
    const { role } = message;
    const said = { role, content: textOf(message.content), ...wireImages(message.content) };
    if (role === 'tool')
      return {
        ...said,
        ...defined({ tool_name: nameOf.get(message.toolCallId) }),
        tool_call_id: message.toolCallId,
      };
    if (role !== 'assistant') return said;
    const calls = message.toolCalls?.map((call, index) => {
      nameOf.set(call.id, call.name);
      const { name } = call;
      return { id: call.id, function: { index, name, arguments: wireArguments(call.arguments) } };
    });
    return { ...said, ...defined({ thinking: thoughtOf(message.content), tool_calls: calls }) };
  });
}

/** The wire wants an object; what a model once wrote wrongly is handed back as it was, within one. */
function wireArguments(text: string): JsonValue {
  try {
    const value: JsonValue = JSON.parse(text === '' ? '{}' : text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Falls through: broken JSON and JSON that is no object are the same to the server.
  }
  return { arguments: text };
}

function thoughtOf(content: readonly ContentPart[]): string | undefined {
  const thought = content.flatMap((part) =>
    part.type === 'thinking' && part.signature === undefined ? [part.text] : [],
  );
  return thought.length === 0 ? undefined : thought.join('');
}

function wireImages(content: readonly ContentPart[]): { readonly images?: readonly string[] } {
  const images = content.flatMap((part) => {
    if (part.type === 'audio')
      throw new CadreError('invalid_request', 'Ollama takes text and images, no audio', {
        param: 'messages',
      });
    return part.type === 'image' ? [part.url.replace(/^data:[^,]*,/, '')] : [];
  });
  return images.length === 0 ? {} : { images };
}
