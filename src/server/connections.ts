import type { IncomingMessage } from 'node:http';

type Socket = IncomingMessage['socket'];

interface Connection {
  readonly socket: Socket;
  readonly address: string;
  /** Requests that are being answered. */
  active: number;
}

export interface ConnectionLimits {
  readonly connections: number;
  readonly connectionsPerAddress: number;
}

/**
 * The open connections, in all and per address. Room for a new one is made by closing the one that
 * is idle for longest: whoever opens connections and sends nothing only pushes out himself and
 * others who do nothing.
 */
export class Connections {
  readonly #limits: () => ConnectionLimits;
  /** The one that has been idle for longest first, among those that are idle. */
  readonly #open = new Map<Socket, Connection>();
  readonly #perAddress = new Map<string, Set<Connection>>();

  constructor(limits: () => ConnectionLimits) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#open.size;
  }

  /** A new connection: it, or an idle one in its place, is closed when there are too many. */
  add(socket: Socket): void {
    const connection = { socket, address: socket.remoteAddress ?? '', active: 0 };
    const ofAddress = this.#perAddress.get(connection.address) ?? new Set();
    this.#perAddress.set(connection.address, ofAddress);
    const { connections, connectionsPerAddress } = this.#limits();
    const isFull =
      (ofAddress.size >= connectionsPerAddress && !this.#closeIdle(ofAddress)) ||
      (this.#open.size >= connections && !this.#closeIdle(this.#open.values()));
    if (isFull) {
      if (ofAddress.size === 0) this.#perAddress.delete(connection.address);
      socket.destroy();
      return;
    }
    this.#open.set(socket, connection);
    ofAddress.add(connection);
    // Making room may have taken away the last one of the address.
    this.#perAddress.set(connection.address, ofAddress);
    socket.once('close', () => this.#remove(connection));
  }

  /** A request began on the connection; returns how many are being answered on it now. */
  begin(socket: Socket): number {
    const connection = this.#open.get(socket);
    if (connection === undefined) return 1;
    connection.active += 1;
    return connection.active;
  }

  end(socket: Socket): void {
    const connection = this.#open.get(socket);
    if (connection === undefined) return;
    connection.active -= 1;
    if (connection.active > 0) return;
    // Put in anew, it is the one that became idle last.
    this.#open.delete(socket);
    this.#open.set(socket, connection);
    const ofAddress = this.#perAddress.get(connection.address);
    ofAddress?.delete(connection);
    ofAddress?.add(connection);
  }

  /** Closes the first that is idle; false where none is. */
  #closeIdle(connections: Iterable<Connection>): boolean {
    for (const connection of connections) {
      if (connection.active > 0) continue;
      this.#remove(connection);
      connection.socket.destroy();
      return true;
    }
    return false;
  }

  #remove(connection: Connection): void {
    this.#open.delete(connection.socket);
    const ofAddress = this.#perAddress.get(connection.address);
    ofAddress?.delete(connection);
    if (ofAddress?.size === 0) this.#perAddress.delete(connection.address);
  }
}
