import type { WireEvent } from './response-wire.ts';

/** The events of one streamed response, for readers who come, go and come back. */
export class EventLog {
  readonly #events: WireEvent[] = [];
  readonly #waiting = new Set<() => void>();
  #isOver = false;

  get isOver(): boolean {
    return this.#isOver;
  }

  push(events: readonly WireEvent[]): void {
    this.#events.push(...events);
    this.#wake();
  }

  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  /** Events after a sequence number, those that are still to come too; ends with the log or the signal. */
  async *follow(after: number, signal: AbortSignal): AsyncGenerator<WireEvent> {
    for (let next = after + 1; !signal.aborted; ) {
      const event = this.#events[next];
      if (event !== undefined) {
        yield event;
        next += 1;
      } else if (this.#isOver) return;
      else await this.#change(signal);
    }
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  async #change(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = () => {
        signal.removeEventListener('abort', wake);
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }
}
