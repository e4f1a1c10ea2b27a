import { type ChatMessage, type ContentPart, type JsonValue, textOf } from '../../core/chat.ts';
import type { ModelRequest } from '../../core/ports.ts';

/** Which of the two names of the same limit a server takes. */
export type TokenLimitField = 'max_tokens' | 'max_completion_tokens';

/** The body of POST /chat/completions, always streaming, always with usage. */
export function toOpenAiBody(
  model: string,
  request: ModelRequest,
  limitField: TokenLimitField,
): Record<string, unknown> {
  const { sampling } = request;
  const body: Record<string, unknown> = {
    ...(request.dialect === undefined || request.dialect === 'openai' ? request.extra : {}),
    model,
    messages: request.messages.map(toWireMessage),
    stream: true,
    stream_options: { include_usage: true },
    [limitField]: request.maxTokens,
  };
  const optional: Record<string, unknown> = {
    temperature: sampling.temperature,
    top_p: sampling.topP,
    top_k: sampling.topK,
    seed: sampling.seed,
    presence_penalty: sampling.presencePenalty,
    frequency_penalty: sampling.frequencyPenalty,
    stop: request.stop,
    tools: request.tools?.map((tool) => ({ type: 'function', function: tool })),
    tool_choice: wireToolChoice(request),
    response_format: responseFormat(request),
  };
  for (const name in optional) if (optional[name] !== undefined) body[name] = optional[name];
  if (request.logprobs !== undefined) {
    body['logprobs'] = true;
    body['top_logprobs'] = request.logprobs;
  }
  return body;
}

function wireToolChoice(request: ModelRequest): JsonValue | undefined {
  if (request.tools === undefined) return undefined;
  return typeof request.toolChoice === 'object'
    ? { type: 'function', function: { name: request.toolChoice.name } }
    : request.toolChoice;
}

function responseFormat(request: ModelRequest): JsonValue | undefined {
  if (request.jsonSchema === undefined) return undefined;
  if (request.jsonSchema === true) return { type: 'json_object' };
  return { type: 'json_schema', json_schema: { name: 'answer', schema: request.jsonSchema } };
}

function toWireMessage(message: ChatMessage): Record<string, unknown> {
  const content = toWireContent(message.content);
  if (message.role === 'tool')
    return { role: 'tool', tool_call_id: message.toolCallId, content: textOf(message.content) };
  if (message.role !== 'assistant' || message.toolCalls === undefined)
    return { role: message.role, content };
  return {
    role: 'assistant',
    content: message.content.length === 0 ? null : content,
    tool_calls: message.toolCalls.map((call) => ({
      id: call.id,
      type: 'function',
      function: { name: call.name, arguments: call.arguments },
    })),
  };
}

/** Plain text stays a string: many servers do not know lists of parts. */
function toWireContent(content: readonly ContentPart[]): string | readonly unknown[] {
  // The dialect has no place for earlier thoughts.
  const said = content.filter((part) => part.type !== 'thinking');
  if (said.every((part) => part.type === 'text')) return textOf(said);
  return said.map((part) => {
    if (part.type === 'text') return part;
    if (part.type === 'audio')
      return { type: 'input_audio', input_audio: { data: part.data, format: part.format } };
    const detail = part.detail === undefined ? {} : { detail: part.detail };
    return { type: 'image_url', image_url: { url: part.url, ...detail } };
  });
}
