import type { JsonObject, Sampling } from '../core/chat.ts';
import {
  extraFields,
  given,
  invalidField,
  type NumberRange,
  optionalBoolean,
  optionalNumber,
  optionalObject,
} from './wire-fields.ts';

/** Fields that OpenAI's endpoints for chats, completions and responses share. */
export const COUNT: NumberRange = { min: 1, max: Number.MAX_SAFE_INTEGER, integer: true };
const PENALTY: NumberRange = { min: -2, max: 2 };
/** Answers to one request; each is a generation of its own on a machine of few cores. */
const MAX_CHOICES = 16;

export function parseSampling(body: JsonObject): Sampling {
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

/** Names of the fields that `parseSampling` reads. */
export const SAMPLING_FIELDS = [
  'temperature',
  'top_p',
  'top_k',
  'seed',
  'presence_penalty',
  'frequency_penalty',
];

export function parseChoiceCount(body: JsonObject): number | undefined {
  return optionalNumber(body, 'n', { min: 1, max: MAX_CHOICES, integer: true });
}

/** `stream_options.include_usage`; the options are refused where nothing is streamed. */
export function parseStreamOptions(body: JsonObject, stream: boolean): boolean {
  const options = optionalObject(body, 'stream_options');
  if (options === undefined) return false;
  if (!stream) throw invalidField('stream_options', 'left out where `stream` is not true');
  return optionalBoolean(options, 'include_usage', 'stream_options.include_usage') ?? false;
}

/** What the house does not know of a body; undefined where there is nothing. */
export function unknownFields(
  body: JsonObject,
  known: ReadonlySet<string>,
): JsonObject | undefined {
  return extraFields(body, known).extra;
}
