import { chmod, rm } from 'node:fs/promises';
import {
  createServer as createHttpServer,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import type { BatchWire } from '../core/batch.ts';
import { CadreError, errorBody, toCadreError } from '../core/errors.ts';
import type { Farm } from '../core/farm.ts';
import type { Listener } from './access.ts';
import { createAdminPlane } from './admin/admin-plane.ts';
import { Admission, uploadPlaces } from './admission.ts';
import { createBatchWire } from './batches/batch-wire.ts';
import { Connections } from './connections.ts';
import { serveConsole } from './console-files.ts';
import { refuseMethod, serveDataPlane } from './data-plane.ts';
import { DeviceDoor, isDeviceUpgrade } from './device/device-door.ts';
import { dialectOf } from './error-shapes.ts';
import type { Exchange, ServerContext } from './exchange.ts';
import { FRAME_BYTES } from './files/file-upload.ts';
import { newRequestId } from './identifiers.ts';
import { BodyReader } from './read-body.ts';
import { sendError, sendText } from './respond.ts';
import { BackgroundResponses } from './responses/background-responses.ts';

/** What a stopped request gets to say its last words. */
const ABORT_MS = 2000;
/** Requests that a client may send on one connection before the first is answered. */
const PIPELINE_MOST = 32;
const ADMIN_PATH = '/cadre/v1';

export interface Server {
  /** The wire formats, for the queue of batches. */
  readonly batchWire: BatchWire;
  /** Rejects with `port_in_use`. */
  listen(address: { readonly host: string; readonly port: number }): Promise<{ port: number }>;
  /** Listens on the home's own socket, whose callers are trusted as its owner. */
  listenSocket(path: string): Promise<void>;
  /**
   * Stops accepting, lets running requests finish for `drainSeconds`, aborts the rest and closes
   * every connection.
   */
  close(options: { readonly drainSeconds: number }): Promise<void>;
}

/** The HTTP server in front of a farm. `consoleFolder` holds the built console, when there is one. */
export function createServer(options: {
  readonly farm: Farm;
  readonly log: (line: object) => void;
  readonly consoleFolder?: string;
}): Server {
  const { farm, log } = options;
  const limits = () => farm.config.limits;
  const closing = new AbortController();
  const admission = new Admission(limits);
  const context: ServerContext = {
    farm,
    log,
    admission,
    uploads: uploadPlaces(limits),
    background: new BackgroundResponses(farm, admission),
    connections: new Connections(limits),
    bodies: new BodyReader(limits),
    closing: closing.signal,
  };
  const route = createRoute(context, options.consoleFolder);
  const door = new DeviceDoor(context);
  const servers: HttpServer[] = [];
  const start = (listener: Listener): HttpServer => {
    const server = createListener(context, listener, route, door);
    servers.push(server);
    return server;
  };

  return {
    batchWire: createBatchWire(context),
    async listen({ host, port }) {
      const listener = { isSocket: false, port };
      const server = start(listener);
      await listening(server, () => server.listen(port, host), `${host}:${port}`);
      const address = server.address();
      listener.port = typeof address === 'object' && address !== null ? address.port : port;
      return { port: listener.port };
    },
    async listenSocket(path) {
      const server = start({ isSocket: true, port: 0 });
      // Whoever holds the home's lock may replace what a killed farm left behind.
      await rm(path, { force: true });
      await listening(server, () => server.listen(path), path);
      await chmod(path, 0o600);
    },
    async close({ drainSeconds }) {
      const closed = servers.map(
        (server) => new Promise<void>((resolve) => server.close(() => resolve())),
      );
      closing.abort();
      const places = [context.admission, context.uploads];
      await Promise.all(places.map((one) => one.close(drainSeconds * 1000, ABORT_MS)));
      // Answers that are done may still be on their way to a slow reader.
      const grace = setTimeout(() => closeAll(servers), ABORT_MS);
      for (const server of servers) server.closeIdleConnections();
      await Promise.all(closed);
      clearTimeout(grace);
    },
  };
}

type Route = (exchange: Exchange) => Promise<void>;

/** The way of a request to the plane that answers it. */
function createRoute(context: ServerContext, consoleFolder: string | undefined): Route {
  const admin = createAdminPlane(context);
  return (exchange) => {
    const served = serveDataPlane(exchange);
    if (served !== undefined) return served;
    const { path, incoming } = exchange;
    if (path === ADMIN_PATH || path.startsWith(`${ADMIN_PATH}/`)) return admin(exchange);
    // Some clients look here whether anybody is at home.
    if (consoleFolder === undefined && path === '/') return serveGreeting(exchange);
    if (consoleFolder === undefined || path.startsWith('/v1/') || path.startsWith('/api/'))
      return Promise.reject(new CadreError('not_found', `there is nothing at ${path}`));
    if (incoming.method !== 'GET' && incoming.method !== 'HEAD')
      return refuseMethod(exchange, 'GET, HEAD');
    const page = serveConsole(exchange, consoleFolder);
    if (path !== '/') return page;
    return page.catch((thrown: unknown) => {
      // A console that was not built is no reason to look as if nobody were at home.
      if (toCadreError(thrown).code !== 'not_found') throw thrown;
      return serveGreeting(exchange);
    });
  };
}

async function serveGreeting(exchange: Exchange): Promise<void> {
  const { method } = exchange.incoming;
  if (method !== 'GET' && method !== 'HEAD') return refuseMethod(exchange, 'GET, HEAD');
  sendText(exchange.response, 200, 'Cadre is running', {
    'content-type': 'text/plain',
    'x-request-id': exchange.id,
  });
}

function createListener(
  context: ServerContext,
  listener: Listener,
  route: Route,
  door: DeviceDoor,
): HttpServer {
  const { limits } = context.farm.config;
  const server = createHttpServer(
    {
      headersTimeout: limits.headerSeconds * 1000,
      // Of an upload; JSON bodies have their own, shorter time.
      requestTimeout: Math.max(60, limits.requestSeconds) * 1000,
      connectionsCheckingInterval: Math.min(5000, limits.headerSeconds * 500),
      keepAliveTimeout: 65_000,
      maxHeaderSize: 32_768,
      shouldUpgradeCallback: isDeviceUpgrade,
    },
    (incoming, response) => void handle(context, listener, route, incoming, response),
  );
  // The home's own socket stays open for its owner, however many connections others open.
  if (!listener.isSocket)
    server.on('connection', (socket: IncomingMessage['socket']) => context.connections.add(socket));
  server.on('checkContinue', (incoming: IncomingMessage, response: ServerResponse) => {
    const most = isUpload(incoming) ? limits.fileBytes + FRAME_BYTES : limits.bodyBytes;
    if (Number(incoming.headers['content-length'] ?? 0) <= most) response.writeContinue();
    void handle(context, listener, route, incoming, response);
  });
  server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    void door.upgrade(listener, incoming, socket, head);
  });
  server.on('clientError', refuseBrokenRequest);
  return server;
}

