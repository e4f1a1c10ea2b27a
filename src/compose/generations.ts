import type { Call } from '../core/call.ts';
import type { RouteDecision } from '../core/decision.ts';
import type { CadreEvent } from '../core/events.ts';
import type { Receipt } from '../core/receipt.ts';
import type { GateSpoke } from '../gate/spoke.ts';
import type { Generation } from './generation.ts';

/**
 * The generation that serves now, and those before it that still finish what they began. A request
 * stays on the one it came to.
 */
export class Generations {
  #current: Generation;
  readonly #running = new Map<Generation, number>();
  /** Of those that run, work in the background. */
  #asideCount = 0;

  constructor(first: Generation) {
    this.#current = first;
  }

  get current(): Generation {
    return this.#current;
  }

  /** A spoke as it stands now. */
  spokeOf(id: string): GateSpoke | undefined {
    return this.#current.spokes().find((one) => one.gate.id === id)?.gate;
  }

  /** The spokes as they stand now. */
  spokeIds(): string[] {
    return this.#current.spokes().map((one) => one.gate.id);
  }

  /** Requests that run, on whichever generation; what they delegate is not counted again. */
  get activeCount(): number {
    let sum = 0;
    for (const count of this.#running.values()) sum += count;
    return sum - this.#asideCount;
  }

  /** From now on `next` serves; the one before closes after its last request. */
  async replace(next: Generation): Promise<void> {
    const before = this.#current;
    this.#current = next;
    if (!this.#running.has(before)) await before.close();
  }

  async *ask(call: Call, signal: AbortSignal): AsyncGenerator<CadreEvent> {
    const generation = this.#enter();
    try {
      yield* generation.pipeline.ask(generation.names.resolve(call), signal);
    } finally {
      await this.#leave(generation);
    }
  }

  /** As `ask`, for work of the farm's own in the background; no request that `activeCount` counts. */
  async *aside(call: Call, signal: AbortSignal): AsyncGenerator<CadreEvent> {
    const generation = this.#enter();
    this.#asideCount += 1;
    try {
      yield* generation.pipeline.ask(call, signal);
    } finally {
      this.#asideCount -= 1;
      await this.#leave(generation);
    }
  }

  /** Asks another spoke what one has answered, unseen; no request that `activeCount` counts. */
  async shadow(...order: Parameters<Generation['pipeline']['shadow']>): Promise<Receipt> {
    const generation = this.#enter();
    this.#asideCount += 1;
    try {
      return await generation.pipeline.shadow(...order);
    } finally {
      this.#asideCount -= 1;
      await this.#leave(generation);
    }
  }

  decide(call: Call, signal: AbortSignal): Promise<RouteDecision> {
    const { pipeline, names } = this.#current;
    return pipeline.decide(names.resolve(call), signal);
  }

  close(): Promise<void> {
    return this.#current.close();
  }

  #enter(): Generation {
    const generation = this.#current;
    this.#running.set(generation, (this.#running.get(generation) ?? 0) + 1);
    return generation;
  }

  async #leave(generation: Generation): Promise<void> {
    const left = (this.#running.get(generation) ?? 1) - 1;
    if (left > 0) {
      this.#running.set(generation, left);
      return;
    }
    this.#running.delete(generation);
    if (generation !== this.#current) await generation.close().catch(() => undefined);
  }
}
