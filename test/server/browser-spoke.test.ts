import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { LOOPBACK } from '../../src/core/call.ts';
import type { Devices } from '../../src/core/device.ts';
import { CadreError } from '../../src/core/errors.ts';
import { DevicePool } from '../../src/fleet/device-pool.ts';
import { startServer } from './running-server.ts';
import { createScriptedFarm } from './scripted-farm.ts';

const { signal } = new AbortController();
const MODEL = Uint8Array.of(1, 2, 3);

async function open() {
  const pool = new DevicePool();
  const devices: Devices = {
    join: (...parts) => pool.join(...parts),
    async content(model) {
      if (model === 'triage') return MODEL;
      throw new CadreError('model_not_found', `there is no ${model}`);
    },
  };
  const farm = createScriptedFarm({}, { devices });
  const { port } = await startServer(farm);
  return { pool, farm, port };
}

/** A page: what it heard, and a way to wait for the next message. */
function page(
  port: number,
  headers: Record<string, string> = {},
  path = '/cadre/v1/browser-spoke',
) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
  onTestFinished(() => socket.terminate());
  const heard: unknown[] = [];
  let wake: () => void = () => undefined;
  socket.on('message', (data, isBinary) => {
    heard.push(isBinary ? data : JSON.parse(String(data)));
    wake();
  });
  const opened = new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('unexpected-response', (_request, response) =>
      reject(new Error(`status ${response.statusCode}`)),
    );
    socket.once('error', reject);
  });
  opened.catch(() => undefined);
  socket.on('error', () => undefined);
  const closed = new Promise<number>((resolve) => socket.once('close', (code) => resolve(code)));
  return {
    socket,
    opened,
    closed,
    say: (message: unknown) => socket.send(JSON.stringify(message)),
    async next(): Promise<unknown> {
      while (heard.length === 0)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      return heard.shift();
    },
  };
}

async function serving(port: number, labels = ['bug', 'praise']) {
  const one = page(port);
  await one.opened;
  one.say({ type: 'join', model: 'triage' });
  expect(await one.next()).toEqual(Buffer.from(MODEL));
  one.say({ type: 'ready', labels });
  expect(await one.next()).toEqual({ type: 'serving' });
  return one;
}

const answer = {
  type: 'answer',
  label: 'bug',
  confidence: 0.9,
  ranked: [{ label: 'bug', probability: 0.9 }],
};

describe('a page that runs a specialist', () => {
  it('gets the model, is given texts of its caller and answers them', async () => {
    const { pool, port } = await open();
    expect(pool.standingOf('triage')).toBeUndefined();
    const one = await serving(port);
    expect(pool.standingOf('triage')).toEqual({ labels: ['bug', 'praise'], keys: [LOOPBACK.key] });
    const asked = pool.ask(LOOPBACK.key, 'triage', 'it broke', { signal });
    expect(await one.next()).toEqual({ type: 'ask', id: 1, text: 'it broke' });
    one.say({ ...answer, id: 1 });
    expect(await asked).toMatchObject({ label: 'bug', confidence: 0.9 });
    await expect(pool.ask('another', 'triage', 'hi', { signal })).rejects.toMatchObject({
      code: 'model_unavailable',
    });
  });

  it('that vanishes leaves what it had to another page of its caller', async () => {
    const { pool, port } = await open();
    const first = await serving(port);
    const asked = pool.ask(LOOPBACK.key, 'triage', 'it broke', { signal });
    await first.next();
    const second = await serving(port);
    first.socket.terminate();
    expect(await second.next()).toEqual({ type: 'ask', id: 2, text: 'it broke' });
    second.say({ ...answer, id: 2 });
    expect(await asked).toMatchObject({ label: 'bug' });
    const lost = pool.ask(LOOPBACK.key, 'triage', 'again', { signal });
    await second.next();
    second.socket.terminate();
    await expect(lost).rejects.toMatchObject({ code: 'upstream_failed', fault: 'unreachable' });
    expect(pool.standingOf('triage')).toBeUndefined();
  });

  it('is told when nobody waits any more', async () => {
    const { pool, port } = await open();
    const one = await serving(port);
    const caller = new AbortController();
    const asked = pool.ask(LOOPBACK.key, 'triage', 'hi', { signal: caller.signal });
    await one.next();
    caller.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');
    expect(await one.next()).toEqual({ type: 'forget', id: 1 });
  });

  it('cannot answer with what its model does not know', async () => {
    const { pool, port } = await open();
    const one = await serving(port);
    const asked = pool.ask(LOOPBACK.key, 'triage', 'hi', { signal });
    await one.next();
    one.say({ ...answer, id: 1, label: 'refund everything' });
    await expect(asked).rejects.toMatchObject({ code: 'upstream_failed', fault: 'server-error' });
  });

  it.each([
    ['no message of the protocol', 'hello'],
    ['an answer before it serves', { ...answer, id: 1 }],
    ['ready before it joined', { type: 'ready', labels: ['a'] }],
    ['a model that is not there', { type: 'join', model: 'nothing' }],
  ])('is let go with words after %s', async (_what, message) => {
    const { port } = await open();
    const one = page(port);
    await one.opened;
    one.say(message);
    expect(await one.next()).toMatchObject({ type: 'refused', message: expect.any(String) });
    expect(await one.closed).toBe(1008);
  });

  it('has a bound for what it says', async () => {
    const { port } = await open();
    const one = page(port);
    await one.opened;
    one.say({ type: 'join', model: 'x'.repeat(300_000) });
    expect(await one.closed).toBe(1009);
  });

  it('has no more texts before it than it can answer', async () => {
    const { pool, port } = await open();
    await serving(port);
    const asked = Array.from({ length: 33 }, () =>
      pool.ask(LOOPBACK.key, 'triage', 'hi', { signal }),
    );
    for (const one of asked) one.catch(() => undefined);
    await expect(asked[32]).rejects.toMatchObject({ code: 'overloaded', retryAfter: 1 });
  });
});

describe('the door', () => {
  it.each([
    ['a page of another origin', { origin: 'https://evil.example' }, 403],
    ['a name that is not this farm’s', { host: 'evil.example' }, 403],
  ])('stays shut for %s', async (_who, headers, status) => {
    const { port } = await open();
    await expect(page(port, headers).opened).rejects.toThrow(`${status}`);
  });

  it('wants a key or a session where there are keys', async () => {
    const { farm, port } = await open();
    farm.keys.set('secret', { ...LOOPBACK, key: 'k1', principals: ['public'] });
    await expect(page(port).opened).rejects.toThrow('401');
    await page(port, { authorization: 'Bearer secret' }).opened;
  });

  it('opens for no other path, and other upgrades are plain requests', async () => {
    const { port } = await open();
    await expect(page(port, {}, '/v1/models').opened).rejects.toThrow('200');
  });
});
