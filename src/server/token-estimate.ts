import type { JsonObject, JsonValue } from '../core/chat.ts';

/** Of English text with the usual tokenisers 4.1 to 4.6 were measured; less errs towards too much. */
const CHARACTERS_PER_TOKEN = 3.5;
/** A spoke's default, for a request that names no most. */
const ANSWER_TOKENS = 512;
const MOST_FIELDS = ['max_completion_tokens', 'max_tokens', 'max_output_tokens'] as const;

/**
 * Tokens that a request of any dialect may use, read and written, before it is understood; only what
 * a limited key has set aside until the true figure is known. Pictures and sound count nothing here.
 */
export function estimateTokens(body: JsonObject): number {
  const read = Math.ceil(characterCount(body) / CHARACTERS_PER_TOKEN);
  if (body['input'] !== undefined && body['messages'] === undefined && isEmbedding(body))
    return read;
  return read + answerTokens(body);
}

function isEmbedding(body: JsonObject): boolean {
  return body['encoding_format'] !== undefined || body['input_type'] !== undefined;
}

function answerTokens(body: JsonObject): number {
  const choices = Math.max(1, numberOf(body['n']) ?? 1);
  for (const name of MOST_FIELDS) {
    const most = numberOf(body[name]);
    if (most !== undefined) return most * choices;
  }
  const { options } = body;
  const isOllama = typeof options === 'object' && options !== null && !Array.isArray(options);
  const predicted = isOllama ? numberOf((options as JsonObject)['num_predict']) : undefined;
  return (predicted ?? ANSWER_TOKENS) * choices;
}

function numberOf(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' && value > 0 && Number.isFinite(value) ? value : undefined;
}

function characterCount(value: JsonValue): number {
  if (typeof value === 'string') return value.startsWith('data:') ? 0 : value.length;
  if (typeof value !== 'object' || value === null) return 0;
  let sum = 0;
  for (const [name, one] of Object.entries(value)) if (name !== 'data') sum += characterCount(one);
  return sum;
}
