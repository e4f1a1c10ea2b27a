import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { HEADER_BYTES } from '../parsers/mail-headers.ts';

/** Where one message of an mbox file lies, without the line that begins with `From `. */
export interface MboxMessage {
  readonly start: number;
  readonly end: number;
  /** The first bytes, with the headers. */
  readonly head: Uint8Array;
  /** SHA-256 of its bytes, hex. */
  readonly hash: string;
}

/** Bytes before a message by which its beginning is known: a blank line, then `From `. */
const LONGEST_MARK = 8;

/** The messages of an mbox file (RFC 4155), read once in pieces; a file of any size takes one piece. */
export async function* mboxMessages(
  file: string,
  signal: AbortSignal,
): AsyncGenerator<MboxMessage> {
  let open: OpenMessage | undefined;
  let rest = Buffer.alloc(0);
  let offset = 0;
  const stream = createReadStream(file, { signal, highWaterMark: 1 << 20 });
  for await (const piece of stream as AsyncIterable<Buffer>) {
    let bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    for (;;) {
      const begin = nextBegin(bytes, offset === 0 && open === undefined);
      if (begin === undefined) break;
      const line = bytes.indexOf(10, begin);
      // The line that begins the message has not come whole yet.
      if (line < 0) break;
      open?.add(bytes.subarray(0, begin));
      if (open !== undefined) yield open.end(offset + begin);
      offset += line + 1;
      bytes = bytes.subarray(line + 1);
      open = new OpenMessage(offset);
    }
    const done = Math.max(0, (nextBegin(bytes, false) ?? bytes.length) - LONGEST_MARK);
    open?.add(bytes.subarray(0, done));
    offset += done;
    rest = Buffer.from(bytes.subarray(done));
  }
  open?.add(rest);
  if (open !== undefined) yield open.end(offset + rest.length);
}

class OpenMessage {
  readonly #start: number;
  readonly #hash = createHash('sha256');
  readonly #head: Uint8Array[] = [];
  #headBytes = 0;

  constructor(start: number) {
    this.#start = start;
  }

  add(bytes: Uint8Array): void {
    this.#hash.update(bytes);
    if (this.#headBytes >= HEADER_BYTES) return;
    const head = Buffer.from(bytes.subarray(0, HEADER_BYTES - this.#headBytes));
    this.#head.push(head);
    this.#headBytes += head.length;
  }

  end(end: number): MboxMessage {
    const head = Buffer.concat(this.#head);
    return { start: this.#start, end, head, hash: this.#hash.digest('hex') };
  }
}

/** Where `From ` begins a message: at the start of the file or after a blank line. */
function nextBegin(bytes: Buffer, isFileStart: boolean): number | undefined {
  if (isFileStart && bytes.subarray(0, 5).toString('latin1') === 'From ') return 0;
  for (let at = bytes.indexOf('\nFrom '); at >= 0; at = bytes.indexOf('\nFrom ', at + 1)) {
    const before = bytes[at - 1] === 13 ? at - 2 : at - 1;
    if (bytes[before] === 10) return at + 1;
  }
  return undefined;
}
