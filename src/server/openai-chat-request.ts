import type { ChatRequest, JsonObject, Sampling } from '../core/chat.ts';
import { parseMessages } from './openai-messages.ts';
import { parseResponseFormat, parseToolChoice, parseTools } from './openai-tools.ts';
import {
  invalidField,
  isList,
  type NumberRange,
  optionalBoolean,
  optionalNumber,
  optionalObject,
  requiredText,
} from './wire-fields.ts';

export interface WireChatRequest {
  readonly request: ChatRequest;
  readonly stream: boolean;
  readonly includeUsage: boolean;
}

/** Answers to one request; each is a generation of its own on a machine of few cores. */
const MAX_CHOICES = 16;
const MAX_STOPS = 16;
const COUNT: NumberRange = { min: 1, max: Number.MAX_SAFE_INTEGER, integer: true };
const PENALTY: NumberRange = { min: -2, max: 2 };

const KNOWN = new Set([
  'model',
  'messages',
  'stream',
  'stream_options',
  'n',
  'logprobs',
  'top_logprobs',
  'tools',
  'tool_choice',
  'response_format',
  'stop',
  'seed',
  'max_tokens',
  'max_completion_tokens',
  'temperature',
  'top_p',
  'top_k',
  'presence_penalty',
  'frequency_penalty',
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
    stop: parseStop(body),
    choiceCount: optionalNumber(body, 'n', { min: 1, max: MAX_CHOICES, integer: true }),
    logprobs: parseLogprobs(body),
    extra: unknownFields(body),
  };
  const request: ChatRequest = {
    model: requiredText(body, 'model'),
    messages: parseMessages(body['messages']),
    sampling: parseSampling(body),
    ...given(optional),
  };
  return { request, stream, includeUsage: parseStreamOptions(body, stream) };
}

function parseSampling(body: JsonObject): Sampling {
  return given({
    temperature: optionalNumber(body, 'temperature', { min: 0, max: 2 }),
    topP: optionalNumber(body, 'top_p', { min: 0, max: 1, above: true }),
    topK: optionalNumber(body, 'top_k', COUNT),
    seed: optionalNumber(body, 'seed', {
      min: Number.MIN_SAFE_INTEGER,
      max: Number.MAX_SAFE_INTEGER,
      integer: true,
    }),
    presencePenalty: optionalNumber(body, 'presence_penalty', PENALTY),
    frequencyPenalty: optionalNumber(body, 'frequency_penalty', PENALTY),
  });
}

function parseStreamOptions(body: JsonObject, stream: boolean): boolean {
  const options = optionalObject(body, 'stream_options');
  if (options === undefined) return false;
  if (!stream) throw invalidField('stream_options', 'left out where `stream` is not true');
  return optionalBoolean(options, 'include_usage', 'stream_options.include_usage') ?? false;
}

function parseLogprobs(body: JsonObject): number | undefined {
  const wanted = optionalBoolean(body, 'logprobs') ?? false;
  const top = optionalNumber(body, 'top_logprobs', { min: 0, max: 20, integer: true });
  if (wanted) return top ?? 0;
  if (top !== undefined)
    throw invalidField('top_logprobs', 'left out where `logprobs` is not true');
  return undefined;
}

function parseStop(body: JsonObject): string[] | undefined {
  const value = body['stop'];
  if (value === undefined || value === null) return undefined;
  const list = isList(value) ? value : [value];
  if (list.length > MAX_STOPS) throw invalidField('stop', `at most ${MAX_STOPS} strings`);
  const stops = list.map((one, index) => {
    if (typeof one === 'string' && one !== '') return one;
    throw invalidField(isList(value) ? `stop[${index}]` : 'stop', 'a string that is not empty');
  });
  return stops.length === 0 ? undefined : stops;
}

/** Object.fromEntries defines own properties, so `__proto__` in a body stays data. */
function unknownFields(body: JsonObject): JsonObject | undefined {
  const unknown = Object.entries(body).filter(([name]) => !KNOWN.has(name));
  return unknown.length === 0 ? undefined : Object.fromEntries(unknown);
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The properties that have a value. */
function given<T extends object>(object: T): Given<T> {
  const kept: Given<T> = {};
  for (const name in object) {
    const value = object[name];
    if (value !== undefined) kept[name] = value as Exclude<T[typeof name], undefined>;
  }
  return kept;
}
