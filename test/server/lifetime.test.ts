import { once } from 'node:events';
import OpenAI from 'openai';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  chat,
  dataOf,
  errorOf,
  HELLO,
  openSocket,
  rawChat,
  send,
  startServer,
} from './running-server.ts';
import {
  accepted,
  CALLER,
  createScriptedFarm,
  ended,
  failed,
  untilAborted,
} from './scripted-farm.ts';

afterEach(() => {
  vi.useRealTimers();
});

/** A farm whose answers begin and then wait for the abort. */
function waitingFarm(config: object = {}) {
  const farm = createScriptedFarm(config);
  let begun = () => {};
  const started = new Promise<void>((resolve) => {
    begun = resolve;
  });
  let over = (_reason: unknown) => {};
  const aborted = new Promise<unknown>((resolve) => {
    over = resolve;
  });
  farm.script = async function* (call, signal) {
    yield accepted(call);
    yield { type: 'text-delta', choice: 0, text: 'first' };
    begun();
    await untilAborted(signal);
    over(signal.reason);
    yield failed(call, 'cancelled');
  };
  return { farm, started, aborted };
}

describe('a caller that goes away', () => {
  it('stops a stream', async () => {
    const { farm, started, aborted } = waitingFarm();
    const { url } = await startServer(farm);
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none' });
    const messages = [{ role: 'user' as const, content: 'hi' }];
    const stream = await client.chat.completions.create({ model: 'auto', messages, stream: true });
    await started;
    stream.controller.abort();
    expect(await aborted).toMatchObject({ name: 'AbortError' });
  });

  it('stops a whole answer', async () => {
    const { farm, started, aborted } = waitingFarm();
    const { port } = await startServer(farm);
    const socket = await openSocket(port);
    socket.write(rawChat(HELLO).replace('HOST', `127.0.0.1:${port}`));
    await started;
    socket.destroy();
    expect(await aborted).toMatchObject({ name: 'AbortError' });
  });

  it('leaves no place taken; a body that is slow to arrive takes none', async () => {
    const { farm, started, aborted } = waitingFarm({ limits: { concurrentRequests: 1 } });
    const { port } = await startServer(farm);
    const half = await openSocket(port);
    half.write(rawChat(HELLO).replace('HOST', `127.0.0.1:${port}`).slice(0, -5));
    expect((await chat(port, '{')).status).toBe(400);
    half.destroy();
    const socket = await openSocket(port);
    socket.write(rawChat(HELLO).replace('HOST', `127.0.0.1:${port}`));
    await started;
    const refused = await chat(port, HELLO);
    expect([refused.status, errorOf(refused).code]).toEqual([503, 'overloaded']);
    expect(refused.headers['retry-after']).toBe('1');
    socket.destroy();
    await aborted;
  });
});

describe('a reader that does not read', () => {
  it('stops the printing, and is dropped in the end', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const farm = createScriptedFarm();
    let printed = 0;
    let isAborted = false;
    farm.script = async function* (call, signal) {
      yield accepted(call);
      signal.addEventListener('abort', () => {
        isAborted = true;
      });
      const text = 'x'.repeat(64 * 1024);
      for (; !signal.aborted && printed < 4000; printed += 1)
        yield { type: 'text-delta', choice: 0, text };
      yield failed(call, 'cancelled');
    };
    const { port } = await startServer(farm);
    const socket = await openSocket(port);
    socket.pause();
    socket.write(rawChat({ ...HELLO, stream: true }).replace('HOST', `127.0.0.1:${port}`));
    while (!isAborted) {
      await new Promise((resolve) => setImmediate(resolve));
      vi.advanceTimersByTime(100);
    }
    // Bounded by the buffers of the two sockets, not by the 250 MB that were on offer.
    expect(printed).toBeLessThan(1000);
  });
});

