import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CadreError } from '../../src/core/errors.ts';
import type { Farm } from '../../src/core/farm.ts';
import { isLoopbackAddress, isOurHost } from '../../src/server/network.ts';
import { createServer } from '../../src/server/server.ts';
import { errorOf, send, startServer } from './running-server.ts';
import { CALLER, createScriptedFarm } from './scripted-farm.ts';

const MODELS = { path: '/v1/models' };

describe('without keys', () => {
  it('serves programs and its own pages, whatever key they send', async () => {
    const { port } = await startServer(createScriptedFarm());
    for (const headers of [
      {},
      { authorization: 'Bearer sk-anything' },
      { host: `localhost:${port}` },
      { host: 'localhost' },
      { host: '127.0.0.1' },
      { origin: `http://127.0.0.1:${port}`, 'sec-fetch-site': 'same-origin' },
    ])
      expect((await send(port, { ...MODELS, headers })).status).toBe(200);
  });

  it.each<[string, (port: number) => Record<string, string>]>([
    ['a rebound name', (port) => ({ host: `evil.example:${port}` })],
    ['a name that only begins like ours', (port) => ({ host: `127.0.0.1.evil.example:${port}` })],
    ['another port of this machine', (port) => ({ host: `127.0.0.1:${port + 1}` })],
    ['a foreign origin', () => ({ origin: 'https://evil.example' })],
    ['an origin of the port that a browser leaves out', () => ({ origin: 'http://localhost' })],
    ['an origin of another port', (port) => ({ origin: `http://localhost:${port + 1}` })],
    ['an opaque origin', () => ({ origin: 'null' })],
    ['a cross-site page', () => ({ 'sec-fetch-site': 'cross-site' })],
    ['a page of another port', () => ({ 'sec-fetch-site': 'same-site' })],
    ['a forwarding proxy', () => ({ 'x-forwarded-for': '203.0.113.9' })],
  ])('refuses %s on both planes', async (_what, headers) => {
    const { port } = await startServer(createScriptedFarm());
    for (const path of ['/v1/models', '/metrics', '/cadre/v1/status']) {
      const answered = await send(port, { path, headers: headers(port) });
      expect([answered.status, errorOf(answered).code]).toEqual([403, 'origin_refused']);
      expect(Object.keys(answered.headers).join()).not.toContain('access-control');
    }
  });

  it('refuses another machine even by the right name', async () => {
    const addresses = Object.values(networkInterfaces()).flat();
    const outer = addresses.find((one) => one?.family === 'IPv4' && !one.internal)?.address;
    expect(isLoopbackAddress(outer ?? '192.0.2.1')).toBe(false);
    if (outer === undefined) return;
    const server = createServer({ farm: createScriptedFarm(), log: () => {} });
    const { port } = await server.listen({ host: '0.0.0.0', port: 0 });
    onTestFinished(() => server.close({ drainSeconds: 0 }));
    const headers = { host: `127.0.0.1:${port}` };
    const answer = await fetchFrom(outer, port, headers);
    expect(answer).toBe(403);
  });

  it('accepts the hosts of the configuration', async () => {
    const farm = createScriptedFarm({ server: { allowedHosts: ['farm.example'] } });
    const { port } = await startServer(farm);
    const headers = { host: 'farm.example', origin: 'https://farm.example' };
    expect((await send(port, { ...MODELS, headers })).status).toBe(200);
  });

  it('says that it lives to everybody', async () => {
    const { port } = await startServer(createScriptedFarm());
    const headers = { host: 'pod.cluster' };
    expect((await send(port, { path: '/health/live', headers })).text).toBe('{"status":"live"}');
    expect((await send(port, { path: '/health/ready', headers })).status).toBe(200);
  });

  it('is not ready while receipts cannot be stored', async () => {
    let problem: CadreError | undefined = new CadreError('disk_full', '/home/x is full');
    const farm = createScriptedFarm();
    const { port } = await startServer(Object.assign(farm, { storeProblem: async () => problem }));
    const ready = await send(port, { path: '/health/ready' });
    expect([ready.status, JSON.parse(ready.text)]).toEqual([
      503,
      { status: 'failing', reason: 'no space is left to store receipts' },
    ]);
    problem = undefined;
    expect((await send(port, { path: '/health/ready' })).status).toBe(200);
  });

  it('says why it is not ready', async () => {
    const farm = createScriptedFarm({ fleet: { offline: true } });
    const status = { ...farm.status(), ready: false };
    const { port } = await startServer(Object.assign(farm, { status: () => status }));
    const ready = await send(port, { path: '/health/ready' });
    expect([ready.status, JSON.parse(ready.text)]).toEqual([
      503,
      { status: 'starting', reason: expect.stringContaining('the farm is offline') },
    ]);
  });
});

