import type { ChatRequest, JsonObject, JsonValue, ResponseFormat } from '../../core/chat.ts';
import {
  given,
  invalidField,
  isObject,
  type NumberRange,
  optionalBoolean,
  optionalNumber,
  optionalObject,
  optionalStops,
  optionalText,
  requiredText,
} from '../wire-fields.ts';

/** What both ways to ask have in common. */
export interface OllamaCommon {
  readonly request: Omit<ChatRequest, 'messages'>;
  readonly stream: boolean;
  readonly showsThinking: boolean;
  /** What was asked for and does nothing here, each with the reason. */
  readonly ignored: readonly string[];
  /** Seconds or a duration; 0 asks for the model to leave the memory. */
  readonly keepAlive: JsonValue;
}

const MAX = Number.MAX_SAFE_INTEGER;
const PENALTY: NumberRange = { min: -2, max: 2 };
const OPTIONS = new Set([
  'num_predict',
  'temperature',
  'top_p',
  'top_k',
  'seed',
  'stop',
  'presence_penalty',
  'frequency_penalty',
]);
const NOT_HERE = 'the farm sets it for all requests, or its spokes do not have it';

/** Fields of /api/chat and /api/generate but for what is said. `stream` is on where it is not named. */
export function parseCommon(body: JsonObject): OllamaCommon {
  const options = optionalObject(body, 'options') ?? {};
  const keepAlive = body['keep_alive'] ?? null;
  if (keepAlive !== null && typeof keepAlive !== 'string' && typeof keepAlive !== 'number')
    throw invalidField('keep_alive', 'a number of seconds or a duration such as `5m`');
  const think = parseThink(body);
  return {
    request: {
      model: requiredText(body, 'model'),
      dialect: 'ollama',
      ...given({
        responseFormat: parseFormat(body),
        logprobs: parseLogprobs(body),
        ...parseLimits(options),
      }),
      sampling: parseSampling(options),
    },
    stream: optionalBoolean(body, 'stream') ?? true,
    showsThinking: think !== false,
    keepAlive,
    ignored: Object.keys(options)
      .filter((name) => !OPTIONS.has(name))
      .map((name) => `options.${name}: ${NOT_HERE}`),
  };
}

/** 0 stands for no bound in `top_k` and `top_p`. */
function parseSampling(options: JsonObject): ChatRequest['sampling'] {
  const number = (name: string, range: NumberRange) =>
    optionalNumber(options, name, range, `options.${name}`);
  return given({
    temperature: number('temperature', { min: 0, max: 2 }),
    topP: number('top_p', { min: 0, max: 1 }) || undefined,
    topK: number('top_k', { min: 0, max: MAX, integer: true }) || undefined,
    seed: number('seed', { min: -MAX, max: MAX, integer: true }),
    presencePenalty: number('presence_penalty', PENALTY),
    frequencyPenalty: number('frequency_penalty', PENALTY),
  });
}

/** A negative `num_predict` stands for no limit of the caller's. */
function parseLimits(options: JsonObject) {
  const range = { min: -2, max: MAX, integer: true };
  const most = optionalNumber(options, 'num_predict', range, 'options.num_predict');
  if (most === 0) throw invalidField('options.num_predict', 'at least 1, or −1 for no limit');
  return {
    maxTokens: most === undefined || most < 0 ? undefined : most,
    stop: parseStops(options),
  };
}

/** Clients send '' for none. */
function parseStops({ stop }: JsonObject): string[] | undefined {
  return optionalStops(
    [stop ?? []].flat().filter((one) => one !== ''),
    'options.stop',
  );
}

/** `json` or a JSON Schema; '' is what clients send for none. */
function parseFormat(body: JsonObject): ResponseFormat | undefined {
  const format = body['format'];
  if (format === undefined || format === null || format === '') return undefined;
  if (format === 'json') return { type: 'json' };
  if (isObject(format)) return { type: 'json-schema', name: 'answer', schema: format };
  throw invalidField('format', '`json` or a JSON Schema object');
}

function parseLogprobs(body: JsonObject): number | undefined {
  const wanted = optionalBoolean(body, 'logprobs') ?? false;
  const top = optionalNumber(body, 'top_logprobs', { min: 0, max: 20, integer: true });
  return wanted ? (top ?? 0) : undefined;
}

/** `false` hides thought; how much a model thinks is its own affair. */
function parseThink(body: JsonObject): boolean | undefined {
  const think = body['think'];
  if (typeof think === 'boolean' || think === undefined || think === null)
    return think ?? undefined;
  if (['low', 'medium', 'high'].includes(optionalText(body, 'think') ?? '')) return true;
  throw invalidField('think', 'true, false, `low`, `medium` or `high`');
}
