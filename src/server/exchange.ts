import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dialect } from '../core/chat.ts';
import type { Farm } from '../core/farm.ts';
import type { Listener } from './access.ts';
import type { Admission } from './admission.ts';
import type { Connections } from './connections.ts';
import type { BodyReader } from './read-body.ts';
import type { BackgroundResponses } from './responses/background-responses.ts';

/** What lives as long as the server. */
export interface ServerContext {
  readonly farm: Farm;
  readonly log: (line: object) => void;
  readonly admission: Admission;
  /** Uploads have places of their own: a slow sender takes none from those who ask. */
  readonly uploads: Admission;
  readonly connections: Connections;
  readonly bodies: BodyReader;
  /** Responses that run without a caller who waits. */
  readonly background: BackgroundResponses;
  /** Aborts when the server begins to close: endless streams end. */
  readonly closing: AbortSignal;
}

/** One request and its answer. */
export interface Exchange {
  readonly server: ServerContext;
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly listener: Listener;
  /** `req_` + 24 characters; the receipt's id where the request makes one. */
  readonly id: string;
  /** Decoded neither in path nor query. */
  readonly path: string;
  /** Of the path; errors take its shape. */
  readonly dialect: Dialect;
}

/** A controller that aborts in the tick in which the other side goes away. */
export function abortOnClose(exchange: Exchange): AbortController {
  const controller = new AbortController();
  const { response } = exchange;
  response.once('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller;
}
