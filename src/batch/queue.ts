import type { BatchBody, Batches, BatchWire } from '../core/batch.ts';
import { toCadreError } from '../core/errors.ts';
import type { ObjectRow } from '../core/objects.ts';
import { BatchRun } from './batch-run.ts';
import { isFree, isOver } from './lease.ts';
import type { QueueParts } from './parts.ts';
import { changeBatch } from './results.ts';
import { Slots } from './slots.ts';

/** Batches that take turns; the others wait. */
const ACTIVE = 16;
const PAGE = 100;
/** How often batches of other nodes are looked at, and failed ones tried again. */
const LOOK_MS = 60_000;

export interface BatchQueue extends Batches {
  /** Works on batches until the signal aborts. */
  run(wire: BatchWire, signal: AbortSignal): Promise<void>;
}

/**
 * The queue of lowest priority: lines of batches run while nobody else is served, in turns, a few at
 * once. All its state lies in the store.
 */
export function createBatchQueue(parts: QueueParts): BatchQueue {
  return new StoredQueue(parts);
}

class StoredQueue implements BatchQueue {
  readonly #parts: QueueParts;
  readonly #slots: Slots;
  readonly #active = new Map<string, { readonly run: BatchRun; readonly done: Promise<void> }>();
  #woken = Promise.withResolvers<void>();

  constructor(parts: QueueParts) {
    this.#parts = parts;
    this.#slots = new Slots(parts.concurrent);
  }

  wake(): void {
    this.#woken.resolve();
  }

  async cancel(id: string): Promise<BatchBody | undefined> {
    const body = await changeBatch(this.#parts.objects, id, (found) =>
      found.status === 'validating' || found.status === 'in_progress'
        ? {
            ...found,
            status: 'cancelling',
            times: { ...found.times, cancelling: this.#parts.clock.now() },
          }
        : found,
    );
    if (body !== undefined) this.#active.get(id)?.run.notice(body);
    this.wake();
    return body;
  }

  async run(wire: BatchWire, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#woken = Promise.withResolvers<void>();
      try {
        await this.#start(wire, signal);
      } catch (error) {
        if (!signal.aborted) this.#parts.log(`batches: ${toCadreError(error).message}`);
      }
      const waited = new AbortController();
      const looked = this.#parts.sleep(LOOK_MS, AbortSignal.any([signal, waited.signal]));
      await Promise.race([this.#woken.promise, looked]);
      waited.abort();
    }
    await Promise.all([...this.#active.values()].map((one) => one.done));
  }

  /** Starts the oldest batches that nobody works on. */
  async #start(wire: BatchWire, stop: AbortSignal): Promise<void> {
    const { objects } = this.#parts;
    for (let after: string | undefined; ; ) {
      const rows = await objects.doListObjects({
        kind: 'batch',
        limit: PAGE,
        oldestFirst: true,
        ...(after === undefined ? {} : { after }),
      });
      for (const row of rows) {
        if (this.#active.size >= ACTIVE) return;
        if (this.#isWaiting(row)) this.#begin(row, wire, stop);
      }
      after = rows.at(-1)?.id;
      if (rows.length < PAGE) return;
    }
  }

  #isWaiting({ id, body }: ObjectRow): boolean {
    const batch = body as BatchBody;
    if (isOver(batch) || this.#active.has(id)) return false;
    return isFree(batch, this.#parts, this.#parts.clock.now());
  }

  #begin(row: ObjectRow, wire: BatchWire, stop: AbortSignal): void {
    const run = new BatchRun({ ...this.#parts, wire, slots: this.#slots, stop }, row);
    const done = run.run().then(
      () => {
        this.#active.delete(row.id);
        this.wake();
      },
      (error: unknown) => {
        // Tried again at the next look; at once would be the same trouble at once.
        this.#active.delete(row.id);
        if (!stop.aborted) this.#parts.log(`${row.id}: ${toCadreError(error).message}`);
      },
    );
    this.#active.set(row.id, { run, done });
  }
}
