import type { ServerResponse } from 'node:http';
import type { CadreError } from '../core/errors.ts';
import { printError } from './error-shapes.ts';
import type { Exchange } from './exchange.ts';
import { publicError } from './failure.ts';

/** A reader that takes nothing for this long is dropped. */
export const STALL_MS = 60_000;
/** Within that time a reader takes at least this much, about 1 kB/s. */
const LEAST_BYTES = 64_000;
/** After a refusal within the body, how long the sender may need to notice. */
const LINGER_MS = 1000;
const LINGER_BYTES = 256_000;

export type Headers = Record<string, string | number>;

/** Sends JSON text (or other text) at once, with the request's id. */
export function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Headers,
): void {
  if (response.destroyed || response.headersSent) return;
  // With its length an answer is one write; without it node:http would send it in chunks.
  const length = status === 204 ? {} : { 'content-length': Buffer.byteLength(text) };
  response.writeHead(status, { ...headers, ...length });
  response.end(text);
  dropStalledReader(response);
}

export function sendJson(
  response: ServerResponse,
  value: unknown,
  id: string,
  headers: Headers = {},
): void {
  sendText(response, 200, JSON.stringify(value), {
    'content-type': 'application/json',
    'x-request-id': id,
    ...headers,
  });
}

/** Buffers that nobody empties, or only drop by drop, must not live forever. */
export function dropStalledReader(response: ServerResponse): void {
  let left = response.writableLength;
  if (left === 0 || response.destroyed) return;
  const timer = setInterval(() => {
    const taken = left - response.writableLength;
    left -= taken;
    if (taken < LEAST_BYTES) response.destroy();
  }, STALL_MS);
  response.once('close', () => clearInterval(timer));
}

export function errorHeaders(error: CadreError, id: string): Headers {
  const { status } = error;
  const wait = error.retryAfter ?? (error.retryable && status !== 504 ? 1 : undefined);
  return {
    'content-type': 'application/json',
    'x-request-id': id,
    // OpenAI's clients retry 429 and 5xx unless told otherwise.
    'x-should-retry': String(error.retryable),
    ...(wait === undefined ? {} : { 'retry-after': Math.ceil(wait) }),
  };
}

/** An error as JSON. A body that is still arriving is cut off, but its sender can read the answer. */
export function sendError(exchange: Exchange, error: CadreError, headers: Headers = {}): void {
  const { incoming, response, id, dialect } = exchange;
  if (response.destroyed || response.headersSent) return;
  const text = JSON.stringify(printError(dialect, publicError(error), id));
  const all = { ...errorHeaders(error, id), ...headers };
  if (incoming.complete || incoming.method === 'GET' || incoming.method === 'HEAD') {
    sendText(response, error.status, text, all);
    return;
  }
  // Closing at once would reset the connection before a sender in full flow reads the answer.
  response.writeHead(error.status, {
    ...all,
    'content-length': Buffer.byteLength(text),
    connection: 'close',
  });
  response.write(text);
  const end = () => response.end();
  const timer = setTimeout(end, LINGER_MS);
  incoming.once('end', end);
  response.once('close', () => clearTimeout(timer));
  let drained = 0;
  incoming.on('data', (part: Buffer) => {
    drained += part.length;
    // Who sends without end is not read without end; he has the answer and some time to see it.
    if (drained > LINGER_BYTES) incoming.pause();
  });
}
