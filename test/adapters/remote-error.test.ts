import { describe, expect, it } from 'vitest';
import { ResponseBody } from '../../src/adapters/egress/response-body.ts';
import { retryAfterOf, statusError, streamError } from '../../src/adapters/models/remote-error.ts';

function answer(status: number, text: string, headers = {}) {
  const body = new ResponseBody({
    name: 'vendor',
    signal: new AbortController().signal,
    firstByteMs: 60_000,
    betweenBytesMs: 60_000,
    totalMs: 60_000,
    maxBytes: 1e6,
    onFailure: () => undefined,
  });
  body.push(Buffer.from(text));
  body.end();
  return statusError({ status, headers, body }, 'vendor', 'sk-secret');
}

const openAi = (code: string, message = 'words') => JSON.stringify({ error: { message, code } });
const anthropic = (type: string) =>
  JSON.stringify({ type: 'error', error: { type, message: 'words' } });

describe('an answer that is an error', () => {
  it.each<[number, string, string, string]>([
    [400, openAi('context_length_exceeded'), 'context_length_exceeded', 'context-length'],
    [
      400,
      anthropic('x').replace('words', 'prompt is too long'),
      'context_length_exceeded',
      'context-length',
    ],
    [400, openAi('content_filter', 'violence'), 'content_filter', 'content-filter'],
    [400, openAi('content_policy_violation'), 'content_filter', 'content-filter'],
    [
      400,
      '{"error":{"code":"x","innererror":{"code":"ResponsibleAIPolicyViolation"}}}',
      'content_filter',
      'content-filter',
    ],
    [400, openAi('bad'), 'invalid_request', 'refused'],
    [401, openAi('invalid_api_key'), 'config_invalid', 'unauthorized'],
    [402, '', 'upstream_failed', 'out-of-quota'],
    [403, anthropic('permission_error'), 'config_invalid', 'unauthorized'],
    [404, anthropic('not_found_error'), 'config_invalid', 'unknown-model'],
    [413, anthropic('request_too_large'), 'context_length_exceeded', 'context-length'],
    [422, '', 'invalid_request', 'refused'],
    [429, openAi('rate_limit_exceeded'), 'upstream_overloaded', 'rate-limited'],
    [429, anthropic('rate_limit_error'), 'upstream_overloaded', 'rate-limited'],
    [429, openAi('insufficient_quota'), 'upstream_failed', 'out-of-quota'],
    [
      429,
      openAi('x', 'tokens per minute, context window 8k'),
      'upstream_overloaded',
      'rate-limited',
    ],
    [500, anthropic('api_error'), 'upstream_failed', 'server-error'],
    [502, '<html>', 'upstream_failed', 'server-error'],
    [503, '', 'upstream_overloaded', 'overloaded'],
    [504, '', 'upstream_timeout', 'timed-out'],
    [529, anthropic('overloaded_error'), 'upstream_overloaded', 'overloaded'],
    [307, '', 'upstream_failed', 'unknown-model'],
  ])('%i %s is %s (%s)', async (status, text, code, fault) => {
    expect(await answer(status, text)).toMatchObject({ code, fault });
  });

  it('passes the reason on, without the key', async () => {
    const error = await answer(400, openAi('content_filter', 'hate: high, sk-secret'));
    expect(error.message).toContain('hate: high, [key]');
  });

  it.each([401, 403])('says of a refused key nothing that the server says: %i', async (status) => {
    const error = await answer(status, openAi('x', 'bad key tok-of-someone, ask boss@example.org'));
    expect(error.message).not.toMatch(/someone|boss/);
    expect(error.message).toContain(`vendor answered ${status}: the key`);
    expect(error.message).toContain('check the key that `keyEnv` names');
  });

  it.each([`sk-${'aB3'.repeat(10)}`, 'sk-proj-****wxyz', `ghp_${'a1'.repeat(18)}`])(
    'passes on no key of another: %s',
    async (key) => {
      const error = await answer(400, openAi('bad', `key ${key} is unknown`));
      expect(error.message).toContain('key [key] is unknown');
      const broken = streamError({ error: { message: `"${key}"` } }, 'vendor', undefined);
      expect(broken.message).toContain('"[key]"');
    },
  );

  it.each<[object, string, string]>([
    [{ error: { type: 'overloaded_error', message: 'busy' } }, 'upstream_overloaded', 'overloaded'],
    [{ error: { code: 429, message: 'slow' } }, 'upstream_overloaded', 'rate-limited'],
    [{ error: { code: 'content_filter', message: 'no' } }, 'content_filter', 'content-filter'],
    [{ error: 'something' }, 'upstream_failed', 'server-error'],
  ])('within a stream: %j is %s (%s)', (fields, code, fault) => {
    const body = fields as { readonly [key: string]: unknown };
    expect(streamError(body, 'vendor', undefined)).toMatchObject({ code, fault });
  });
});

describe('the time to come back', () => {
  const now = Date.parse('2026-11-26T12:00:00Z');
  it.each([
    [{ 'retry-after': '2' }, 2],
    [{ 'retry-after': '0.5' }, 0.5],
    [{ 'retry-after': 'Thu, 26 Nov 2026 12:00:07 GMT' }, 7],
    [{ 'retry-after': 'Thu, 26 Nov 2026 11:00:00 GMT' }, 0],
    [{ 'retry-after': '86400' }, 3600],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after-ms': '250', 'retry-after': '9' }, 0.25],
    [{}, undefined],
  ])('%j is %s s', (headers, seconds) => {
    expect(retryAfterOf(headers, now)).toBe(seconds);
  });
});
