import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { CadreError, errorBody, toCadreError } from '../../core/errors.ts';
import { findAccess, type Listener } from '../access.ts';
import type { ServerContext } from '../exchange.ts';
import { newRequestId } from '../identifiers.ts';
import { DeviceSession } from './device-session.ts';
import { MOST_MESSAGE_BYTES } from './device-wire.ts';

const PATH = '/cadre/v1/browser-spoke';
const GOING_AWAY = 1001;
/** What a page that is told to go gets to say goodbye. */
const GOODBYE_MS = 500;

/** Whether a request asks for the web socket of pages; any other upgrade is answered as plain HTTP. */
export function isDeviceUpgrade({ url = '' }: IncomingMessage): boolean {
  return url === PATH || url.startsWith(`${PATH}?`);
}

/**
 * Lets pages in that run specialists (GET /cadre/v1/browser-spoke): of this farm's own origin with the
 * console's session, or with a key; each serves the caller that it came as.
 */
export class DeviceDoor {
  readonly #context: ServerContext;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MOST_MESSAGE_BYTES,
    perMessageDeflate: false,
  });

  constructor(context: ServerContext) {
    this.#context = context;
    context.closing.addEventListener('abort', () => this.#close(), { once: true });
  }

  async upgrade(
    listener: Listener,
    incoming: IncomingMessage,
    socket: Duplex,
    head: Buffer,
  ): Promise<void> {
    const { farm, connections, closing } = this.#context;
    const drop = () => socket.destroy();
    socket.on('error', drop);
    try {
      if (closing.aborted) throw new CadreError('shutting_down', 'the farm is stopping');
      const { caller } = await findAccess(farm, incoming, listener);
      socket.off('error', drop);
      // It counts as busy, so that it does not make room for others.
      connections.begin(incoming.socket);
      socket.once('close', () => connections.end(incoming.socket));
      this.#sockets.handleUpgrade(incoming, socket, head, (page) => {
        new DeviceSession(page, caller, farm.devices);
      });
    } catch (thrown) {
      refuse(socket, toCadreError(thrown));
    }
  }

  #close(): void {
    for (const page of this.#sockets.clients) page.close(GOING_AWAY, 'the farm is stopping');
    setTimeout(() => {
      for (const page of this.#sockets.clients) page.terminate();
    }, GOODBYE_MS).unref();
  }
}

function refuse(socket: Duplex, error: CadreError): void {
  const body = JSON.stringify(errorBody(error));
  socket.end(
    `HTTP/1.1 ${error.status} ${error.code}\r\nconnection: close\r\n` +
      `content-type: application/json\r\nx-request-id: ${newRequestId()}\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