describe('a stream that waits', () => {
  it('sends comments that clients ignore', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const farm = createScriptedFarm();
    let release = () => {};
    farm.script = async function* (call) {
      yield accepted(call);
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      yield { type: 'text-delta', choice: 0, text: 'late' };
      yield ended(call);
    };
    const { port } = await startServer(farm);
    const socket = await openSocket(port);
    let text = '';
    socket.on('data', (bytes) => {
      text += bytes.toString();
    });
    socket.write(rawChat({ ...HELLO, stream: true }).replace('HOST', `127.0.0.1:${port}`));
    while (!text.includes(': waiting')) {
      await new Promise((resolve) => setImmediate(resolve));
      vi.advanceTimersByTime(1000);
    }
    release();
    while (!text.includes('[DONE]')) await new Promise((resolve) => setImmediate(resolve));
    expect(text).toContain('x-accel-buffering: no');
    expect(text.indexOf(': waiting')).toBeLessThan(text.indexOf('late'));
  });
});

describe('limits in time', () => {
  it('answers 429 with what a client needs to wait', async () => {
    const standing = { requests: { limit: 30, remaining: 0, resetMs: 7200 } };
    const farm = createScriptedFarm(
      {},
      { takeRate: () => ({ allowed: false, lacks: 'requests', retryAfter: 8, standing }) },
    );
    farm.keys.set('sk', { ...CALLER, rateLimit: 30 });
    const { port } = await startServer(farm);
    const answered = await chat(port, HELLO, { authorization: 'Bearer sk' });
    expect([answered.status, errorOf(answered).code]).toEqual([429, 'rate_limit_exceeded']);
    expect(answered.headers).toMatchObject({
      'retry-after': '8',
      'x-ratelimit-limit-requests': '30',
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '7.2s',
    });
  });

  it('aborts at the deadline', async () => {
    const { farm, aborted } = waitingFarm({ limits: { requestSeconds: 0.05 } });
    const { port } = await startServer(farm);
    await Promise.all([
      chat(port, HELLO),
      expect(aborted).resolves.toMatchObject({ code: 'deadline_exceeded' }),
    ]);
    expect(farm.calls[0]?.deadline).toBeGreaterThan(0);
  });
});

describe('an orderly end', () => {
  it('lets running answers finish and takes no new ones', async () => {
    const farm = createScriptedFarm();
    let release = () => {};
    let begun = () => {};
    const started = new Promise<void>((resolve) => {
      begun = resolve;
    });
    farm.script = async function* (call) {
      yield accepted(call);
      begun();
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      yield { type: 'text-delta', choice: 0, text: 'done' };
      yield ended(call);
    };
    const { server, port } = await startServer(farm);
    const running = chat(port, { ...HELLO, stream: true });
    await started;
    // A connection within a request is not idle, so closing leaves it open for an answer.
    const kept = await openSocket(port);
    kept.write(`GET /health/ready HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n`);
    await send(port, { path: '/health/live' });
    const closed = server.close({ drainSeconds: 60 });
    await expect(send(port, { path: '/health/live' })).rejects.toThrow(/ECONNREFUSED|ECONNRESET/);
    const late = once(kept, 'data');
    kept.write('\r\n');
    expect(String(await late)).toMatch(/^HTTP\/1\.1 503 .*connection: close.*"draining"/s);
    release();
    const data = dataOf((await running).text);
    expect(data.at(-1)).toBe('[DONE]');
    await closed;
  });

  it('aborts what does not finish', async () => {
    const { farm, started, aborted } = waitingFarm();
    const { server, port } = await startServer(farm);
    const running = chat(port, { ...HELLO, stream: true });
    await started;
    await server.close({ drainSeconds: 0 });
    expect(await aborted).toMatchObject({ code: 'shutting_down' });
    expect(JSON.parse(dataOf((await running).text).at(-1) ?? '')).toHaveProperty('error.code');
  });

  it('says which port is taken', async () => {
    const { port } = await startServer(createScriptedFarm());
    const second = (await startServer(createScriptedFarm())).server;
    await expect(second.listen({ host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'port_in_use',
    });
  });
});
