import { CadreError } from '../../core/errors.ts';
import type { ExchangeResponse } from '../egress/exchange.ts';

/** Characters of a foreign message that may reach a caller. */
const MESSAGE_LENGTH = 300;
/** Bytes of an error's body that are read. */
const ERROR_BYTES = 64 * 1024;

type Fields = { readonly [key: string]: unknown };

/** Narrow reading of JSON that nobody vouches for. */
export function asFields(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : undefined;
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A whole number ≥ 0, else undefined. */
export function asCount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** A JSON object of a stream or an answer; rejects anything else as `upstream_failed`. */
export function parseFields(text: string, destination: string): Fields {
  try {
    const fields = asFields(JSON.parse(text));
    if (fields !== undefined) return fields;
  } catch {
    // Falls through: broken JSON and JSON that is no object are the same fault.
  }
  throw new CadreError(
    'upstream_failed',
    `${destination} sent something that is not a JSON object: ${cleanMessage(text, undefined).slice(0, 60)}`,
  );
}

/** Foreign words made harmless: one line, bounded, without control characters and without our key. */
export function cleanMessage(text: string, key: string | undefined): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  const masked = key === undefined || key === '' ? plain : plain.replaceAll(key, '[key]');
  return masked.length > MESSAGE_LENGTH ? `${masked.slice(0, MESSAGE_LENGTH)}…` : masked;
}

/** The words in an error body of OpenAI's, Anthropic's or a plain server's shape. */
function errorWords(fields: Fields): { readonly message: string; readonly kind: string } {
  const error = asFields(fields['error']);
  const message =
    asText(error?.['message']) ?? asText(fields['error']) ?? asText(fields['message']) ?? '';
  const kind = asText(error?.['code']) ?? asText(error?.['type']) ?? '';
  return { message, kind };
}

/** An error object inside a stream that began well. */
export function streamError(
  fields: Fields,
  destination: string,
  key: string | undefined,
): CadreError {
  const { message, kind } = errorWords(fields);
  const words = cleanMessage(message || kind || 'no message', key);
  return new CadreError('upstream_failed', `${destination} broke off the answer: ${words}`);
}

/** Seconds to wait, from `retry-after-ms` or `retry-after` (seconds or a date); at most an hour. */
export function retryAfterOf(
  headers: Readonly<Record<string, string>>,
  now: number,
): number | undefined {
  const milliseconds = Number(headers['retry-after-ms'] ?? Number.NaN);
  const text = headers['retry-after'] ?? '';
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : (Date.parse(text) - now) / 1000;
  const wait = milliseconds > 0 ? milliseconds / 1000 : seconds;
  return Number.isFinite(wait) ? Math.min(3600, Math.max(0, Math.ceil(wait))) : undefined;
}

/** An answer with a status other than 200, in the house's words. Reads the (bounded) body. */
export async function statusError(
  response: ExchangeResponse,
  destination: string,
  key: string | undefined,
): Promise<CadreError> {
  const { status } = response;
  const text = await response.body.text(ERROR_BYTES);
  const { message, kind } = errorWords(readErrorBody(text));
  const words = cleanMessage(message || text, key);
  const said = `${destination} answered ${status}${words === '' ? '' : `: ${words}`}`;
  if (kind === 'context_length_exceeded' || /context length|prompt is too long/i.test(message))
    return new CadreError('context_length_exceeded', said);
  if (status === 401 || status === 403)
    return new CadreError('config_invalid', `${said}; check the key that \`keyEnv\` names`, {
      param: `destinations.${destination}.keyEnv`,
    });
  if (status === 404)
    return new CadreError('config_invalid', `${said}; check the URL and the model's name`, {
      param: `destinations.${destination}.url`,
    });
  if (status === 408 || status === 504) return new CadreError('upstream_timeout', said);
  if (status === 413) return new CadreError('context_length_exceeded', said);
  if (status >= 400 && status < 500 && status !== 409 && status !== 425 && status !== 429)
    return new CadreError('invalid_request', said);
  if (status >= 300 && status < 400)
    return new CadreError('upstream_failed', `${said}; redirects are not followed`);
  const retryAfter = retryAfterOf(response.headers, Date.now());
  return new CadreError('upstream_failed', said, retryAfter === undefined ? {} : { retryAfter });
}

function readErrorBody(text: string): Fields {
  try {
    return asFields(JSON.parse(text)) ?? {};
  } catch {
    return {};
  }
}
