import { CadreError, type ErrorCode } from '../../core/errors.ts';
import type { Fault } from '../../core/fault.ts';
import type { ExchangeResponse } from '../egress/exchange.ts';
import { answerText } from './answer-bytes.ts';
import { asFields, asText, cleanMessage, type Fields, parseFields } from './remote-answer.ts';

/** Bytes of an error's body that are read. */
const ERROR_BYTES = 64 * 1024;

type Meaning = readonly [code: ErrorCode, fault: Fault];

/** What the vendors' own words for an error mean: `error.code` or `error.type`. */
const KINDS: Readonly<Record<string, Meaning>> = {
  context_length_exceeded: ['context_length_exceeded', 'context-length'],
  exceed_context_size_error: ['context_length_exceeded', 'context-length'],
  request_too_large: ['context_length_exceeded', 'context-length'],
  content_filter: ['content_filter', 'content-filter'],
  content_policy_violation: ['content_filter', 'content-filter'],
  data_inspection_failed: ['content_filter', 'content-filter'],
  insufficient_quota: ['upstream_failed', 'out-of-quota'],
  billing_error: ['upstream_failed', 'out-of-quota'],
  rate_limit_error: ['upstream_overloaded', 'rate-limited'],
  rate_limit_exceeded: ['upstream_overloaded', 'rate-limited'],
  overloaded_error: ['upstream_overloaded', 'overloaded'],
  overloaded: ['upstream_overloaded', 'overloaded'],
  timeout_error: ['upstream_timeout', 'timed-out'],
  authentication_error: ['config_invalid', 'unauthorized'],
  permission_error: ['config_invalid', 'unauthorized'],
  invalid_api_key: ['config_invalid', 'unauthorized'],
  not_found_error: ['config_invalid', 'unknown-model'],
  model_not_found: ['config_invalid', 'unknown-model'],
  api_error: ['upstream_failed', 'server-error'],
  server_error: ['upstream_failed', 'server-error'],
  invalid_request_error: ['invalid_request', 'refused'],
};

const STATUSES: Readonly<Record<number, Meaning>> = {
  401: ['config_invalid', 'unauthorized'],
  402: ['upstream_failed', 'out-of-quota'],
  403: ['config_invalid', 'unauthorized'],
  404: ['config_invalid', 'unknown-model'],
  408: ['upstream_timeout', 'timed-out'],
  409: ['upstream_failed', 'server-error'],
  413: ['context_length_exceeded', 'context-length'],
  425: ['upstream_failed', 'server-error'],
  429: ['upstream_overloaded', 'rate-limited'],
  503: ['upstream_overloaded', 'overloaded'],
  504: ['upstream_timeout', 'timed-out'],
  529: ['upstream_overloaded', 'overloaded'],
};

const OWN_WORDS: Readonly<Record<number, string>> = {
  401: 'the key was not accepted',
  403: 'the key may not do this',
};

/** Kinds that say more than the status beside them. */
const TELLING = new Set<Fault>(['context-length', 'content-filter', 'out-of-quota']);

const ADVICE: Readonly<Partial<Record<Fault, readonly [words: string, key: string]>>> = {
  unauthorized: ['; check the key that `keyEnv` names', 'keyEnv'],
  'unknown-model': ['; check the URL and the model’s name', 'url'],
};

/** The words in an error body of OpenAI's, Anthropic's, Azure's or a plain server's shape. */
function errorWords(fields: Fields): { message: string; kinds: string[]; status?: number } {
  const error = asFields(fields['error']);
  const inner = asFields(error?.['innererror']);
  const message =
    asText(error?.['message']) ??
    asText(fields['error']) ??
    asText(fields['message']) ??
    asText(fields['detail']) ??
    '';
  const kinds = [error?.['code'], error?.['type'], fields['code']].flatMap(
    (kind) => asText(kind) ?? [],
  );
  if (asText(inner?.['code']) === 'ResponsibleAIPolicyViolation') kinds.unshift('content_filter');
  const status = error?.['code'];
  return { message, kinds, ...(typeof status === 'number' ? { status } : {}) };
}

function meaningOf(
  status: number | undefined,
  { message, kinds }: { readonly message: string; readonly kinds: readonly string[] },
): Meaning {
  const named = kinds.flatMap((kind) => (Object.hasOwn(KINDS, kind) ? [KINDS[kind]] : []))[0];
  if (named !== undefined && (status === undefined || TELLING.has(named[1]))) return named;
  const isCallers = status === undefined || (status >= 400 && status < 500 && status !== 429);
  if (isCallers && /context (length|window)|prompt is too long/i.test(message))
    return ['context_length_exceeded', 'context-length'];
  // llama-server's router says so with 400.
  if (status === 400 && /^model '.*' not found$/.test(message))
    return ['config_invalid', 'unknown-model'];
  const known = status === undefined ? undefined : STATUSES[status];
  if (known !== undefined) return known;
  if (status !== undefined && status >= 400 && status < 500) return ['invalid_request', 'refused'];
  // Redirects are not followed: where they lead nobody has cleared.
  if (status !== undefined && status >= 300 && status < 400)
    return ['upstream_failed', 'unknown-model'];
  return ['upstream_failed', 'server-error'];
}

/** An error object inside an answer that began well. */
export function streamError(
  fields: Fields,
  destination: string,
  key: string | undefined,
): CadreError {
  const words = errorWords(fields);
  const said = cleanMessage(words.message || words.kinds[0] || 'no message', key);
  const [code, fault] = meaningOf(words.status, words);
  return new CadreError(code, `${destination} broke off the answer: ${said}`, { fault });
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
  return Number.isFinite(wait) ? Math.min(3600, Math.max(0, wait)) : undefined;
}

/** An answer with a status other than 200, in the house's words. Reads the (bounded) body. */
export async function statusError(
  response: ExchangeResponse,
  destination: string,
  key: string | undefined,
): Promise<CadreError> {
  const { status } = response;
  const text = await answerText(response, destination, ERROR_BYTES).catch((error: unknown) => {
    // The status says enough where the words cannot be read; an abort stays an abort.
    if (error instanceof CadreError && error.fault !== undefined) return '';
    throw error;
  });
  const words = errorWords(readErrorBody(text, destination));
  const [code, fault] = meaningOf(status, words);
  // What a server says of a key that it refuses often quotes the key; the status says enough.
  const plain = OWN_WORDS[status] ?? cleanMessage(words.message || text, key);
  const said = `${destination} answered ${status}${plain === '' ? '' : `: ${plain}`}`;
  const [advice, param] = ADVICE[fault] ?? ['', undefined];
  const retryAfter = retryAfterOf(response.headers, Date.now());
  return new CadreError(code, `${said}${advice}`, {
    fault,
    ...(param === undefined || code !== 'config_invalid'
      ? {}
      : { param: `destinations.${destination}.${param}` }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  });
}

function readErrorBody(text: string, destination: string): Fields {
  try {
    return parseFields(text, destination);
  } catch {
    return {};
  }
}
