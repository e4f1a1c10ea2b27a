import {
  type ChatMessage,
  type ContentPart,
  type JsonObject,
  type JsonValue,
  textOf,
} from '../../core/chat.ts';
import type { ModelRequest } from '../../core/ports.ts';

/** Which of the two names of the same limit a server takes. */
export type TokenLimitField = 'max_tokens' | 'max_completion_tokens';

/** A thing with unknown fields of its own, at any place of a request. */
type MayHaveExtra = { readonly extra?: JsonObject };
type Extra = (thing: MayHaveExtra) => JsonObject | undefined;

/** The body of POST /chat/completions, always streaming, always with usage. */
export function toOpenAiBody(
  model: string,
  request: ModelRequest,
  limitField: TokenLimitField,
): Record<string, unknown> {
  const { sampling } = request;
  // Unknown fields of another dialect mean nothing here.
  const extra: Extra = ({ extra: unknown }) =>
    (request.dialect ?? 'openai') === 'openai' ? unknown : undefined;
  const body: Record<string, unknown> = {
    ...extra(request),
    model,
    messages: toWireMessages(request.messages, extra),
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
    tools: request.tools?.map(({ name, description, parameters, extra: unknown = {} }) => ({
      type: 'function',
      function: { name, description, parameters, ...extra({ extra: unknown }) },
    })),
    tool_choice: wireToolChoice(request),
    parallel_tool_calls: request.tools === undefined ? undefined : request.parallelToolCalls,
    response_format: responseFormat(request, extra),
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

function responseFormat(request: ModelRequest, extra: Extra): JsonValue | undefined {
  const { jsonSchema: schema, schemaWire = { name: 'answer' } } = request;
  if (schema === undefined) return undefined;
  if (schema === true) return { type: 'json_object' };
  return {
    type: 'json_schema',
    json_schema: { ...extra(schemaWire), name: schemaWire.name, schema },
  };
}

/** The dialect takes only text from a tool: images follow the last result as a message of the user. */
function toWireMessages(messages: readonly ChatMessage[], extra: Extra): unknown[] {
  const wire: unknown[] = [];
  let images: ContentPart[] = [];
  const showImages = () => {
    if (images.length > 0) wire.push({ role: 'user', content: toWireContent(images, extra) });
    images = [];
  };
  for (const message of messages) {
    if (message.role !== 'tool') showImages();
    else images.push(...message.content.filter((part) => part.type === 'image'));
    wire.push({ ...extra(message), ...toWireMessage(message, extra) });
  }
  showImages();
  return wire;
}

function toWireMessage(message: ChatMessage, extra: Extra): Record<string, unknown> {
  if (message.role === 'tool')
    return { role: 'tool', tool_call_id: message.toolCallId, content: textOf(message.content) };
  const content = toWireContent(message.content, extra);
  if (message.role !== 'assistant') return { role: message.role, content };
  const thought = thoughtOf(message.content);
  const thinking = thought === '' ? {} : { reasoning_content: thought };
  if (message.toolCalls === undefined) return { role: 'assistant', content, ...thinking };
  return {
    role: 'assistant',
    content: content === '' ? null : content,
    ...thinking,
    tool_calls: message.toolCalls.map((call) => ({
      ...extra(call),
      id: call.id,
      type: 'function',
      function: { name: call.name, arguments: call.arguments },
    })),
  };
}

/** Earlier thought of a server of this dialect; what is signed or sealed is Anthropic's own. */
function thoughtOf(content: readonly ContentPart[]): string {
  let text = '';
  for (const part of content)
    if (part.type === 'thinking' && part.signature === undefined) text += part.text;
  return text;
}

/** Plain text stays a string: many servers do not know lists of parts. */
function toWireContent(content: readonly ContentPart[], extra: Extra): string | readonly unknown[] {
  const said = content.filter((part) => part.type !== 'thinking');
  if (said.every((part) => part.type === 'text' && extra(part) === undefined)) return textOf(said);
  return said.map((part) => {
    const unknown = extra(part);
    if (part.type === 'text') return { ...unknown, type: 'text', text: part.text };
    if (part.type === 'audio')
      return {
        ...unknown,
        type: 'input_audio',
        input_audio: { data: part.data, format: part.format },
      };
    const detail = part.detail === undefined ? {} : { detail: part.detail };
    return { ...unknown, type: 'image_url', image_url: { url: part.url, ...detail } };
  });
}
