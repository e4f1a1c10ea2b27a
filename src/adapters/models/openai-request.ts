import { type ChatMessage, type ContentPart, type JsonValue, textOf } from '../../core/chat.ts';
import type { ModelRequest } from '../../core/ports.ts';
import type { VendorQuirks } from '../../core/vendor-quirks.ts';
import { type Extra, schemaPrompt, wireResponseFormat } from './openai-schema.ts';

/** Which of the two names of the same limit a server takes. */
export type TokenLimitField = NonNullable<VendorQuirks['limitField']>;

/** The body of POST /chat/completions, always streaming, with usage where the server knows it. */
export function toOpenAiBody(
  model: string,
  request: ModelRequest,
  limitField: TokenLimitField,
  quirks: VendorQuirks = {},
): Record<string, unknown> {
  const { sampling } = request;
  // Unknown fields of another dialect mean nothing here.
  const extra: Extra = ({ extra: unknown }) =>
    (request.dialect ?? 'openai') === 'openai' ? unknown : undefined;
  const body: Record<string, unknown> = {
    ...extra(request),
    model,
    messages: [
      ...schemaPrompt(request, quirks),
      ...toWireMessages(request.messages, extra, quirks),
    ],
    stream: true,
    stream_options: { include_usage: true },
    [limitField]: request.maxTokens,
  };
  const optional: Record<string, unknown> = {
    temperature: sampling.temperature,
    top_p: sampling.topP,
    top_k: sampling.topK,
    [quirks.seedField ?? 'seed']: sampling.seed,
    presence_penalty: sampling.presencePenalty,
    frequency_penalty: sampling.frequencyPenalty,
    stop: request.stop,
    tools: request.tools?.map(({ name, description, parameters, extra: unknown = {} }) => ({
      type: 'function',
      function: { name, description, parameters, ...extra({ extra: unknown }) },
    })),
    tool_choice: wireToolChoice(request, quirks),
    parallel_tool_calls: request.tools === undefined ? undefined : request.parallelToolCalls,
    response_format: wireResponseFormat(request, extra, quirks),
  };
  for (const name in optional) if (optional[name] !== undefined) body[name] = optional[name];
  if (request.logprobs !== undefined) {
    body['logprobs'] = true;
    body['top_logprobs'] = request.logprobs;
  }
  for (const name of quirks.refuses ?? []) delete body[name];
  return body;
}

function wireToolChoice(request: ModelRequest, quirks: VendorQuirks): JsonValue | undefined {
  const { tools, toolChoice } = request;
  if (tools === undefined) return undefined;
  if (toolChoice === 'required') return quirks.requiredChoice ?? toolChoice;
  return typeof toolChoice === 'object'
    ? { type: 'function', function: { name: toolChoice.name } }
    : toolChoice;
}

/** The dialect takes only text from a tool: images follow the last result as a message of the user. */
function toWireMessages(
  messages: readonly ChatMessage[],
  extra: Extra,
  quirks: VendorQuirks,
): unknown[] {
  const wire: unknown[] = [];
  let images: ContentPart[] = [];
  const showImages = () => {
    if (images.length > 0) wire.push({ role: 'user', content: toWireContent(images, extra) });
    images = [];
  };
  for (const message of messages) {
    if (message.role !== 'tool') showImages();
    else images.push(...message.content.filter((part) => part.type === 'image'));
    wire.push({ ...extra(message), ...toWireMessage(message, extra, quirks) });
  }
  showImages();
  return wire;
}

function toWireMessage(
  message: ChatMessage,
  extra: Extra,
  quirks: VendorQuirks,
): Record<string, unknown> {
  if (message.role === 'tool')
    return { role: 'tool', tool_call_id: message.toolCallId, content: textOf(message.content) };
  const content = toWireContent(message.content, extra);
  if (message.role === 'system') return { role: quirks.systemRole ?? 'system', content };
  if (message.role !== 'assistant') return { role: message.role, content };
  const thinking = wireThought(message.content, quirks);
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

function wireThought(content: readonly ContentPart[], quirks: VendorQuirks): object {
  const { thoughtField = 'reasoning_content' } = quirks;
  const thought = thoughtField === 'none' ? '' : thoughtOf(content);
  return thought === '' ? {} : { [thoughtField]: thought };
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
