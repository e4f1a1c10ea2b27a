import { CadreError } from '../../core/errors.ts';

/** Longest line in bytes and longest event in characters; more means a broken or hostile server. */
const MOST_BYTES = 8 * 1024 * 1024;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** One server-sent event; `event` is '' where the server gave no name. */
export interface ServerSentEvent {
  readonly event: string;
  readonly data: string;
}

/**
 * Incremental parser of `text/event-stream` (WHATWG HTML, section 9.2.6). Bytes are decoded only up
 * to the last line end that has arrived, so a character, a line or a CRLF pair may be cut anywhere:
 * the events do not depend on the cuts. `end` gives an event whose closing blank line is missing.
 * A line or an event beyond the bound sets `failure` after the events before it were given; nothing
 * is read after that.
 */
export class SseParser {
  failure: CadreError | undefined;
  readonly #most: number;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #atStart = true;
  #afterReturn = false;
  #event = '';
  #data: string | undefined;

  constructor(mostBytes = MOST_BYTES) {
    this.#most = mostBytes;
  }

  push(chunk: Uint8Array): ServerSentEvent[] {
    if (this.failure !== undefined) return [];
    const last = Math.max(chunk.lastIndexOf(LINE_FEED), chunk.lastIndexOf(CARRIAGE_RETURN));
    if (last < 0) {
      this.#hold(chunk);
      return [];
    }
    const events = this.#readLines(this.#take(chunk.subarray(0, last + 1)));
    if (last + 1 < chunk.byteLength) this.#hold(chunk.subarray(last + 1));
    return events;
  }

  end(): ServerSentEvent[] {
    if (this.failure !== undefined) return [];
    const events = this.#readLines(`${this.#take(new Uint8Array(0))}\n\n`);
    this.#event = '';
    this.#data = undefined;
    return events;
  }

  #hold(bytes: Uint8Array): void {
    this.#pendingBytes += bytes.byteLength;
    this.#pending.push(bytes);
    if (this.#pendingBytes > this.#most) this.#fail('a line');
  }

  #fail(what: string): void {
    this.#pending = [];
    this.failure ??= new CadreError(
      'upstream_failed',
      `the stream has ${what} longer than ${this.#most} bytes`,
      { fault: 'malformed' },
    );
  }

  #take(tail: Uint8Array): string {
    const bytes = this.#pending.length === 0 ? tail : Buffer.concat([...this.#pending, tail]);
    this.#pending = [];
    this.#pendingBytes = 0;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
    if (!this.#atStart || text === '') return text;
    this.#atStart = false;
    return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  }

  /** `text` ends with a line end. */
  #readLines(text: string): ServerSentEvent[] {
    const events: ServerSentEvent[] = [];
    let position = this.#afterReturn && text.startsWith('\n') ? 1 : 0;
    let feed = text.indexOf('\n', position);
    let carriage = text.indexOf('\r', position);
    while (this.failure === undefined && (feed >= 0 || carriage >= 0)) {
      const end = carriage < 0 || (feed >= 0 && feed < carriage) ? feed : carriage;
      if (this.#isTooLong(text, position, end)) this.#fail('a line');
      else this.#readLine(text, position, end, events);
      position = end === carriage && feed === end + 1 ? end + 2 : end + 1;
      if (feed >= 0 && feed < position) feed = text.indexOf('\n', position);
      if (carriage >= 0 && carriage < position) carriage = text.indexOf('\r', position);
    }
    this.#afterReturn = text.length > 0 && text.charCodeAt(text.length - 1) === CARRIAGE_RETURN;
    return events;
  }

  /** As long as it would have been when it came in pieces: a character has one to three bytes. */
  #isTooLong(text: string, start: number, end: number): boolean {
    if ((end - start) * 3 <= this.#most) return false;
    return Buffer.byteLength(text.slice(start, end)) > this.#most;
  }

  #readLine(text: string, start: number, end: number, events: ServerSentEvent[]): void {
    if (start === end) {
      if (this.#data !== undefined) events.push({ event: this.#event, data: this.#data });
      this.#event = '';
      this.#data = undefined;
      return;
    }
    if (text.startsWith('data', start)) {
      const value = fieldValue(text, start + 4, end);
      if (value === undefined) return;
      this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
      if (this.#data.length > this.#most) this.#fail('an event');
    } else if (text.startsWith('event', start)) {
      this.#event = fieldValue(text, start + 5, end) ?? this.#event;
    }
  }
}

/** What follows the field's name, without one leading blank; undefined when the name goes on. */
function fieldValue(text: string, colon: number, end: number): string | undefined {
  if (colon === end) return '';
  if (colon > end || text[colon] !== ':') return undefined;
  return text.slice(text[colon + 1] === ' ' && colon + 1 < end ? colon + 2 : colon + 1, end);
}
