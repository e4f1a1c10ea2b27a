import type { ModelEvent } from '../../core/ports.ts';

/** Events that may wait for a reader before the model is told to pause. */
const MOST_WAITING = 512;
const FEW_WAITING = 64;

/** Events of one answer between the process that writes them and the reader. */
export class EventBuffer {
  readonly #onFlow: (flow: 'pause' | 'resume') => void;
  #events: ModelEvent[] = [];
  #wake: (() => void) | undefined;
  #fault: { readonly reason: unknown } | undefined;
  isPaused = false;
  /** The prompt was read. */
  hasBegun = false;
  /** The process has nothing more to say about this request. */
  isOver = false;

  constructor(onFlow: (flow: 'pause' | 'resume') => void) {
    this.#onFlow = onFlow;
  }

  push(event: ModelEvent): void {
    this.#events.push(event);
    this.hasBegun = true;
    if (event.type === 'ended') this.isOver = true;
    if (!this.isPaused && !this.isOver && this.#events.length >= MOST_WAITING) {
      this.isPaused = true;
      this.#onFlow('pause');
    }
    this.#wake?.();
  }

  /** Ends the stream with an error; what was not read is dropped. */
  fail(reason: unknown, isOver = false): void {
    // A process that dies after its last event has still answered.
    if (isOver && this.isOver) return;
    if (isOver) this.isOver = true;
    this.#fault ??= { reason };
    this.#wake?.();
  }

  /** Ends after `ended`; throws what `fail` was given. */
  async *read(): AsyncGenerator<ModelEvent> {
    for (;;) {
      if (this.#fault !== undefined) throw this.#fault.reason;
      const event = this.#events.shift();
      if (event === undefined) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      if (this.isPaused && this.#events.length <= FEW_WAITING) {
        this.isPaused = false;
        this.#onFlow('resume');
      }
      yield event;
      if (event.type === 'ended') return;
    }
  }
}
