import { type IncomingMessage, request } from 'node:http';
import { CadreError, ERROR_TABLE, type ErrorCode } from '../../core/errors.ts';
import type { FarmClient } from '../../core/farm-client.ts';

/** The API of the farm that listens on a Unix socket of this machine; no network is involved. */
export function createHomeClient(
  socket: string,
  where: FarmClient['where'],
  close: () => Promise<void>,
): FarmClient {
  const send = (
    method: string,
    path: string,
    body: unknown,
    signal: AbortSignal,
    headers: Readonly<Record<string, string>> = {},
  ) => exchange(socket, method, path, body, signal, headers);
  return {
    where,
    async doGet(path, { signal }) {
      return readJson(await send('GET', path, undefined, signal), signal);
    },
    async doSend(method, path, body, { signal }) {
      return readJson(await send(method, path, body, signal), signal);
    },
    async *doStream(path, body, { signal, headers }) {
      const response = await send('POST', path, body, signal, {
        ...headers,
        accept: 'text/event-stream',
      });
      if ((response.statusCode ?? 500) >= 400) await readJson(response, signal);
      yield* readEvents(response, signal);
    },
    doClose: close,
  };
}

/** True when a farm answers on the socket. */
export async function isFarmListening(socket: string): Promise<boolean> {
  try {
    const response = await exchange(
      socket,
      'GET',
      '/health/live',
      undefined,
      AbortSignal.timeout(2000),
      {},
    );
    response.resume();
    return response.statusCode === 200;
  } catch {
    // Refused, missing or silent: whatever the reason, nobody can be asked there.
    return false;
  }
}

function exchange(
  socket: string,
  method: string,
  path: string,
  body: unknown,
  signal: AbortSignal,
  headers: Readonly<Record<string, string>>,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const outgoing = request({
      socketPath: socket,
      method,
      path,
      signal,
      headers: {
        host: 'localhost',
        ...headers,
        ...(payload
          ? { 'content-type': 'application/json', 'content-length': payload.length }
          : {}),
      },
    });
    outgoing.on('response', resolve);
    outgoing.on('error', (error) =>
      reject(signal.aborted ? error : stopped('the farm stopped before it answered', error)),
    );
    outgoing.end(payload);
  });
}

async function readJson(response: IncomingMessage, signal: AbortSignal): Promise<unknown> {
  let text = '';
  response.setEncoding('utf8');
  for await (const part of piecesOf(response, signal)) text += part;
  const value: unknown = text === '' ? null : JSON.parse(text);
  if ((response.statusCode ?? 500) >= 400) throw errorOf(value);
  return value;
}

async function* readEvents(response: IncomingMessage, signal: AbortSignal): AsyncIterable<unknown> {
  let rest = '';
  response.setEncoding('utf8');
  for await (const part of piecesOf(response, signal)) {
    rest += part;
    for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
      const block = rest.slice(0, end);
      rest = rest.slice(end + 2);
      const data = block
        .split('\n')
        .filter((line) => line.startsWith('data: '))
        .map((line) => line.slice(6))
        .join('\n');
      if (data === '' || data === '[DONE]') continue;
      const value: unknown = JSON.parse(data);
      if (isErrorBody(value)) throw errorOf(value);
      yield value;
    }
  }
}

/** The body as it comes; one that breaks off means that the farm ended in the middle. */
async function* piecesOf(response: IncomingMessage, signal: AbortSignal): AsyncIterable<string> {
  try {
    yield* response as AsyncIterable<string>;
  } catch (error) {
    if (signal.aborted) throw error;
    throw stopped('the farm stopped in the middle of the answer', error);
  }
}

function stopped(message: string, cause: unknown): CadreError {
  return new CadreError('farm_stopped', message, { cause });
}

function isErrorBody(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'error' in value;
}

function errorOf(value: unknown): CadreError {
  const error = (
    value as { error?: { code?: string; message?: string; param?: string | null } } | null
  )?.error;
  const code =
    error?.code !== undefined && error.code in ERROR_TABLE ? (error.code as ErrorCode) : 'internal';
  const hint = ERROR_TABLE[code].hint;
  const message = (error?.message ?? 'the farm answered with an error')
    .replace(` ${hint}`, '')
    .replace(/\.$/, '');
  return new CadreError(code, message, error?.param ? { param: error.param } : {});
}
