const PIECE_BYTES = 1 << 22;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Many short texts as UTF-8 in few large pieces: a million rows take what their letters take and
 * 8 bytes each, and keep nothing else of the file alive.
 */
export class TextTable {
  readonly #pieces: Uint8Array[] = [];
  #used = 0;
  #starts = new Uint32Array(1024);
  #lengths = new Uint32Array(1024);
  #count = 0;

  get length(): number {
    return this.#count;
  }

  /** Bytes that the pieces take. */
  get bytes(): number {
    return this.#pieces.length * PIECE_BYTES;
  }

  /** At most a million characters, at most 4 GB in all; returns the text's place. */
  add(text: string): number {
    if (this.#pieces.length === 0 || this.#used + 3 * text.length > PIECE_BYTES) {
      this.#pieces.push(new Uint8Array(PIECE_BYTES));
      this.#used = 0;
    }
    if (this.#count === this.#starts.length) {
      this.#starts = widened(this.#starts);
      this.#lengths = widened(this.#lengths);
    }
    const piece = this.#pieces[this.#pieces.length - 1] as Uint8Array;
    const { written } = encoder.encodeInto(text, piece.subarray(this.#used));
    this.#starts[this.#count] = (this.#pieces.length - 1) * PIECE_BYTES + this.#used;
    this.#lengths[this.#count] = written;
    this.#used += written;
    this.#count += 1;
    return this.#count - 1;
  }

  /** Empty for a place that there is not. */
  get(at: number): string {
    const start = this.#starts[at];
    if (start === undefined || at >= this.#count) return '';
    const piece = this.#pieces[Math.floor(start / PIECE_BYTES)];
    const from = start % PIECE_BYTES;
    return decoder.decode(piece?.subarray(from, from + (this.#lengths[at] ?? 0)));
  }
}

function widened(values: Uint32Array): Uint32Array<ArrayBuffer> {
  const wider = new Uint32Array(values.length * 2);
  wider.set(values);
  return wider;
}