async function fetchFrom(host: string, port: number, headers: Record<string, string>) {
  return new Promise<number>((resolve, reject) => {
    request({ host, port, path: '/v1/models', headers, agent: false }, (incoming) => {
      incoming.resume();
      resolve(incoming.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

describe('with keys', () => {
  async function start() {
    const farm = createScriptedFarm();
    farm.keys.set('sk-user', CALLER);
    farm.keys.set('sk-operator', { ...CALLER, key: 'op', principals: ['public', 'operator'] });
    return { farm, ...(await startServer(farm)) };
  }

  it('asks for one', async () => {
    const { port } = await start();
    for (const headers of [
      {},
      { authorization: 'Bearer wrong' },
      { authorization: 'Basic c2s=' },
      { authorization: `Bearer ${'x'.repeat(600)}` },
      { cookie: 'cadre_session=wrong' },
    ]) {
      const answered = await send(port, { ...MODELS, headers });
      expect([answered.status, errorOf(answered).code]).toEqual([401, 'unauthorized']);
    }
    const headers = { authorization: 'Bearer sk-user', host: 'farm.example' };
    expect((await send(port, { ...MODELS, headers })).status).toBe(200);
  });

  it('takes the session of a signed-in page of its own only', async () => {
    const { port } = await start();
    const body = '{"token":"once"}';
    const signedIn = await send(port, { path: '/cadre/v1/session', body });
    const cookie = String(signedIn.headers['set-cookie']);
    expect(cookie).toBe('cadre_session=session-secret; Path=/; HttpOnly; SameSite=Strict');
    const session = { cookie: 'a=b; cadre_session=session-secret' };
    const status = (headers: Record<string, string>) =>
      send(port, { path: '/cadre/v1/keys', headers }).then((answer) => answer.status);
    expect(await status(session)).toBe(200);
    expect(await status({ ...session, origin: 'https://evil.example' })).toBe(403);
    expect(await status({ ...session, 'sec-fetch-site': 'cross-site' })).toBe(403);
    const again = await send(port, { path: '/cadre/v1/session', body: '{"token":"twice"}' });
    expect(again.status).toBe(401);
  });

  it('lets only operators change the farm', async () => {
    const { port } = await start();
    const as = (key: string, path: string, method: string, body?: string) =>
      send(port, {
        path: `/cadre/v1${path}`,
        method,
        headers: { authorization: `Bearer ${key}` },
        ...(body === undefined ? {} : { body }),
      });
    for (const [method, path, body] of [
      ['POST', '/keys', '{"name":"x"}'],
      ['GET', '/keys'],
      ['DELETE', '/keys/key_1'],
      ['POST', '/token'],
      ['GET', '/gate/rows'],
      ['GET', '/gate/rows?before=1&beforeId=req_a'],
      ['POST', '/collections/a/index', '{"folder":"/a"}'],
    ] as const) {
      expect((await as('sk-user', path, method, body)).status).toBe(403);
      expect((await as('sk-operator', path, method, body)).status).toBe(200);
    }
    expect((await as('sk-user', '/status', 'GET')).status).toBe(200);
    const own = JSON.parse((await as('sk-user', '/receipts', 'GET')).text);
    expect(own.receipts.map((receipt: { id: string }) => receipt.id)).toEqual(['req_mine']);
    expect((await as('sk-user', '/receipts/req_other', 'GET')).status).toBe(404);
    expect((await as('sk-operator', '/receipts/req_other', 'GET')).status).toBe(200);
  });

  it('lets nobody but this machine name sources that are no folders', async () => {
    const { farm, port } = await start();
    const asked: unknown[] = [];
    Object.assign(farm, {
      async *index(request: unknown) {
        asked.push(request);
        yield { collection: 'law', stage: 'listing', done: 0, total: 0 };
      },
    });
    const index = async (key: string, body: object) => {
      const headers = { authorization: `Bearer ${key}` };
      const path = '/cadre/v1/collections/law/index';
      return (await send(port, { method: 'POST', path, headers, body: JSON.stringify(body) }))
        .status;
    };
    const feed = { kind: 'feed', url: 'http://169.254.169.254/' };
    expect(await index('sk-operator', { sources: [feed] })).toBe(403);
    expect(await index('sk-operator', {})).toBe(400);
    expect(await index('sk-user', { folder: '/law' })).toBe(403);
    expect(asked).toEqual([]);
    expect(await index('sk-operator', { folder: '/law' })).toBe(200);
    expect(asked).toMatchObject([{ name: 'law', sources: [{ kind: 'folder', folder: '/law' }] }]);
  });

  it('shows how the farm is set up to operators only', async () => {
    const { farm, port } = await start();
    const spoke = {
      id: 'law',
      description: 'Law.',
      kind: 'chat',
      tasks: ['contracts'],
      system: 'You are a lawyer.',
      model: 'vendor/large',
    } as unknown as ReturnType<Farm['spokes']>[number];
    const model = { id: 'm', problem: 'no /home/x/models/m' } as ReturnType<Farm['models']>[number];
    const row = {
      name: 'law',
      sources: [{ kind: 'folder', folder: '/home/x/law' }],
      watched: true,
      principals: ['public'],
      version: 1,
      embedder: null,
    };
    Object.assign(farm, {
      spokes: () => [spoke],
      models: () => [model],
      collections: async () => [row],
    });
    const read = async (key: string, path: string) => {
      const headers = { authorization: `Bearer ${key}` };
      return JSON.parse((await send(port, { path: `/cadre/v1${path}`, headers })).text);
    };
    const { home, pid, ...open } = farm.status();
    expect(await read('sk-user', '/status')).toEqual(open);
    expect(await read('sk-operator', '/status')).toEqual({ ...open, home, pid });
    expect(await read('sk-user', '/spokes')).toEqual({
      spokes: [{ id: 'law', description: 'Law.', kind: 'chat', tasks: ['contracts'] }],
    });
    expect(await read('sk-operator', '/spokes')).toEqual({ spokes: [spoke] });
    expect(await read('sk-user', '/models')).toEqual({ models: [{ id: 'm' }] });
    expect(await read('sk-operator', '/models')).toEqual({ models: [model] });
    const listed = { ...row, warnings: [] };
    const { sources: _sources, ...named } = listed;
    expect(await read('sk-user', '/collections')).toEqual({ collections: [named] });
    expect(await read('sk-operator', '/collections')).toEqual({ collections: [listed] });
    const first = (key: string) =>
      new Promise<string>((resolve) => {
        const headers = { authorization: `Bearer ${key}` };
        const path = '/cadre/v1/fleet';
        const outgoing = request({ port, path, headers, agent: false }, (incoming) => {
          incoming.once('data', (bytes: Buffer) => {
            resolve(bytes.toString());
            outgoing.destroy();
          });
        });
        outgoing.end();
      });
    expect(JSON.parse((await first('sk-user')).slice(6))).toEqual({
      status: open,
      models: [{ id: 'm' }],
    });
    expect(await first('sk-operator')).toContain('/home/x/models/m');
  });

  it('trusts the socket of the home', async () => {
    const { server, port } = await start();
    const folder = await mkdtemp(join(tmpdir(), 'cadre-socket-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const socketPath = join(folder, 'farm.sock');
    await server.listenSocket(socketPath);
    const made = await send(port, { socketPath, path: '/cadre/v1/token', body: '{}' });
    expect(made.text).toBe('{"token":"once"}');
  });
});

it.each([
  ['localhost:4117', true],
  ['LOCALHOST:4117', true],
  ['[::1]:4117', true],
  ['127.9.9.9:4117', true],
  ['localhost', true],
  ['[::1]', true],
  ['localhost:80', false],
  ['localhost.evil', false],
  ['localhost.evil:4117', false],
  ['user@localhost:4117', false],
  ['localhost:4117/x', false],
  ['', false],
  ['farm.example:99', true],
  ['exact.example:1', true],
  ['exact.example:2', false],
])('judges the host %s: %s', (host, expected) => {
  const ours = { port: 4117, allowedHosts: ['Farm.example', 'exact.example:1'] };
  expect(isOurHost(host, ours)).toBe(expected);
});
