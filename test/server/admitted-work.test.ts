import { describe, expect, it, vi } from 'vitest';
import type { Farm } from '../../src/core/farm.ts';
import { errorOf, HELLO, openSocket, send, startServer } from './running-server.ts';
import { CALLER, createScriptedFarm, untilAborted } from './scripted-farm.ts';

const DECIDE = { path: '/cadre/v1/decide', body: JSON.stringify(HELLO) };
const SEARCH = { path: '/cadre/v1/collections/law/search', body: '{"query":"why"}' };
const PLACES = { limits: { concurrentRequests: 1 } };
const LAW = {
  name: 'law',
  sources: [{ kind: 'folder' as const, folder: '/law' }],
  watched: true,
  principals: ['public'],
  version: 1,
  embedder: null,
};

/** A farm whose decisions and searches begin and then wait: searches for their abort. */
function waitingFarm(config: object, changes: Partial<Farm> = {}) {
  const begun = Promise.withResolvers<void>();
  const aborted = Promise.withResolvers<unknown>();
  const farm = createScriptedFarm(config, {
    collections: async () => [LAW],
    decide() {
      begun.resolve();
      return new Promise(() => {});
    },
    async search(_query, signal) {
      begun.resolve();
      await untilAborted(signal);
      aborted.resolve(signal.reason);
      throw signal.reason;
    },
    ...changes,
  });
  return { farm, begun: begun.promise, aborted: aborted.promise };
}

describe.each([
  ['a decision', DECIDE],
  ['a search', SEARCH],
])('%s', (_what, work) => {
  it('counts against the rate of its key', async () => {
    const takeRate = vi.fn<Farm['takeRate']>(() => ({
      allowed: false,
      lacks: 'requests',
      retryAfter: 8,
      standing: { requests: { limit: 30, remaining: 0, resetMs: 60_000 } },
    }));
    const { farm } = waitingFarm({}, { takeRate });
    farm.keys.set('sk', { ...CALLER, rateLimit: 30 });
    const { port } = await startServer(farm);
    const answered = await send(port, { ...work, headers: { authorization: 'Bearer sk' } });
    expect([answered.status, errorOf(answered).code]).toEqual([429, 'rate_limit_exceeded']);
    expect(answered.headers).toMatchObject({
      'retry-after': '8',
      'x-ratelimit-limit-requests': '30',
    });
    expect(takeRate).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ key: 'a' }));
  });

  it('takes one of the places, until its caller goes away', async () => {
    const { farm, begun } = waitingFarm(PLACES);
    const { port } = await startServer(farm);
    const socket = await openSocket(port);
    socket.write(
      `POST ${work.path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\n` +
        `content-length: ${work.body.length}\r\n\r\n${work.body}`,
    );
    await begun;
    const refused = await send(port, work);
    expect([refused.status, errorOf(refused).code]).toEqual([503, 'overloaded']);
    socket.destroy();
    // A broken body is only read by whoever has a place.
    await vi.waitFor(async () =>
      expect((await send(port, { ...work, body: '{' })).status).toBe(400),
    );
  });

  it('leaves its place after a refusal', async () => {
    const { farm } = waitingFarm(PLACES);
    const { port } = await startServer(farm);
    for (const body of ['{', '{"query":1}', '{'])
      expect((await send(port, { ...work, body })).status).toBe(400);
  });

  it('ends when the farm stops', async () => {
    const { farm, begun } = waitingFarm({});
    const { port, server } = await startServer(farm);
    const answered = send(port, work);
    await begun;
    await server.close({ drainSeconds: 0 });
    expect(errorOf(await answered).code).toBe('shutting_down');
  });
});

it('tells a search that its caller went away', async () => {
  const { farm, begun, aborted } = waitingFarm({});
  const { port } = await startServer(farm);
  const socket = await openSocket(port);
  socket.write(
    `POST ${SEARCH.path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\n` +
      `content-length: ${SEARCH.body.length}\r\n\r\n${SEARCH.body}`,
  );
  await begun;
  socket.destroy();
  expect(await aborted).toMatchObject({ name: 'AbortError' });
});

it('decides within the time of a request, whatever the farm does', async () => {
  const { farm } = waitingFarm({ limits: { requestSeconds: 0.05 } });
  const { port } = await startServer(farm);
  const answered = await send(port, DECIDE);
  expect([answered.status, errorOf(answered).code]).toEqual([504, 'deadline_exceeded']);
});
