import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** What happens to the bytes that come back, after the first `after` of them. */
export type TcpFault =
  | { readonly kind: 'none' }
  /** Takes the connection and never says a word; the server behind is not asked. */
  | { readonly kind: 'mute' }
  /** Closed in order, as a crashed server's kernel does it. */
  | { readonly kind: 'cut'; readonly after: number }
  | { readonly kind: 'reset'; readonly after: number }
  /** Open, and silent from then on. */
  | { readonly kind: 'stall'; readonly after: number }
  /** One byte at a time. */
  | { readonly kind: 'slow'; readonly after: number };

/** A TCP proxy in front of a server on this machine, with a fault of the wire. */
export class TcpFaultProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  /** `faultOf` is asked for each connection, by its number from 0. */
  static async start(
    target: number,
    faultOf: (connection: number) => TcpFault,
  ): Promise<TcpFaultProxy> {
    let count = 0;
    const server = createServer((client) => {
      const fault = faultOf(count);
      count += 1;
      if (fault.kind === 'mute') proxy.#keep(client);
      else proxy.#join(client, connect(target, '127.0.0.1'), fault);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = new TcpFaultProxy(server);
    return proxy;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #keep(client: Socket): void {
    this.#sockets.add(client);
    client.on('error', () => undefined);
    client.on('close', () => this.#sockets.delete(client));
    client.resume();
  }

  #join(
    client: Socket,
    upstream: Socket,
    fault: Exclude<TcpFault, { readonly kind: 'mute' }>,
  ): void {
    for (const socket of [client, upstream]) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream, { end: false });
    let passed = 0;
    upstream.on('data', (bytes: Buffer) => {
      if (fault.kind === 'none') {
        client.write(bytes);
        return;
      }
      const before = bytes.subarray(0, Math.max(0, fault.after - passed));
      const rest = bytes.subarray(before.length);
      passed += bytes.length;
      if (before.length > 0) client.write(before);
      if (rest.length === 0) return;
      if (fault.kind === 'slow') for (const byte of rest) client.write(Uint8Array.of(byte));
      else if (fault.kind !== 'stall') this.#end(client, fault.kind);
    });
  }

  /** What was passed on is on its way before the end comes. */
  #end(client: Socket, kind: 'cut' | 'reset'): void {
    if (client.destroyed) return;
    if (kind === 'cut') client.end();
    else client.write('', () => setImmediate(() => client.resetAndDestroy()));
  }
}
