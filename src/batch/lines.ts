import type { ObjectPart } from '../core/objects.ts';

export interface InputLine {
  /** Place among the lines that are not blank, from 0. */
  readonly index: number;
  /** Line of the file, from 1. */
  readonly line: number;
  /** Undefined when the line is longer than the limit. */
  readonly bytes: Uint8Array | undefined;
}

const NEWLINE = 10;
/** Space, tab, carriage return. */
const BLANK = new Set([32, 9, 13]);

/** Bytes of lines that are handled in one turn of the event loop. */
const TURN_BYTES = 65_536;
/** What a line costs besides its bytes, in bytes: one that is refused is stored and counted too. */
const LINE_COST = 4096;
const BLANK_COST = 64;

/**
 * The lines of a file that are not blank, with one line at most in memory. However short they are,
 * `nextTurn` lets others in between.
 */
export async function* splitLines(
  parts: AsyncIterable<ObjectPart>,
  { lineBytes, nextTurn }: { readonly lineBytes: number; readonly nextTurn: () => Promise<void> },
): AsyncGenerator<InputLine, void, void> {
  const line = new LineBuffer(lineBytes);
  let cost = 0;
  let number = 1;
  let index = 0;
  for await (const { bytes } of parts) {
    let start = 0;
    for (;;) {
      const end = bytes.indexOf(NEWLINE, start);
      line.add(bytes.subarray(start, end < 0 ? bytes.length : end));
      if (end < 0) break;
      cost += end - start + (line.isBlank ? BLANK_COST : LINE_COST);
      if (!line.isBlank) {
        yield { index, line: number, bytes: line.take() };
        index += 1;
      } else line.take();
      number += 1;
      start = end + 1;
      if (cost < TURN_BYTES) continue;
      cost = 0;
      await nextTurn();
    }
  }
  if (!line.isBlank) yield { index, line: number, bytes: line.take() };
}

class LineBuffer {
  readonly #limitBytes: number;
  #pieces: Uint8Array[] = [];
  #size = 0;
  #isBlank = true;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get isBlank(): boolean {
    return this.#isBlank;
  }

  add(piece: Uint8Array): void {
    if (piece.length === 0) return;
    this.#isBlank &&= piece.every((byte) => BLANK.has(byte));
    this.#size += piece.length;
    // What is too long is counted, not kept.
    if (this.#size > this.#limitBytes) this.#pieces = [];
    else this.#pieces.push(piece);
  }

  /** The line, undefined when it was too long; afterwards the next one begins. */
  take(): Uint8Array | undefined {
    let line: Uint8Array | undefined;
    if (this.#size <= this.#limitBytes) {
      line = new Uint8Array(this.#size);
      let place = 0;
      for (const piece of this.#pieces) {
        line.set(piece, place);
        place += piece.length;
      }
    }
    this.#pieces = [];
    this.#size = 0;
    this.#isBlank = true;
    return line;
  }
}