function isUpload({ url = '' }: IncomingMessage): boolean {
  return url === '/v1/files' || url.startsWith('/v1/files?');
}

function closeAll(servers: readonly HttpServer[]): void {
  for (const server of servers) server.closeAllConnections();
}

async function handle(
  context: ServerContext,
  listener: Listener,
  route: Route,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = incoming.url ?? '/';
  const query = url.indexOf('?');
  const path = query < 0 ? url : url.slice(0, query);
  const id = newRequestId();
  const dialect = dialectOf(path);
  const exchange: Exchange = { server: context, incoming, response, listener, id, path, dialect };
  if (dialect === 'anthropic') response.setHeader('request-id', id);
  const { socket } = incoming;
  const requestCount = context.connections.begin(socket);
  response.once('close', () => context.connections.end(socket));
  if (context.admission.closing) response.setHeader('connection', 'close');
  try {
    if (requestCount > PIPELINE_MOST) {
      response.setHeader('connection', 'close');
      throw new CadreError('overloaded', `${PIPELINE_MOST} requests wait on this connection`);
    }
    await route(exchange);
  } catch (thrown) {
    fail(exchange, thrown);
  }
}

/** The last resort of every route. A defect's own words go to the log only. */
function fail(exchange: Exchange, thrown: unknown): void {
  const { response, id, server } = exchange;
  const error = toCadreError(thrown);
  if (error.code === 'internal') {
    const stack = thrown instanceof Error ? thrown.stack : undefined;
    server.log({ level: 'error', event: 'request-failed', id, message: error.message, stack });
  }
  // Half an answer must not look like a whole one.
  if (response.headersSent) response.destroy();
  else sendError(exchange, error);
}

async function listening(server: HttpServer, listen: () => void, where: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const code = error.code === 'EADDRINUSE' ? 'port_in_use' : 'config_invalid';
      reject(new CadreError(code, `cannot listen on ${where} (${error.code})`, { cause: error }));
    });
    server.once('listening', resolve);
    listen();
  });
}

const BROKEN: Readonly<Record<string, readonly [string, string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'the headers are too large'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'the request took too long to arrive'],
};

/** What is not HTTP gets an answer in the same shape, and its connection is closed. */
function refuseBrokenRequest(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [status, message] = BROKEN[error.code ?? ''] ?? ['400 Bad Request', 'this is not HTTP'];
  const body = JSON.stringify(errorBody(new CadreError('invalid_request', message)));
  socket.end(
    `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json\r\n` +
      `x-request-id: ${newRequestId()}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
