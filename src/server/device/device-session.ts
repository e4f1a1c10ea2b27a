import type { RawData } from 'ws';
import type { Caller } from '../../core/call.ts';
import type { DevicePlace, Devices } from '../../core/device.ts';
import { CadreError, toCadreError } from '../../core/errors.ts';
import { type DeviceMessage, type PageSocket, readDeviceMessage } from './device-wire.ts';

/** A page that does not take what it is given is gone. */
const MOST_UNSENT_BYTES = 4 * 1024 * 1024;
/** A page that is silent for so long, though it is called, is gone; a sleeping one too. */
const CALL_MS = 15_000;
/** Close codes of RFC 6455, 7.4.1. */
const BROKE_THE_RULES = 1008;
const TRY_LATER = 1013;

type Answer = Extract<DeviceMessage, { type: 'answer' }>;

/** One page from its first word to its leaving. */
export class DeviceSession {
  readonly #socket: PageSocket;
  readonly #caller: Caller;
  readonly #devices: Devices;
  #model: string | undefined;
  #place: DevicePlace | undefined;
  #labels: ReadonlySet<string> = new Set();
  #isHeard = true;

  constructor(socket: PageSocket, caller: Caller, devices: Devices) {
    this.#socket = socket;
    this.#caller = caller;
    this.#devices = devices;
    const calling = setInterval(() => this.#call(), CALL_MS);
    calling.unref();
    socket.on('pong', () => {
      this.#isHeard = true;
    });
    socket.on('message', (data, isBinary) => this.#hear(data, isBinary));
    // What broke the connection is told by its closing.
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      clearInterval(calling);
      this.#place?.leave();
    });
  }

  #call(): void {
    if (this.#isHeard) this.#socket.ping();
    else this.#socket.terminate();
    this.#isHeard = false;
  }

  #hear(data: RawData, isBinary: boolean): void {
    const message = isBinary ? undefined : readDeviceMessage(String(data));
    try {
      if (message === undefined) throw broken('a message that is none of the protocol');
      this.#take(message);
    } catch (thrown) {
      this.#end(thrown);
    }
  }

  #take(message: DeviceMessage): void {
    if (message.type === 'join') this.#join(message.model);
    else if (message.type === 'ready') this.#serve(message.labels);
    else if (this.#place === undefined) throw broken('it answers before it serves');
    else if (message.type === 'failed') this.#place.refuse(message.id, message.reason);
    else this.#answer(this.#place, message);
  }

  #join(model: string): void {
    if (this.#model !== undefined) throw broken('it joined already');
    this.#model = model;
    void this.#deliver(model);
  }

  #answer(place: DevicePlace, { id, label, confidence, ranked }: Answer): void {
    const named = [...(label === null ? [] : [label]), ...ranked.map((one) => one.label)];
    if (named.every((one) => this.#labels.has(one)))
      place.answer(id, { label, confidence, ranked, features: 'n-grams' });
    else place.refuse(id, 'it named a label that its model does not have');
  }

  /** Sends the model, in one binary message. */
  async #deliver(model: string): Promise<void> {
    try {
      const bytes = await this.#devices.content(model, this.#caller);
      if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(bytes);
    } catch (thrown) {
      this.#end(thrown);
    }
  }

  #serve(labels: readonly string[]): void {
    if (this.#model === undefined || this.#place !== undefined)
      throw broken('it is ready out of turn');
    this.#labels = new Set(labels);
    this.#place = this.#devices.join(
      this.#caller,
      { model: this.#model, labels },
      {
        ask: (id, text) => this.#tell({ type: 'ask', id, text }),
        forget: (id) => this.#tell({ type: 'forget', id }),
      },
    );
    this.#tell({ type: 'serving' });
  }

  #tell(message: object): void {
    if (this.#socket.bufferedAmount > MOST_UNSENT_BYTES) this.#socket.terminate();
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** Tells the page why, and lets it go. */
  #end(thrown: unknown): void {
    const error = toCadreError(thrown);
    const message = error.code === 'internal' ? 'the farm failed' : error.message;
    this.#tell({ type: 'refused', code: error.code, message });
    this.#socket.close(error.retryable ? TRY_LATER : BROKE_THE_RULES);
  }
}

function broken(what: string): CadreError {
  return new CadreError('invalid_request', `the page broke the protocol: ${what}`);
}
