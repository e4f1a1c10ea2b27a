import { CadreError } from '../../core/errors.ts';
import type { StreamParser } from './remote-stream.ts';

/** Longest line in bytes; more means a broken or hostile server. */
const MOST_BYTES = 8 * 1024 * 1024;
const LINE_FEED = 0x0a;

/**
 * Incremental parser of one JSON text per line (`application/x-ndjson`). Bytes are decoded only up to
 * the last line end that has arrived, so a character may be cut anywhere; `end` gives a last line
 * without one. A line beyond the bound sets `failure`; nothing is read after that.
 */
export class LineParser implements StreamParser {
  failure: CadreError | undefined;
  readonly #most: number;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;

  constructor(mostBytes = MOST_BYTES) {
    this.#most = mostBytes;
  }

  push(chunk: Uint8Array): { readonly data: string }[] {
    if (this.failure !== undefined) return [];
    const last = chunk.lastIndexOf(LINE_FEED);
    const lines = last < 0 ? [] : this.#take(chunk.subarray(0, last));
    const rest = chunk.subarray(last + 1);
    this.#pending.push(rest);
    this.#pendingBytes += rest.byteLength;
    if (this.#pendingBytes > this.#most)
      this.failure = new CadreError(
        'upstream_failed',
        `the stream has a line longer than ${this.#most} bytes`,
        { fault: 'malformed' },
      );
    return lines;
  }

  end(): { readonly data: string }[] {
    return this.failure === undefined ? this.#take(new Uint8Array(0)) : [];
  }

  #take(tail: Uint8Array): { readonly data: string }[] {
    const text = Buffer.concat([...this.#pending, tail]).toString('utf8');
    this.#pending = [];
    this.#pendingBytes = 0;
    return text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((data) => ({ data }));
  }
}
