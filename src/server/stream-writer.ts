import type { ServerResponse } from 'node:http';
import { dropStalledReader, type Headers } from './respond.ts';
import { untilRead } from './until-read.ts';

/** Proxies close a connection that is silent for 30 to 60 s; a comment keeps it. */
const HEARTBEAT_MS = 15_000;
/** Text of one turn of the event loop that is written at once. */
const PENDING_LENGTH = 64 * 1024;

/**
 * Writes a streamed answer. What one turn of the event loop prints goes out in one write (a burst
 * of chunks costs one system call); the reader's back-pressure stops the printing; a reader that
 * takes nothing for 60 s is dropped. The headers go with the first byte.
 */
export class StreamWriter {
  readonly #response: ServerResponse;
  readonly #options: {
    /** Asked when the first byte goes out. */
    readonly headers: () => Headers;
    readonly heartbeat: string | undefined;
  };
  readonly #heartbeat: NodeJS.Timeout;
  #pending = '';
  #isScheduled = false;
  #blocked: Promise<void> | undefined;

  constructor(
    response: ServerResponse,
    options: { readonly headers: () => Headers; readonly heartbeat: string | undefined },
  ) {
    this.#response = response;
    this.#options = options;
    this.#heartbeat = setTimeout(() => this.#beat(), HEARTBEAT_MS);
    response.once('close', () => clearTimeout(this.#heartbeat));
  }

  get started(): boolean {
    return this.#response.headersSent;
  }

  /** Returns a promise only while the reader is behind: wait for it before printing more. */
  write(text: string): Promise<void> | undefined {
    if (text === '') return this.#blocked;
    this.#pending += text;
    if (this.#pending.length >= PENDING_LENGTH) this.#flush();
    else if (!this.#isScheduled) {
      this.#isScheduled = true;
      setImmediate(() => this.#flush());
    }
    return this.#blocked;
  }

  /** Nothing more is written here: the answer becomes an ordinary error. */
  abandon(): void {
    clearTimeout(this.#heartbeat);
    this.#pending = '';
  }

  end(text = ''): void {
    clearTimeout(this.#heartbeat);
    if (this.#response.destroyed) return;
    this.#begin();
    this.#response.end(this.#pending + text);
    this.#pending = '';
    dropStalledReader(this.#response);
  }

  #beat(): void {
    // While the reader is behind, bytes are waiting anyway.
    const { heartbeat } = this.#options;
    if (heartbeat === undefined) return;
    if (this.#blocked === undefined) this.write(heartbeat);
    this.#heartbeat.refresh();
  }

  #begin(): void {
    if (this.#response.headersSent) return;
    this.#response.writeHead(200, {
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
      ...this.#options.headers(),
    });
  }

  #flush(): void {
    this.#isScheduled = false;
    const response = this.#response;
    if (this.#pending === '' || response.destroyed || response.writableEnded) return;
    this.#begin();
    const text = this.#pending;
    this.#pending = '';
    this.#heartbeat.refresh();
    if (!response.write(text)) this.#blocked ??= this.#waitForReader();
  }

  async #waitForReader(): Promise<void> {
    await untilRead(this.#response);
    this.#blocked = undefined;
  }
}
