import { SLAB_BYTES, type VectorMemory } from './vector-memory.ts';

/** Rows of one width in slabs, numbered from 0; a row never written is zeros and may take nothing. */
export class VectorRows {
  readonly #memory: VectorMemory;
  readonly #slabs: (number | undefined)[] = [];
  /** Bytes of a row, a multiple of 16. */
  readonly width: number;
  readonly perSlab: number;

  constructor(memory: VectorMemory, width: number) {
    this.#memory = memory;
    this.width = width;
    this.perSlab = Math.floor(SLAB_BYTES / width);
  }

  get slabs(): readonly (number | undefined)[] {
    return this.#slabs;
  }

  /** A view for the moment, to write into; takes a slab where there is none yet. */
  writable(row: number): Int8Array {
    const slab = Math.floor(row / this.perSlab);
    this.#slabs[slab] ??= this.#memory.take();
    return this.#memory.signed(this.address(row), this.width);
  }

  /** Address of a row that lies in a slab. */
  address(row: number): number {
    const slab = this.#slabs[Math.floor(row / this.perSlab)] ?? 0;
    return slab + (row % this.perSlab) * this.width;
  }

  release(): void {
    for (const slab of this.#slabs) if (slab !== undefined) this.#memory.give(slab);
    this.#slabs.length = 0;
  }
}
