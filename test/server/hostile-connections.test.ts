import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { HostileTarget, MEGABYTE } from './hostile-process.ts';
import { chat, HELLO, openSocket, rawChat, send } from './running-server.ts';

/** `bench hostile-load` opens as many as the system allows. */
const IDLE_COUNT = 1000;
const CHAT = rawChat(HELLO).replace('HOST', 'localhost');

/** Ways to make two programs disagree where a request ends. */
const SMUGGLING: readonly (readonly [string, string])[] = [
  ['a length and chunks', 'content-length: 5\r\ntransfer-encoding: chunked\r\n'],
  ['chunks and a length', 'transfer-encoding: chunked\r\ncontent-length: 5\r\n'],
  ['two lengths', 'content-length: 5\r\ncontent-length: 6\r\n'],
  ['a list of lengths', 'content-length: 5, 6\r\n'],
  ['a signed length', 'content-length: +5\r\n'],
  ['a negative length', 'content-length: -5\r\n'],
  ['an unknown coding', 'transfer-encoding: xchunked\r\n'],
  ['chunks that are not last', 'transfer-encoding: chunked, identity\r\n'],
  ['a space before the colon', 'transfer-encoding : chunked\r\n'],
  ['a folded header', 'x-a: b\r\n transfer-encoding: chunked\r\n'],
  ['a bare line feed', 'x-a: b\ntransfer-encoding: chunked\r\n'],
  ['a NUL in a header', 'x-a: b\0c\r\n'],
];

/** All bytes of the other side until it closes. */
async function untilClosed(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (part) => {
    text += part.toString('latin1');
  });
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => {
    if (socket.destroyed) resolve();
    else socket.on('close', () => resolve());
  });
  return text;
}

/** Sends a piece every few milliseconds until the other side has had enough. */
function drip(socket: Socket, piece: string): void {
  const timer = setInterval(() => {
    if (socket.destroyed || !socket.writable) clearInterval(timer);
    else socket.write(piece);
  }, 20);
  onTestFinished(() => clearInterval(timer));
}

