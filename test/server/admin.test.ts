import { request } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { CadreError } from '../../src/core/errors.ts';
import type { Farm } from '../../src/core/farm.ts';
import type { Receipt } from '../../src/core/receipt.ts';
import { dataOf, errorOf, send, startServer } from './running-server.ts';
import { createScriptedFarm, receiptOf, untilAborted } from './scripted-farm.ts';

const MODEL = { id: 'smollm2', title: 'SmolLM2' } as ReturnType<Farm['models']>[number];
const ROW = {
  name: 'law',
  sources: [{ kind: 'folder' as const, folder: '/law' }],
  watched: true,
  principals: ['public'],
  version: 1,
  embedder: null,
};

afterEach(() => {
  vi.useRealTimers();
});

describe('admin plane', () => {
  it('reads the farm', async () => {
    const { port } = await startServer(createScriptedFarm());
    const read = async (path: string) => {
      const answered = await send(port, { path: `/cadre/v1${path}` });
      expect(answered.headers['x-request-id']).toMatch(/^req_/);
      expect(answered.headers['cache-control']).toBe('no-store');
      return JSON.parse(answered.text);
    };
    expect(await read('/status')).toMatchObject({ ready: true });
    expect(await read('/models')).toEqual({ models: [] });
    expect(await read('/spokes')).toEqual({ spokes: [] });
    expect((await read('/names')).names).toHaveLength(4);
    expect((await read('/receipts?limit=5')).receipts).toHaveLength(2);
    expect(await read('/receipts/req_other/events')).toEqual({ events: [] });
    expect(await read('/collections')).toEqual({ collections: [] });
    expect(await read('/keys')).toEqual({ keys: [] });
  });

  it.each([
    ['/nothing', 404, 'not_found'],
    ['/receipts/req_none', 404, 'receipt_not_found'],
    ['/receipts?limit=0', 400, 'invalid_request'],
    ['/receipts?before=x', 400, 'invalid_request'],
    ['/collections/none/documents', 404, 'collection_not_found'],
    ['/collections/UP/documents', 400, 'invalid_request'],
  ])('answers %s with %i %s', async (path, status, code) => {
    const { port } = await startServer(createScriptedFarm());
    const answered = await send(port, { path: `/cadre/v1${path}` });
    expect([answered.status, errorOf(answered).code]).toEqual([status, code]);
    expect(answered.headers['x-request-id']).toMatch(/^req_/);
  });

  it('shows the curve of a gate to operators only, as a picture that can do nothing', async () => {
    const farm = createScriptedFarm();
    const { port } = await startServer(farm);
    const curve = (version: string, headers = {}) =>
      send(port, { path: `/cadre/v1/gate/${version}/curve.svg`, headers });
    const picture = await curve('12');
    expect([picture.status, picture.text]).toEqual([200, '<svg>12</svg>']);
    expect(picture.headers['content-type']).toBe('image/svg+xml');
    expect(picture.headers['x-content-type-options']).toBe('nosniff');
    expect(picture.headers['content-security-policy']).toMatch(/default-src 'none'.*sandbox/);
    for (const version of ['0', '01', '-1', '1e1', '1.0', '%2e%2e', '..%2f1', '1%00', '1234567890'])
      expect((await curve(version)).status, version).toBe(404);
    farm.keys.set('sk', { key: 'a', principals: ['public'], keepsText: false });
    expect((await curve('12')).status).toBe(401);
    expect((await curve('12', { authorization: 'Bearer sk' })).status).toBe(403);
  });

  it('makes a key whose secret is shown once and whose hash never', async () => {
    const { port } = await startServer(createScriptedFarm());
    const make = (body: object) =>
      send(port, { path: '/cadre/v1/keys', body: JSON.stringify(body) });
    const made = JSON.parse((await make({ name: 'app', budgetDaily: 2 })).text);
    expect(made).toEqual({
      key: {
        id: 'key_1',
        name: 'app',
        principals: ['public'],
        keepsText: false,
        budgetDaily: 2,
        createdAt: 1,
      },
      secret: 'sk-new',
    });
    expect(errorOf(await make({ name: 'app', budget: 2 })).param).toBe('budget');
    for (const name of ['', 'a\nb']) expect(errorOf(await make({ name })).param).toBe('name');
    const path = '/cadre/v1/keys/none';
    expect((await send(port, { path, method: 'DELETE' })).status).toBe(404);
  });

  it('writes take JSON only', async () => {
    const { port } = await startServer(createScriptedFarm());
    const headers = { 'content-type': 'text/plain' };
    const answered = await send(port, { path: '/cadre/v1/keys', body: '{"name":"a"}', headers });
    expect(answered.status).toBe(415);
  });

  it('streams the progress of a pull', async () => {
    const { port } = await startServer(createScriptedFarm({}, { models: () => [MODEL] }));
    const pull = (id: string) => send(port, { path: `/cadre/v1/models/${id}/pull`, body: '{}' });
    const answered = await pull('smollm2');
    expect(answered.headers['content-type']).toContain('text/event-stream');
    const stages = dataOf(answered.text).map((one) => JSON.parse(one).stage);
    expect(stages).toEqual(['fetching', 'ready']);
    const missing = await pull('smollm');
    expect([missing.status, errorOf(missing).code]).toEqual([404, 'model_not_found']);
    expect(errorOf(missing).message).toContain('“smollm2”');
  });

  it('ends a stream that fails with the error', async () => {
    const farm = createScriptedFarm(
      {},
      {
        async *index({ name }) {
          if (name === 'early') throw new CadreError('conflict', 'it is being indexed');
          yield { collection: name, stage: 'listing', done: 0, total: 0 };
          throw new CadreError('disk_full', 'no room');
        },
      },
    );
    const { port } = await startServer(farm);
    const body = '{"folder":"/docs"}';
    const late = await send(port, { path: '/cadre/v1/collections/late/index', body });
    expect(JSON.parse(dataOf(late.text).at(-1) ?? '')).toMatchObject({
      error: { code: 'disk_full' },
    });
    const early = await send(port, { path: '/cadre/v1/collections/early/index', body });
    expect([early.status, errorOf(early).code]).toEqual([409, 'conflict']);
  });

  it('searches only what the caller may read', async () => {
    let asked: unknown;
    const farm = createScriptedFarm(
      {},
      {
        collections: async (principals) =>
          principals === undefined || principals.includes('public') ? [ROW] : [],
        search: async (query) => {
          asked = query;
          return { passages: [], legs: ['lexical'], indexVersion: 1, ms: 1 };
        },
      },
    );
    const caller = { key: 'a', principals: ['public', 'hr'], keepsText: false };
    farm.keys.set('sk-a', caller);
    farm.keys.set('sk-b', { key: 'b', principals: ['hr'], keepsText: false });
    const { port } = await startServer(farm);
    const search = (key: string) =>
      send(port, {
        path: '/cadre/v1/collections/law/search',
        body: '{"query":"why"}',
        headers: { authorization: `Bearer ${key}` },
      });
    expect((await search('sk-a')).status).toBe(200);
    const wish = { collection: 'law', query: 'why', limit: 8 };
    expect(asked).toEqual({ ...wish, principals: ['public', 'hr', 'key:a'], caller });
    expect((await search('sk-b')).status).toBe(404);
  });

  it('stops a search that takes too long, and says so', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const farm = createScriptedFarm(
      {},
      {
        collections: async () => [ROW],
        async search(_query, signal) {
          setImmediate(() => vi.advanceTimersByTime(30_000));
          await untilAborted(signal);
          throw new DOMException('aborted', 'AbortError');
        },
      },
    );
    const { port } = await startServer(farm);
    const path = '/cadre/v1/collections/law/search';
    const answered = await send(port, { path, body: '{"query":"why"}' });
    expect([answered.status, errorOf(answered).code]).toEqual([504, 'deadline_exceeded']);
  });

  it('shows the whole tree below a receipt, three levels deep and bounded', async () => {
    const tree: Receipt[] = [];
    const grow = (id: string, parent: string | undefined, children: readonly string[]) => {
      const receipt = { ...receiptOf(id, 'a'), children, ...(parent ? { parent } : {}) };
      tree.push(receipt);
    };
    const asked: number[] = [];
    const farm = createScriptedFarm(
      {},
      {
        receipt: async (id) => tree.find((one) => one.id === id),
        async receipts({ parent, limit }) {
          asked.push(limit);
          return tree.filter((one) => one.parent === parent).slice(0, limit);
        },
      },
    );
    const { port } = await startServer(farm);
    const below = async (id: string) => {
      const { text } = await send(port, { path: `/cadre/v1/receipts/${id}` });
      return JSON.parse(text).children.map((one: Receipt) => one.id);
    };
    grow('root', undefined, ['a', 'b']);
    grow('a', 'root', ['c']);
    grow('b', 'root', []);
    grow('c', 'a', ['d']);
    grow('d', 'c', ['e']);
    grow('e', 'd', []);
    expect(await below('root')).toEqual(['a', 'b', 'c', 'd']);
    expect(await below('b')).toEqual([]);
    const many = Array.from({ length: 90 }, (_one, index) => `m${index}`);
    grow('wide', undefined, many);
    for (const id of many) {
      grow(id, 'wide', [`${id}x`, `${id}y`]);
      grow(`${id}x`, id, []);
      grow(`${id}y`, id, []);
    }
    asked.length = 0;
    expect(await below('wide')).toHaveLength(100);
    expect(asked).toEqual([100, 10, 8, 6, 4, 2]);
  });

  it('shows the fleet at once, until the reader leaves or the farm stops', async () => {
    const { port, server } = await startServer(createScriptedFarm());
    const read = () =>
      new Promise<string>((resolve) => {
        const outgoing = request({ port, path: '/cadre/v1/fleet', agent: false }, (incoming) => {
          incoming.once('data', (bytes: Buffer) => {
            resolve(bytes.toString());
            outgoing.destroy();
          });
        });
        outgoing.end();
      });
    expect(JSON.parse(dataOf(await read())[0] ?? '')).toMatchObject({ status: {}, models: [] });
    const until = new Promise<void>((resolve, reject) => {
      const outgoing = request({ port, path: '/cadre/v1/fleet', agent: false }, (incoming) => {
        incoming.once('data', () => void server.close({ drainSeconds: 0 }));
        incoming.resume().once('end', resolve).once('error', reject);
      });
      outgoing.end();
    });
    await until;
  });

  it('stops a pull whose reader leaves', async () => {
    let over = () => {};
    const aborted = new Promise<void>((resolve) => {
      over = resolve;
    });
    const farm = createScriptedFarm(
      {},
      {
        models: () => [MODEL],
        async *pull(id, signal) {
          yield { id, stage: 'fetching', bytes: 1, totalBytes: 2, problems: [] };
          await untilAborted(signal);
          over();
        },
      },
    );
    const { port } = await startServer(farm);
    const path = '/cadre/v1/models/smollm2/pull';
    const outgoing = request({ port, path, method: 'POST', agent: false }, (incoming) => {
      incoming.on('error', () => {});
      incoming.once('data', () => outgoing.destroy());
    });
    outgoing.on('error', () => {});
    outgoing.end();
    await aborted;
  });

  it('answers a stop before it happens', async () => {
    let stopped = () => {};
    const done = new Promise<void>((resolve) => {
      stopped = resolve;
    });
    const { port } = await startServer(createScriptedFarm({}, { stop: stopped }));
    const answered = await send(port, { path: '/cadre/v1/stop', body: '{}' });
    expect(answered.text).toBe('{"stopping":true}');
    await done;
  });

  it('explains a decision without asking', async () => {
    const farm = createScriptedFarm({}, { decide: async () => ({ spoke: 'small' }) as never });
    const { port } = await startServer(farm);
    const body = (model: string) =>
      JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }] });
    const decided = await send(port, { path: '/cadre/v1/decide', body: body('auto') });
    expect(JSON.parse(decided.text)).toEqual({ decision: { spoke: 'small' } });
    const missing = await send(port, { path: '/cadre/v1/decide', body: body('none') });
    expect(missing.status).toBe(404);
    expect(farm.calls).toEqual([]);
  });
});
