import { createMemory, createVectorKernel, type GrowingMemory } from '../base/vector-kernel.ts';

/** Bytes of a slab; a collection of a hundred chunks takes one, one of 100,000 about 150. */
export const SLAB_BYTES = 256 * 1024;
const PAGE_BYTES = 64 * 1024;
/** Of the scratch slab: the sums of a slab's rows (at most 16,384), then the query. */
const QUERY_AT = 64 * 1024;

/**
 * The memory that the kernel's loops run over, cut into slabs which the indexes of a thread take and
 * give back: nothing is copied when an index grows, and what a dropped collection held is used again.
 */
export class VectorMemory {
  readonly #memory: GrowingMemory = createMemory();
  readonly #free: number[] = [];
  readonly kernel = createVectorKernel(this.#memory);
  /** A slab for what a call of the kernel reads and writes besides rows. */
  readonly scratch = this.take();

  /** The query that lies in the scratch slab. */
  #query: Int16Array | undefined;
  #sums = new Int32Array(0);

  /** Sums of `count` rows (of a slab) from `address` on with the query, which must not change. */
  sum(address: number, count: number, width: number, query: Int16Array): void {
    if (this.#query !== query) this.shorts(this.scratch + QUERY_AT, width).set(query);
    this.#query = query;
    this.kernel.dots(address, count, width, this.scratch + QUERY_AT, this.scratch);
  }

  /** The last sums; a view for the moment. */
  sums(count: number): Int32Array {
    return this.integers(this.scratch, count);
  }

  /** The first of the last sums. */
  firstSum(): number {
    // A view is as dear as the sum.
    if (this.#sums.buffer !== this.#memory.buffer) this.#sums = this.integers(this.scratch, 1);
    return this.#sums[0] as number;
  }

  /** The address of an empty slab. Throws RangeError when the memory is used up (4 GiB). */
  take(): number {
    const address = this.#free.pop() ?? this.#memory.grow(SLAB_BYTES / PAGE_BYTES) * PAGE_BYTES;
    this.bytes(address, SLAB_BYTES).fill(0);
    return address;
  }

  give(address: number): void {
    this.#free.push(address);
  }

  /** Views that the next `take` may detach: they are for the moment. */
  bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, address, length);
  }

  signed(address: number, length: number): Int8Array {
    return new Int8Array(this.#memory.buffer, address, length);
  }

  shorts(address: number, length: number): Int16Array {
    return new Int16Array(this.#memory.buffer, address, length);
  }

  integers(address: number, length: number): Int32Array<ArrayBuffer> {
    return new Int32Array(this.#memory.buffer, address, length);
  }
}

let shared: VectorMemory | undefined;

/** The thread's only one: a process may have but some hundred of them, however small. */
export function vectorMemory(): VectorMemory {
  shared ??= new VectorMemory();
  return shared;
}