describe('slow clients', () => {
  it('that never end their headers are told and closed', async () => {
    const target = await HostileTarget.start({ limits: { headerSeconds: 0.3 } });
    const socket = await openSocket(target.port);
    const closed = untilClosed(socket);
    socket.write('POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\n');
    drip(socket, 'x-a: b\r\n');
    expect(await closed).toMatch(/^HTTP\/1\.1 408 /);
    expect(await target.serves()).toBe(true);
  });

  it('that never end their body hold no place, are told and closed', async () => {
    const limits = { bodySeconds: 0.5, concurrentRequests: 2 };
    const target = await HostileTarget.start({ limits });
    const sockets = await Promise.all(Array.from({ length: 8 }, () => openSocket(target.port)));
    const closed = sockets.map(untilClosed);
    for (const socket of sockets) {
      socket.write(
        `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:${target.port}\r\n` +
          'content-type: application/json\r\ncontent-length: 100000\r\n\r\n{"model"',
      );
      drip(socket, ' ');
    }
    expect(await target.serves()).toBe(true);
    for (const text of await Promise.all(closed)) expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect(await target.serves()).toBe(true);
  });

  it('that ask for a thousand overlapping ranges get one answer', async () => {
    const target = await HostileTarget.start();
    const ranges = Array.from({ length: 1300 }, (_, at) => `5-${at}`).join(',');
    const answer = await send(target.port, {
      path: '/v1/models',
      headers: { range: `bytes=0-,${ranges}` },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.text.length).toBeLessThan(10_000);
  });
});

describe('many connections', () => {
  it('that do nothing push out each other, not those who ask', async () => {
    const limits = { connections: 200, connectionsPerAddress: 100 };
    const target = await HostileTarget.start({ limits });
    expect(await target.serves()).toBe(true);
    const before = target.memory();
    let open = 0;
    for (let count = 0; count < IDLE_COUNT; count += 1) {
      const socket = connect({
        port: target.port,
        host: '127.0.0.1',
        localAddress: `127.0.0.${2 + (count % 20)}`,
      });
      socket.on('error', () => undefined);
      socket.on('connect', () => {
        open += 1;
      });
      socket.on('close', () => {
        open -= 1;
      });
      onTestFinished(() => {
        socket.destroy();
      });
      if (count % 200 === 199) expect(await target.serves()).toBe(true);
    }
    while (open > 200) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await target.serves()).toBe(true);
    if (before !== undefined) expect((target.memory() ?? 0) - before).toBeLessThan(60 * MEGABYTE);
  });

  it('of one address leave room for others', async () => {
    const limits = { connections: 30, connectionsPerAddress: 10 };
    const target = await HostileTarget.start({ limits });
    const quiet = connect({ port: target.port, host: '127.0.0.1', localAddress: '127.0.0.9' });
    await once(quiet, 'connect');
    onTestFinished(() => {
      quiet.destroy();
    });
    for (let count = 0; count < 100; count += 1) await openSocket(target.port);
    expect(await target.serves()).toBe(true);
    quiet.write('GET /health/live HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n');
    expect(await untilClosed(quiet)).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe('one connection', () => {
  it('that pipelines is answered in order, and not without end', async () => {
    const target = await HostileTarget.start();
    const socket = await openSocket(target.port);
    const live = 'GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n';
    const last = 'GET /nowhere HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n';
    const closed = untilClosed(socket);
    socket.write(live.repeat(20) + last);
    const statuses = [...(await closed).matchAll(/HTTP\/1\.1 (\d+)/g)].map((one) => one[1]);
    expect(statuses).toEqual([...Array(20).fill('200'), '404']);
    const before = target.memory();
    const flood = await openSocket(target.port);
    const over = untilClosed(flood);
    flood.write(live.repeat(20_000) + last);
    // Some are refused, as more wait on one connection than may; memory stays what it was.
    expect([...(await over).matchAll(/HTTP\/1\.1 (\d+)/g)].length).toBeGreaterThan(20);
    expect(await target.serves()).toBe(true);
    if (before !== undefined) expect((target.memory() ?? 0) - before).toBeLessThan(100 * MEGABYTE);
  });

  it('that sends too many headers is refused', async () => {
    const target = await HostileTarget.start();
    for (const header of ['x-a: b\r\n'.repeat(20_000), `x-a: ${'b'.repeat(100_000)}\r\n`]) {
      const socket = await openSocket(target.port);
      const closed = untilClosed(socket);
      socket.write(`GET /health/live HTTP/1.1\r\nhost: localhost\r\n${header}\r\n`);
      // The reset for what was not read any more may overtake the answer.
      expect(await closed).toMatch(/^$|^HTTP\/1\.1 431 /);
    }
    expect(await target.serves()).toBe(true);
  });

  it('cannot smuggle a second request', async () => {
    const target = await HostileTarget.start();
    for (const [what, headers] of SMUGGLING) {
      const socket = await openSocket(target.port);
      const closed = untilClosed(socket);
      socket.write(
        `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n${headers}\r\n` +
          '0\r\n\r\nGET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n',
      );
      const statuses = [...(await closed).matchAll(/HTTP\/1\.1 (\d+)/g)].map((one) => one[1]);
      expect([what, ...statuses]).toEqual([what, '400']);
    }
    expect(await target.serves()).toBe(true);
  });

  it('that sends no HTTP at all is told so', async () => {
    const target = await HostileTarget.start();
    for (const bytes of ['\x16\x03\x01\x02\0\x01\0', '\0'.repeat(100), CHAT.slice(5)]) {
      const socket = await openSocket(target.port);
      const closed = untilClosed(socket);
      socket.write(bytes);
      expect(await closed).toMatch(/^HTTP\/1\.1 400 /);
    }
    expect((await chat(target.port, HELLO)).status).toBe(200);
  });
});
