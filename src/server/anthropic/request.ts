import {
  type ChatRequest,
  continuesAnswer,
  type JsonObject,
  type ResponseFormat,
} from '../../core/chat.ts';
import {
  extraFields,
  given,
  invalidField,
  type NumberRange,
  optionalBoolean,
  optionalNumber,
  optionalObject,
  optionalStops,
  requiredText,
} from '../wire-fields.ts';
import { parseConversation } from './content.ts';
import { parseToolChoice, parseTools } from './tools.ts';

export interface WireMessagesRequest {
  readonly request: ChatRequest;
  readonly stream: boolean;
  /** Thought is shown only to who asked for it: others expect text in the first block. */
  readonly showsThinking: boolean;
}

const COUNT: NumberRange = { min: 1, max: Number.MAX_SAFE_INTEGER, integer: true };

const KNOWN = new Set([
  'model',
  'messages',
  'system',
  'max_tokens',
  'stream',
  'stop_sequences',
  'temperature',
  'top_p',
  'top_k',
  'tools',
  'tool_choice',
  'output_config',
  'output_format',
  'cadre',
]);

/**
 * The body of POST /v1/messages (Anthropic's dialect). Fields that the house does not know
 * (`metadata`, `thinking`, `service_tier` …) go to a remote server of the same dialect as they are.
 * Rejects with `invalid_request` or `unsupported_part` and the path of the field.
 */
export function parseMessagesBody(body: JsonObject): WireMessagesRequest {
  const maxTokens = optionalNumber(body, 'max_tokens', COUNT);
  if (maxTokens === undefined)
    throw invalidField('max_tokens', 'given: a whole number, at least 1');
  const stream = optionalBoolean(body, 'stream') ?? false;
  const request = { ...parsePrompt(body), maxTokens };
  return { request, stream, showsThinking: asksForThinking(body) };
}

/** What is read by the model: all of the body but what concerns the answer alone. */
export function parsePrompt(body: JsonObject): ChatRequest {
  const tools = parseTools(body);
  const responseFormat = parseFormat(body);
  const request: ChatRequest = {
    model: requiredText(body, 'model'),
    messages: parseConversation(body),
    sampling: given({
      temperature: optionalNumber(body, 'temperature', { min: 0, max: 1 }),
      topP: optionalNumber(body, 'top_p', { min: 0, max: 1, above: true }),
      // 0 stands for no bound.
      topK: optionalNumber(body, 'top_k', { ...COUNT, min: 0 }) || undefined,
    }),
    ...given({ tools, responseFormat, stop: parseStops(body) }),
    ...parseToolChoice(body, tools),
    ...parseExtra(body),
    dialect: 'anthropic',
  };
  if (responseFormat !== undefined && continuesAnswer(request))
    throw invalidField('messages', 'ended by the user where a format binds the answer');
  return request;
}

function parseStops(body: JsonObject): string[] | undefined {
  const value = body['stop_sequences'];
  if (typeof value === 'string') throw invalidField('stop_sequences', 'a list of strings');
  return optionalStops(value, 'stop_sequences');
}

/** `output_config.format`, or `output_format` as the dialect's test version called it. */
function parseFormat(body: JsonObject): ResponseFormat | undefined {
  const config = optionalObject(body, 'output_config');
  const path = config?.['format'] ? 'output_config.format' : 'output_format';
  const format = config?.['format']
    ? optionalObject(config, 'format', path)
    : optionalObject(body, 'output_format');
  if (format === undefined) return undefined;
  const schema = optionalObject(format, 'schema', `${path}.schema`);
  if (format['type'] !== 'json_schema') throw invalidField(`${path}.type`, '`json_schema`');
  if (schema === undefined) throw invalidField(`${path}.schema`, 'a JSON Schema object');
  return { type: 'json-schema', name: 'answer', schema };
}

/** What is left of `output_config` without its format is the vendor's. */
function parseExtra(body: JsonObject): { readonly extra?: JsonObject } {
  const { format: _format, ...config } = optionalObject(body, 'output_config') ?? {};
  const { extra } = extraFields(body, KNOWN);
  if (Object.keys(config).length === 0) return extra === undefined ? {} : { extra };
  return { extra: { ...extra, output_config: config } };
}

/** Refuses `thinking` without a type. */
export function asksForThinking(body: JsonObject): boolean {
  const thinking = optionalObject(body, 'thinking');
  if (thinking === undefined) return false;
  return requiredText(thinking, 'type', 'thinking.type') !== 'disabled';
}

const MAX_BETAS = 32;

/** The header `anthropic-beta`: names with commas between them. */
export function parseBetas(header: string | string[] | undefined): Pick<ChatRequest, 'betas'> {
  const names = [header ?? []].flat().flatMap((line) => line.split(','));
  const betas = names.map((name) => name.trim()).filter((name) => name !== '');
  if (betas.length > MAX_BETAS || betas.some((name) => !/^[\w.-]{1,64}$/.test(name)))
    throw invalidField('anthropic-beta', `at most ${MAX_BETAS} names of test features`);
  return betas.length === 0 ? {} : { betas };
}
