import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { CadreError } from '../../core/errors.ts';
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

/** Bytes of the line that begins a message; what is longer is text. Real ones have about 60. */
const LONGEST_LINE = 4096;
/** Small, so that the pieces of a large mailbox hold nobody up for a millisecond. */
const PIECE = 256 * 1024;

/**
 * The messages of an mbox file (RFC 4155), read once in pieces: a file of any size takes the memory
 * of one and time in proportion. Rejects with `document_unreadable` where it begins with no message.
 */
export async function* mboxMessages(
  file: string,
  signal: AbortSignal,
): AsyncGenerator<MboxMessage> {
  let open: OpenMessage | undefined;
  let rest = Buffer.alloc(0);
  let offset = 0;
  const stream = createReadStream(file, { signal, highWaterMark: PIECE });
  for await (const piece of stream as AsyncIterable<Buffer>) {
    let bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    let begin = nextBegin(bytes, offset === 0 && open === undefined);
    while (begin !== undefined && begin.end !== undefined) {
      open?.add(bytes.subarray(0, begin.at));
      if (open !== undefined) yield open.end(offset + begin.at);
      offset += begin.end + 1;
      bytes = bytes.subarray(begin.end + 1);
      open = new OpenMessage(offset);
      begin = nextBegin(bytes, false);
    }
    if (open === undefined && begin === undefined) throw noMailbox();
    const done = Math.max(0, (begin?.at ?? bytes.length) - LONGEST_MARK);
    open?.add(bytes.subarray(0, done));
    offset += done;
    rest = Buffer.from(bytes.subarray(done));
  }
  if (open === undefined) throw noMailbox();
  open.add(rest);
  yield open.end(offset + rest.length);
}

function noMailbox(): CadreError {
  return new CadreError(
    'document_unreadable',
    `its first line begins with "From " and does not end within ${LONGEST_LINE} bytes: it is no mailbox; export it again as mbox`,
  );
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

/**
 * Where `From ` begins a message: at the start of the file or after a blank line. `end` is the end of
 * its line, undefined where that has not come yet.
 */
function nextBegin(
  bytes: Buffer,
  isFileStart: boolean,
): { readonly at: number; readonly end: number | undefined } | undefined {
  let at = isFileStart && bytes.subarray(0, 5).toString('latin1') === 'From ' ? 0 : next(bytes, 0);
  for (; at !== undefined; at = next(bytes, at)) {
    const end = bytes.subarray(at, at + LONGEST_LINE).indexOf(10);
    if (end >= 0) return { at, end: at + end };
    if (bytes.length - at < LONGEST_LINE) return { at, end: undefined };
  }
  return undefined;
}

/** The next `From ` behind a blank line. */
function next(bytes: Buffer, from: number): number | undefined {
  for (let at = bytes.indexOf('\nFrom ', from); at >= 0; at = bytes.indexOf('\nFrom ', at + 1)) {
    const before = bytes[at - 1] === 13 ? at - 2 : at - 1;
    if (bytes[before] === 10) return at + 1;
  }
  return undefined;
}
