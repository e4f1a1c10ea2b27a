import { CadreError } from '../core/errors.ts';

/** Reads `length` bytes at `offset` of the file; fewer only at its end. */
export type ReadBytes = (offset: number, length: number) => Promise<Uint8Array>;

/** Large enough that a 6 MB header (150,000 tokens) needs a few dozen reads. */
const WINDOW_BYTES = 262_144;

export function damaged(what: string, offset: number): CadreError {
  return new CadreError('model_damaged', `${what} at byte ${offset}`);
}

/**
 * Walks through the head of a file that is not trusted. Every length is compared with what is left
 * of the file before anything is read, so a lying count can neither allocate nor loop.
 */
export class GgufCursor {
  readonly #read: ReadBytes;
  readonly #limit: number;
  #window: DataView = new DataView(new ArrayBuffer(0));
  #windowStart = 0;
  #position = 0;

  /** `limit`: bytes that the head may take at most, ≤ file size. */
  constructor(read: ReadBytes, limit: number) {
    this.#read = read;
    this.#limit = limit;
  }

  get position(): number {
    return this.#position;
  }

  get bytesLeft(): number {
    return this.#limit - this.#position;
  }

  /** Makes the next `length` bytes readable; at most one read. */
  async need(length: number, what: string): Promise<void> {
    if (length > this.bytesLeft) throw damaged(`${what} runs past the end`, this.#position);
    if (this.#has(length)) return;
    const wanted = Math.min(Math.max(length, WINDOW_BYTES), this.bytesLeft);
    const bytes = await this.#read(this.#position, wanted);
    if (bytes.byteLength < length) throw damaged(`${what} is cut off`, this.#position);
    this.#window = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#windowStart = this.#position;
  }

  /** Moves on without reading. */
  skip(length: number, what: string): void {
    if (length > this.bytesLeft) throw damaged(`${what} runs past the end`, this.#position);
    this.#position += length;
  }

  async uint32(what: string): Promise<number> {
    await this.need(4, what);
    return this.#window.getUint32(this.#take(4), true);
  }

  /** A 64-bit count or length; above 2⁵³ it cannot be true of any file. */
  async uint64(what: string): Promise<number> {
    if (!this.#has(8)) await this.need(8, what);
    const at = this.#take(8);
    const value =
      this.#window.getUint32(at, true) + this.#window.getUint32(at + 4, true) * 4_294_967_296;
    if (!Number.isSafeInteger(value)) throw damaged(`${what} is absurd`, this.#position - 8);
    return value;
  }

  async bytes(length: number, what: string): Promise<DataView> {
    await this.need(length, what);
    const at = this.#take(length);
    return new DataView(this.#window.buffer, this.#window.byteOffset + at, length);
  }

  /** A length-prefixed UTF-8 string of at most `longest` bytes. */
  async text(longest: number, what: string): Promise<string> {
    const length = await this.uint64(`the length of ${what}`);
    if (length > longest)
      throw damaged(`${what} claims ${length} bytes, more than ${longest},`, this.#position - 8);
    const view = await this.bytes(length, what);
    return new TextDecoder().decode(view);
  }

  /** Skips `count` strings; stays inside one window without waiting, for vocabularies. */
  async skipTexts(count: number, longest: number, what: string): Promise<void> {
    if (count * 8 > this.bytesLeft)
      throw damaged(`${what} claims ${count} strings, more than fit,`, this.#position);
    for (let index = 0; index < count; index += 1) {
      const length = this.#has(8) ? this.#lengthNow() : await this.uint64(what);
      if (length > longest)
        throw damaged(`a string of ${what} claims ${length} bytes`, this.#position - 8);
      this.skip(length, what);
    }
  }

  #lengthNow(): number {
    const at = this.#take(8);
    return this.#window.getUint32(at, true) + this.#window.getUint32(at + 4, true) * 4_294_967_296;
  }

  #has(length: number): boolean {
    return (
      this.#position >= this.#windowStart &&
      this.#position + length <= this.#windowStart + this.#window.byteLength
    );
  }

  #take(length: number): number {
    const at = this.#position - this.#windowStart;
    this.#position += length;
    return at;
  }
}
