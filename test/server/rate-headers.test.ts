import { describe, expect, it } from 'vitest';
import { createRateLimiter } from '../../src/policy/rate.ts';
import { durationText } from '../../src/server/rate-headers.ts';
import { estimateTokens } from '../../src/server/token-estimate.ts';
import { chat, errorOf, HELLO, send, startServer } from './running-server.ts';
import { CALLER, createScriptedFarm } from './scripted-farm.ts';

const KEY = { authorization: 'Bearer sk' };

/** A farm whose one key is limited by the real limiter. */
async function limitedFarm(limits: { rateLimit?: number; tokenLimit?: number }) {
  const rates = createRateLimiter({ now: () => 0 });
  const farm = createScriptedFarm(
    {},
    {
      takeRate: (caller) => rates.take(caller),
      reserveTokens: (caller, id, tokens) => rates.reserve(caller, id, tokens),
      shareTokens: (id, other) => rates.share(id, other),
      settleTokens: (id, used) => rates.settle(id, used),
      rateStanding: (caller) => rates.standing(caller),
    },
  );
  farm.keys.set('sk', { ...CALLER, ...limits });
  return { farm, ...(await startServer(farm)) };
}

describe('a limited key', () => {
  it('is told what it has left with every answer, streams and refusals too', async () => {
    const { port } = await limitedFarm({ rateLimit: 3, tokenLimit: 60_000 });
    const whole = await chat(port, { ...HELLO, max_tokens: 100 }, KEY);
    expect(whole.headers).toMatchObject({
      'x-ratelimit-limit-requests': '3',
      'x-ratelimit-remaining-requests': '2',
      'x-ratelimit-reset-requests': '20s',
      'x-ratelimit-limit-tokens': '60000',
      'x-ratelimit-remaining-tokens': '59897',
      'x-ratelimit-reset-tokens': '103ms',
    });
    const stream = await chat(port, { ...HELLO, stream: true }, KEY);
    expect(stream.headers['x-ratelimit-remaining-requests']).toBe('1');
    const broken = await chat(port, '{', KEY);
    expect([broken.status, broken.headers['x-ratelimit-remaining-requests']]).toEqual([400, '0']);
    const models = await send(port, { path: '/v1/models', headers: KEY });
    expect(models.headers['x-ratelimit-remaining-requests']).toBe('0');
    const refused = await chat(port, HELLO, KEY);
    expect([refused.status, errorOf(refused).code]).toEqual([429, 'rate_limit_exceeded']);
    expect(refused.headers).toMatchObject({ 'retry-after': '20', 'x-should-retry': 'true' });
  });

  it('is refused where its tokens do not last, before a model is asked', async () => {
    const { farm, port } = await limitedFarm({ tokenLimit: 1000 });
    // The scripted farm settles nothing by receipts, so what the route gives back is what counts.
    let release = () => {};
    const { script } = farm;
    farm.script = async function* (call, signal) {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      yield* script(call, signal);
    };
    const first = chat(port, { ...HELLO, max_tokens: 900 }, KEY);
    while (farm.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const second = await chat(port, { ...HELLO, max_tokens: 900 }, KEY);
    expect([second.status, errorOf(second).code]).toEqual([429, 'rate_limit_exceeded']);
    expect(second.headers['x-ratelimit-remaining-tokens']).toBe('97');
    expect(farm.calls).toHaveLength(1);
    release();
    await first;
    const third = chat(port, { ...HELLO, max_tokens: 900 }, KEY);
    while (farm.calls.length === 1) await new Promise((resolve) => setImmediate(resolve));
    release();
    expect((await third).status).toBe(200);
  });
});

it('one key can have only so many requests at once; others are served', async () => {
  const farm = createScriptedFarm({ limits: { concurrentRequestsPerKey: 1 } });
  farm.keys.set('sk', CALLER);
  farm.keys.set('other', { ...CALLER, key: 'b' });
  const { port } = await startServer(farm);
  const { script } = farm;
  const gate = Promise.withResolvers<void>();
  farm.script = async function* (call, signal) {
    if (call.caller.key === 'a') await gate.promise;
    yield* script(call, signal);
  };
  const first = chat(port, HELLO, KEY);
  while (farm.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const second = await chat(port, HELLO, KEY);
  expect([second.status, errorOf(second).code]).toEqual([429, 'rate_limit_exceeded']);
  expect(second.headers['retry-after']).toBe('1');
  expect((await chat(port, HELLO, { authorization: 'Bearer other' })).status).toBe(200);
  gate.resolve();
  expect((await first).status).toBe(200);
  expect((await chat(port, HELLO, KEY)).status).toBe(200);
});

it('a key without limits hears nothing of limits', async () => {
  const { port } = await limitedFarm({});
  const { headers } = await chat(port, HELLO, KEY);
  expect(Object.keys(headers).filter((name) => name.startsWith('x-ratelimit'))).toEqual([]);
});

it('answers carry where they come from and what they cost', async () => {
  const farm = createScriptedFarm();
  const { port } = await startServer(farm);
  const { headers } = await chat(port, HELLO);
  expect(headers).toMatchObject({ 'x-cadre-spoke': 'small', 'x-cadre-cost': '0' });
  expect(headers['x-cadre-overhead-ms']).toBe('2.0');
  expect(headers['x-cadre-receipt']).toBe(headers['x-request-id']);
});

it('prints durations as OpenAI does', () => {
  expect([0, 1, 999.2, 1000, 7120, 59_999, 60_001, 360_000].map(durationText)).toEqual([
    '0s',
    '1ms',
    '1000ms',
    '1s',
    '7.2s',
    '1m0s',
    '1m1s',
    '6m0s',
  ]);
});

it('estimates what a body may use in any dialect', () => {
  const text = 'x'.repeat(350);
  const picture = { type: 'image_url', image_url: { url: `data:image/png;base64,${text}` } };
  const chatBody = { messages: [{ role: 'user', content: [picture] }], max_tokens: 7, n: 2 };
  expect(estimateTokens(chatBody)).toBeLessThan(30);
  expect(estimateTokens({ prompt: text, max_tokens: 7 })).toBe(107);
  expect(estimateTokens({ input: text, max_output_tokens: 7 })).toBe(107);
  expect(estimateTokens({ prompt: text, options: { num_predict: 7 } })).toBe(107);
  expect(estimateTokens({ prompt: text })).toBe(612);
});
