import { request } from 'node:http';
import { connect, type Socket } from 'node:net';

/** What one attacker does until it is stopped; resolves to how many requests or connections it made. */
export type Attack = (port: number, stopped: () => boolean) => Promise<number>;

const HI = '{"role":"user","content":"hi"}';
const MEGABYTE = 1024 * 1024;
/** Between two hostile bodies. */
const PAUSE_MS = 50;

/** Bodies that must be refused. */
export const BODIES: Readonly<Record<string, string | Buffer>> = {
  'depth-100000': `{"model":"auto","messages":[${HI}],"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
  'messages-300000': `{"model":"auto","messages":[${Array(300_000).fill(HI).join()}]}`,
  'repeated-key': `{"model":"auto","messages":[${HI}],"model":"hub"}`,
  'half-surrogate': `{"model":"auto","messages":[${HI}],"user":"\\ud800"}`,
  'invalid-utf8': Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d]),
  nul: `{"model":"auto","messages":[${HI}],"user":"a\\u0000b"}`,
  'negative-limit': `{"model":"auto","messages":[${HI}],"max_tokens":-1}`,
  'body-100mb': 'poured',
};

/** One hostile body; resolves to the status, 0 where the connection was cut. */
export function sendBody(port: number, name: string): Promise<number> {
  const body = BODIES[name] ?? '';
  return new Promise((resolve) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port,
        method: 'POST',
        path: '/v1/chat/completions',
        agent: false,
        headers: { 'content-type': 'application/json' },
      },
      (incoming) => {
        incoming.resume();
        incoming.on('end', () => resolve(incoming.statusCode ?? 0));
        incoming.on('error', () => resolve(incoming.statusCode ?? 0));
      },
    );
    outgoing.on('error', () => resolve(0));
    if (name !== 'body-100mb') {
      outgoing.end(body);
      return;
    }
    const piece = Buffer.alloc(64 * 1024, 'x');
    let left = 100 * MEGABYTE;
    const more = () => {
      while (left > 0 && !outgoing.destroyed) {
        left -= piece.length;
        if (!outgoing.write(piece)) {
          outgoing.once('drain', more);
          return;
        }
      }
      if (!outgoing.destroyed) outgoing.end();
    };
    more();
  });
}

function bodies(name: string): Attack {
  return async (port, stopped) => {
    let count = 0;
    while (!stopped()) {
      await sendBody(port, name);
      count += 1;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    return count;
  };
}

/**
 * Opens `most` connections, as slowhttptest does: 2,000 a second, none again that was closed; each
 * with `head` sent and `drip` sent ten times a second.
 */
function connections(most: number, head: string, drip: string): Attack {
  return async (port, stopped) => {
    const open = new Set<Socket>();
    let count = 0;
    while (!stopped()) {
      for (let round = 0; round < 200 && count < most; round += 1) {
        const source = `127.0.${Math.floor(count / 250) % 200}.${2 + (count % 250)}`;
        const socket = connect({ port, host: '127.0.0.1', localAddress: source });
        count += 1;
        open.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => open.delete(socket));
        socket.on('connect', () => head !== '' && socket.write(head));
      }
      if (drip !== '') for (const socket of open) if (socket.writable) socket.write(drip);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    for (const socket of open) socket.destroy();
    return count;
  };
}

const POST = 'POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\n';

/** What others are served beside. */
export const ATTACKS: Readonly<Record<string, Attack>> = {
  'idle-10000': connections(10_000, '', ''),
  'slow-headers': connections(1000, POST, 'x-a: b\r\n'),
  'slow-body': connections(
    1000,
    `${POST}content-type: application/json\r\ncontent-length: 100000\r\n\r\n{`,
    ' ',
  ),
  'slow-read': connections(500, 'GET /v1/models HTTP/1.1\r\nhost: localhost\r\n\r\n', ''),
  'header-flood': connections(200, `GET / HTTP/1.1\r\n${'x-a: b\r\n'.repeat(5000)}`, ''),
  'depth-100000': bodies('depth-100000'),
  'messages-300000': bodies('messages-300000'),
  'body-100mb': bodies('body-100mb'),
};
