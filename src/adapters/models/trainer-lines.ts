import type { Readable } from 'node:stream';
import { type TrainerLine, trainerLineSchema } from '../../core/trainer.ts';

/** A million steps of 80 bytes; a program that prints more talks in its sleep. */
const OUTPUT_MOST = 80_000_000;
/** Longer lines are none of the contract. */
const LINE_MOST = 16_384;
/** Last words of both streams that are kept for the error message. */
const KEPT = 4096;

/** What a trainer prints, read within bounds whatever it is. */
export class TrainerLines {
  readonly #onLine: (line: TrainerLine) => void;
  readonly #onFlood: () => void;
  #bytes = 0;
  #line = '';
  #isLong = false;
  #complaints = '';
  #failure: string | undefined;

  constructor(onLine: (line: TrainerLine) => void, onFlood: () => void) {
    this.#onLine = onLine;
    this.#onFlood = onFlood;
  }

  /** What went wrong in its own words; undefined where it said nothing. */
  get lastWords(): string | undefined {
    const lines = this.#complaints.split(/[\r\n]+/).filter((line) => line.trim() !== '');
    return this.#failure ?? lines.at(-1)?.trim().slice(0, 500);
  }

  readOutput(stream: Readable): void {
    stream.setEncoding('utf8').on('data', (text: string) => {
      if (!this.#count(text)) return;
      const pieces = text.split('\n');
      pieces.forEach((piece, at) => {
        this.#add(piece);
        if (at < pieces.length - 1) this.#endLine();
      });
    });
  }

  readComplaints(stream: Readable): void {
    stream.setEncoding('utf8').on('data', (text: string) => {
      if (this.#count(text)) this.#complaints = (this.#complaints + text).slice(-KEPT);
    });
  }

  /** False once it is too much; from then on nothing is read. */
  #count(text: string): boolean {
    const before = this.#bytes;
    this.#bytes += text.length;
    if (this.#bytes <= OUTPUT_MOST) return true;
    if (before <= OUTPUT_MOST) this.#onFlood();
    return false;
  }

  #add(piece: string): void {
    if (this.#line.length + piece.length > LINE_MOST) this.#isLong = true;
    this.#line = this.#isLong ? '' : this.#line + piece;
  }

  #endLine(): void {
    const [line, isLong] = [this.#line, this.#isLong];
    this.#line = '';
    this.#isLong = false;
    const parsed = isLong ? undefined : lineOf(line);
    if (parsed === undefined) return;
    if (parsed.type === 'failed') this.#failure = parsed.message;
    this.#onLine(parsed);
  }
}

/** Undefined for what is no line of the contract, as libraries print some. */
function lineOf(text: string): TrainerLine | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const parsed = trainerLineSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
