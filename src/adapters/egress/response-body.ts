import type { Dispatcher } from 'undici';
import { CadreError } from '../../core/errors.ts';
import type { Fault } from '../../core/fault.ts';

/** Bytes that wait for a slow reader before the socket is paused. */
const QUEUE_BYTES = 256 * 1024;
/** How long the tail of an answer may take that nobody needs, so that its connection can be kept. */
const TAIL_MS = 500;

export interface ResponseBodyOptions {
  readonly name: string;
  readonly signal: AbortSignal;
  readonly firstByteMs: number;
  readonly betweenBytesMs: number;
  readonly totalMs: number;
  readonly maxBytes: number;
  readonly onFailure: (reason: unknown) => void;
}

/**
 * The bytes of one answer, pulled chunk by chunk, with the deadlines of the exchange. Leaving the
 * loop early closes the connection; `finish` lets a short tail arrive and keeps it.
 */
export class ResponseBody implements AsyncIterableIterator<Uint8Array> {
  readonly #options: ResponseBodyOptions;
  readonly #chunks: Buffer[] = [];
  #controller: Dispatcher.DispatchController | undefined;
  #queuedBytes = 0;
  #totalBytes = 0;
  #ended = false;
  #hasFailed = false;
  #reason: unknown;
  #paused = false;
  #discarding = false;
  #ending = false;
  #wake: (() => void) | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  readonly #totalTimer: NodeJS.Timeout;
  readonly #onAbort: () => void;

  constructor(options: ResponseBodyOptions) {
    this.#options = options;
    this.#onAbort = () => this.fail(options.signal.reason);
    options.signal.addEventListener('abort', this.#onAbort, { once: true });
    this.#idleTimer = setTimeout(
      () => this.#timeOutUnheard('silent', 'sent nothing', options.firstByteMs),
      options.firstByteMs,
    );
    this.#totalTimer = setTimeout(
      () => this.#timeOut('too-long', 'did not finish', options.totalMs),
      options.totalMs,
    );
  }

  get failed(): boolean {
    return this.#hasFailed;
  }

  connect(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
  }

  push(chunk: Buffer): void {
    if (this.#hasFailed || this.#discarding) return;
    this.#totalBytes += chunk.byteLength;
    if (this.#totalBytes > this.#options.maxBytes) {
      const message = `${this.#options.name} sent more than ${this.#options.maxBytes} bytes`;
      this.fail(new CadreError('upstream_failed', message, { fault: 'malformed' }));
      return;
    }
    this.#chunks.push(chunk);
    this.#queuedBytes += chunk.byteLength;
    if (this.#queuedBytes > QUEUE_BYTES && this.#controller !== undefined) {
      this.#paused = true;
      this.#controller.pause();
      if (!this.#ending) clearTimeout(this.#idleTimer);
    } else if (this.#totalBytes === chunk.byteLength) {
      clearTimeout(this.#idleTimer);
      this.#startIdleTimer();
    } else if (!this.#ending) {
      this.#idleTimer?.refresh();
    }
    this.#wakeReader();
  }

  end(): void {
    if (this.#hasFailed) return;
    this.#ended = true;
    this.#settle();
    this.#wakeReader();
  }

  fail(reason: unknown): void {
    if (this.#hasFailed || this.#ended) return;
    this.#hasFailed = true;
    this.#reason = reason;
    this.#settle();
    this.#options.onFailure(reason);
    this.#wakeReader();
  }

  /** The reader has what it needs: the rest is dropped, and a long rest closes the connection. */
  finish(): void {
    if (this.#ended || this.#hasFailed) return;
    this.#discarding = true;
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => this.fail(new Error('tail dropped')), TAIL_MS);
    if (this.#paused) this.#controller?.resume();
    this.#wakeReader();
  }

  /** The answer is complete: what may still belong to it is waited for this long, then the body ends. */
  finishWithin(ms: number): void {
    if (this.#ending || this.#discarding || this.#ended || this.#hasFailed) return;
    this.#ending = true;
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => this.finish(), ms);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    for (;;) {
      // A failure overtakes what is queued: nobody reads on after an abort.
      if (this.#hasFailed) throw this.#reason;
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        this.#queuedBytes -= chunk.byteLength;
        if (this.#paused && this.#queuedBytes < QUEUE_BYTES / 2) this.#resume();
        return { done: false, value: chunk };
      }
      if (this.#ended || this.#discarding) return { done: true, value: undefined };
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (!this.#discarding && !this.#ended && !this.#hasFailed)
      this.fail(new Error('the reader left'));
    return { done: true, value: undefined };
  }

  #resume(): void {
    this.#paused = false;
    if (this.#ended) return;
    if (!this.#ending) this.#startIdleTimer();
    this.#controller?.resume();
  }

  #startIdleTimer(): void {
    const limit = this.#options.betweenBytesMs;
    this.#idleTimer = setTimeout(
      () => this.#timeOutUnheard('stalled', 'fell silent', limit),
      limit,
    );
  }

  /** A process that was busy itself hears its timers before the bytes that came meanwhile. */
  #timeOutUnheard(fault: Fault, what: string, ms: number): void {
    const heard = this.#totalBytes;
    setImmediate(() => {
      const isUnheard = this.#totalBytes === heard && !this.#paused && !this.#discarding;
      if (isUnheard) this.#timeOut(fault, what, ms);
    });
  }

  #timeOut(fault: Fault, what: string, ms: number): void {
    const message = `${this.#options.name} ${what} for ${ms / 1000} s`;
    this.fail(new CadreError('upstream_timeout', message, { fault }));
  }

  #settle(): void {
    clearTimeout(this.#idleTimer);
    clearTimeout(this.#totalTimer);
    this.#options.signal.removeEventListener('abort', this.#onAbort);
  }

  #wakeReader(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
