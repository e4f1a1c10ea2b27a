import type { ChatRequest, JsonObject } from '../../core/chat.ts';
import { parseMetadata } from '../metadata.ts';
import { COUNT, parseSampling, SAMPLING_FIELDS, unknownFields } from '../openai-fields.ts';
import {
  given,
  invalidField,
  isList,
  optionalBoolean,
  optionalNumber,
  optionalObject,
  optionalStops,
  optionalText,
  requiredText,
} from '../wire-fields.ts';
import { parseInput } from './response-input.ts';
import type { Item, ItemReference } from './response-items.ts';
import { parseResponseTools, parseTextFormat } from './response-tools.ts';

export interface WireResponseRequest {
  /** Everything but the messages, which may need what is stored. */
  readonly request: Omit<ChatRequest, 'messages'>;
  readonly instructions?: string;
  readonly input: readonly (Item | ItemReference)[];
  readonly previousId?: string;
  readonly collection?: string;
  readonly stream: boolean;
  readonly background: boolean;
  /** Undefined = the farm's own default. */
  readonly store?: boolean;
  readonly truncates: boolean;
  readonly showsProof: boolean;
  /** Fields of the request that the answer repeats. */
  readonly echo: JsonObject;
}

const INCLUDABLE = new Set([
  'file_search_call.results',
  'web_search_call.results',
  'web_search_call.action.sources',
  'message.input_image.image_url',
  'computer_call_output.output.image_url',
  'code_interpreter_call.outputs',
  'reasoning.encrypted_content',
  'message.output_text.logprobs',
]);

const KNOWN = new Set([
  ...SAMPLING_FIELDS,
  'model',
  'input',
  'instructions',
  'previous_response_id',
  'conversation',
  'prompt',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'max_tool_calls',
  'text',
  'max_output_tokens',
  'top_logprobs',
  'include',
  'metadata',
  'background',
  'store',
  'stream',
  'stream_options',
  'stop',
  'truncation',
  'reasoning',
  'cadre',
]);

/**
 * The body of POST /v1/responses. Fields that the house does not know go to `extra` as they are;
 * `reasoning.effort` and `text.verbosity` go there under the names that chat completions have for
 * them. Rejects with `invalid_request` and the path of the field.
 */
export function parseResponseBody(
  body: JsonObject,
  responseId: string,
  mostItems: number,
): WireResponseRequest {
  for (const name of ['conversation', 'prompt'])
    if (body[name] !== undefined && body[name] !== null)
      throw invalidField(name, 'left out: this farm keeps neither conversations nor prompts');
  const stream = optionalBoolean(body, 'stream') ?? false;
  if (optionalObject(body, 'stream_options') !== undefined && !stream)
    throw invalidField('stream_options', 'left out where `stream` is not true');
  const include = parseInclude(body);
  const { collection, ...tools } = parseResponseTools(body);
  const text = optionalObject(body, 'text');
  const topLogprobs = optionalNumber(body, 'top_logprobs', { min: 0, max: 20, integer: true });
  const wantsLogprobs = include.has('message.output_text.logprobs') || (topLogprobs ?? 0) > 0;
  const request = {
    model: requiredText(body, 'model'),
    sampling: parseSampling(body),
    ...tools,
    ...given({
      parallelToolCalls: optionalBoolean(body, 'parallel_tool_calls'),
      responseFormat: parseTextFormat(text),
      maxTokens: optionalNumber(body, 'max_output_tokens', COUNT),
      stop: optionalStops(body['stop'], 'stop'),
      logprobs: wantsLogprobs ? (topLogprobs ?? 0) : undefined,
      extra: parseExtra(body, text),
    }),
  };
  return {
    request,
    input: parseInput(body['input'], responseId, mostItems),
    stream,
    truncates: parseTruncation(body),
    showsProof: include.has('reasoning.encrypted_content'),
    echo: echoOf(body),
    background: optionalBoolean(body, 'background') ?? false,
    ...given({
      instructions: optionalText(body, 'instructions'),
      previousId: optionalText(body, 'previous_response_id', 'previous_response_id', 128),
      store: optionalBoolean(body, 'store'),
      collection,
    }),
  };
}

function parseInclude(body: JsonObject): ReadonlySet<string> {
  const value = body['include'] ?? [];
  if (!isList(value)) throw invalidField('include', 'a list of strings');
  return new Set(
    value.map((one, index) => {
      if (typeof one === 'string' && INCLUDABLE.has(one)) return one;
      throw invalidField(`include[${index}]`, `one of ${[...INCLUDABLE].join(', ')}`);
    }),
  );
}

function parseTruncation(body: JsonObject): boolean {
  const value = body['truncation'] ?? 'disabled';
  if (value === 'auto' || value === 'disabled') return value === 'auto';
  throw invalidField('truncation', '`auto` or `disabled`');
}

function parseExtra(body: JsonObject, text: JsonObject | undefined): JsonObject | undefined {
  const reasoning = optionalObject(body, 'reasoning');
  const effort = reasoning && optionalText(reasoning, 'effort', 'reasoning.effort', 16);
  const verbosity = text && optionalText(text, 'verbosity', 'text.verbosity', 16);
  const extra = {
    ...unknownFields(body, KNOWN),
    ...(effort === undefined ? {} : { reasoning_effort: effort }),
    ...(verbosity === undefined ? {} : { verbosity }),
  };
  return Object.keys(extra).length === 0 ? undefined : extra;
}

/** What the answer says about its request, in the dialect's own words and with its defaults. */
function echoOf(body: JsonObject): JsonObject {
  optionalNumber(body, 'max_tool_calls', COUNT);
  return {
    instructions: body['instructions'] ?? null,
    max_output_tokens: body['max_output_tokens'] ?? null,
    max_tool_calls: body['max_tool_calls'] ?? null,
    metadata: parseMetadata(body) ?? {},
    parallel_tool_calls: body['parallel_tool_calls'] ?? true,
    previous_response_id: body['previous_response_id'] ?? null,
    reasoning: body['reasoning'] ?? { effort: null, summary: null },
    temperature: body['temperature'] ?? null,
    text: body['text'] ?? { format: { type: 'text' } },
    tool_choice: body['tool_choice'] ?? 'auto',
    tools: body['tools'] ?? [],
    top_logprobs: body['top_logprobs'] ?? 0,
    top_p: body['top_p'] ?? null,
    truncation: body['truncation'] ?? 'disabled',
  };
}
