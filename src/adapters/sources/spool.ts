import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SpoolPlace {
  readonly start: number;
  readonly length: number;
}

/**
 * Bytes that are listed now and read one by one later, kept in one file that nobody else can open: it
 * has no name any more. One writer at a time.
 */
export class Spool {
  readonly #file: FileHandle;
  #length = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async make(): Promise<Spool> {
    const folder = await mkdtemp(join(tmpdir(), 'cadre-spool-'));
    const file = await open(join(folder, 'spool'), 'wx+', 0o600);
    await rm(folder, { recursive: true });
    return new Spool(file);
  }

  get length(): number {
    return this.#length;
  }

  async add(bytes: Uint8Array): Promise<SpoolPlace> {
    const place = { start: this.#length, length: bytes.length };
    this.#length += bytes.length;
    await this.#file.write(bytes, 0, bytes.length, place.start);
    return place;
  }

  async read({ start, length }: SpoolPlace): Promise<Uint8Array> {
    const { buffer } = await this.#file.read(Buffer.alloc(length), 0, length, start);
    return buffer;
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
