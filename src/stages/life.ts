import type { Call } from '../core/call.ts';
import type { CadreEvent } from '../core/events.ts';
import type { StageTiming } from '../core/receipt.ts';
import { ReceiptBuilder } from '../record/receipt-builder.ts';
import type { PipelineParts } from './parts.ts';

/** One request while it lives: its signal, its events so far and the receipt that grows from them. */
export class Life {
  readonly call: Call;
  readonly signal: AbortSignal;
  readonly builder: ReceiptBuilder;
  readonly events: CadreEvent[] = [];
  readonly #parts: PipelineParts;
  readonly #startedAt: number;
  /** Set once the receipt is stored; nothing is recorded twice. */
  recorded = false;

  constructor(parts: PipelineParts, call: Call, caller: AbortSignal) {
    this.#parts = parts;
    this.call = call;
    this.#startedAt = parts.clock.elapsed();
    const left = Math.max(1, call.deadline - parts.clock.now());
    this.signal = AbortSignal.any([caller, AbortSignal.timeout(left)]);
    this.builder = new ReceiptBuilder({ call, at: parts.clock.now() });
  }

  /** Notes an event for receipt and replay and hands it on. */
  see<T extends CadreEvent>(event: T): T {
    this.events.push(event);
    this.builder.observe(event, this.elapsed());
    return event;
  }

  /** Milliseconds since the request was accepted. */
  elapsed(): number {
    return this.#parts.clock.elapsed() - this.#startedAt;
  }

  /** Runs one stage and notes how long it took. */
  async timed<T>(stage: StageTiming['stage'], body: () => Promise<T> | T): Promise<T> {
    const start = this.elapsed();
    try {
      return await body();
    } finally {
      this.builder.addStage(stage, this.elapsed() - start);
    }
  }
}
