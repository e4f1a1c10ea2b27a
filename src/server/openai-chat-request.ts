import type { ChatRequest, JsonObject } from '../core/chat.ts';
import {
  COUNT,
  parseChoiceCount,
  parseSampling,
  parseStreamOptions,
  SAMPLING_FIELDS,
} from './openai-fields.ts';
import { parseMessages } from './openai-messages.ts';
import { parseResponseFormat, parseToolChoice, parseTools } from './openai-tools.ts';
import {
  extraFields,
  given,
  invalidField,
  optionalBoolean,
  optionalNumber,
  optionalStops,
  requiredText,
} from './wire-fields.ts';

export interface WireChatRequest {
  readonly request: ChatRequest;
  readonly stream: boolean;
  readonly includeUsage: boolean;
}

const KNOWN = new Set([
  ...SAMPLING_FIELDS,
  'model',
  'messages',
  'stream',
  'stream_options',
  'n',
  'logprobs',
  'top_logprobs',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'response_format',
  'stop',
  'max_tokens',
  'max_completion_tokens',
  'cadre',
]);

/**
 * The body of POST /v1/chat/completions (OpenAI's dialect). Fields that the dialect of the house
 * does not know go to `extra` as they are. Rejects with `invalid_request` and the path of the field.
 */
export function parseChatBody(body: JsonObject): WireChatRequest {
  for (const name of ['functions', 'function_call'])
    if (body[name] !== undefined && body[name] !== null)
      throw invalidField(name, 'replaced by `tools`');
  const stream = optionalBoolean(body, 'stream') ?? false;
  const tools = parseTools(body);
  const optional = {
    tools,
    toolChoice: parseToolChoice(body, tools),
    responseFormat: parseResponseFormat(body),
    maxTokens:
      optionalNumber(body, 'max_completion_tokens', COUNT) ??
      optionalNumber(body, 'max_tokens', COUNT),
    stop: optionalStops(body['stop'], 'stop'),
    choiceCount: parseChoiceCount(body),
    logprobs: parseLogprobs(body),
    parallelToolCalls: tools && optionalBoolean(body, 'parallel_tool_calls'),
  };
  const request: ChatRequest = {
    model: requiredText(body, 'model'),
    messages: parseMessages(body['messages']),
    sampling: parseSampling(body),
    ...given(optional),
    ...extraFields(body, KNOWN),
  };
  return { request, stream, includeUsage: parseStreamOptions(body, stream) };
}

function parseLogprobs(body: JsonObject): number | undefined {
  const wanted = optionalBoolean(body, 'logprobs') ?? false;
  const top = optionalNumber(body, 'top_logprobs', { min: 0, max: 20, integer: true });
  if (wanted) return top ?? 0;
  if (top !== undefined)
    throw invalidField('top_logprobs', 'left out where `logprobs` is not true');
  return undefined;
}
