import type { ObjectStore } from '../../core/objects.ts';
import { PART_BYTES } from './file-object.ts';

/** Writes content into the store part by part; one part at most is in memory. */
export class PartWriter {
  readonly #objects: ObjectStore;
  readonly #id: string;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #position = 0;
  #bytes = 0;

  constructor(objects: ObjectStore, id: string) {
    this.#objects = objects;
    this.#id = id;
  }

  /** All bytes so far. */
  get bytes(): number {
    return this.#bytes;
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return;
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    this.#bytes += bytes.length;
    if (this.#pendingBytes >= PART_BYTES) await this.flush();
  }

  /** What is left becomes the last part. */
  async flush(): Promise<void> {
    if (this.#pendingBytes === 0) return;
    const bytes = Buffer.concat(this.#pending, this.#pendingBytes);
    this.#pending = [];
    this.#pendingBytes = 0;
    await this.#objects.doPutPart('file', this.#id, { position: this.#position, bytes });
    this.#position += 1;
  }
}
