import { type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Farm } from '../../src/core/farm.ts';
import { createServer, type Server } from '../../src/server/server.ts';

export interface RunningServer {
  readonly server: Server;
  readonly port: number;
  readonly url: string;
  readonly lines: object[];
}

/** A server on a free port of this machine, closed when the test ends. */
export async function startServer(farm: Farm, consoleFolder?: string): Promise<RunningServer> {
  const lines: object[] = [];
  const server = createServer({
    farm,
    log: (line) => lines.push(line),
    ...(consoleFolder === undefined ? {} : { consoleFolder }),
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => server.close({ drainSeconds: 0 }));
  return { server, port, url: `http://127.0.0.1:${port}`, lines };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

export interface Send {
  readonly method?: string;
  readonly path: string;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly socketPath?: string;
}

/** One request with headers that fetch would not let through, such as Host. */
export function send(port: number, options: Send): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        ...(options.socketPath === undefined
          ? { host: '127.0.0.1', port }
          : { socketPath: options.socketPath }),
        method: options.method ?? (options.body === undefined ? 'GET' : 'POST'),
        path: options.path,
        agent: false,
        headers: {
          ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...options.headers,
        },
      },
      (incoming) => {
        let text = '';
        incoming.setEncoding('utf8');
        incoming.on('data', (part: string) => {
          text += part;
        });
        incoming.on('end', () =>
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text }),
        );
        incoming.on('error', reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.end(options.body);
  });
}

export function chat(
  port: number,
  body: object | string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return send(port, { path: '/v1/chat/completions', body: text, headers });
}

export const HELLO = { model: 'auto', messages: [{ role: 'user', content: 'hi' }] };

export function errorOf(answer: Answer): { code: string; message: string; param: string | null } {
  return (JSON.parse(answer.text) as { error: { code: string; message: string; param: string } })
    .error;
}

/** The `data:` payloads of a stream. */
export function dataOf(text: string): string[] {
  return text
    .split('\n\n')
    .filter((block) => block.startsWith('data: '))
    .map((block) => block.slice(6));
}

/** A bare connection, for clients that misbehave. */
export function openSocket(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.once('error', reject);
    onTestFinished(() => {
      socket.destroy();
    });
  });
}

export function rawChat(body: object): string {
  const text = JSON.stringify(body);
  return (
    'POST /v1/chat/completions HTTP/1.1\r\ncontent-type: application/json\r\n' +
    `content-length: ${Buffer.byteLength(text)}\r\n`
  ).concat('host: HOST\r\n\r\n', text);
}
