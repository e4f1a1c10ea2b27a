import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { CadreError } from '../../../core/errors.ts';

const BLOCK_BYTES = 512;
const FILE_TYPES = new Set(['0', '\0', '']);
const LONGEST_EXTENSION = 65_536;

/**
 * The bytes of one member of a gzipped tar (POSIX.1-2001 ustar and pax), in pieces. Rejects with
 * `source_failed` when the member is not there or the archive is cut.
 */
export async function* readTarMember(
  archive: string,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const packed = createReadStream(archive);
  const unpacked = packed.pipe(createGunzip());
  packed.once('error', (error) => unpacked.destroy(error));
  const pieces = new Pieces(unpacked, signal);
  try {
    let extension = new Map<string, string>();
    for (;;) {
      const header = await pieces.take(BLOCK_BYTES);
      if (header.every((byte) => byte === 0))
        throw new CadreError('source_failed', `the archive has no member ${path}`);
      const type = header.toString('latin1', 156, 157);
      const bytes = Number(extension.get('size') ?? octal(header, 124, 12));
      const name = extension.get('path') ?? nameOf(header);
      if (!Number.isSafeInteger(bytes) || bytes < 0) throw damaged();
      if (type === 'x') {
        if (bytes > LONGEST_EXTENSION) throw damaged();
        extension = parseExtension(await pieces.take(padded(bytes)), bytes);
        continue;
      }
      if (name === path && FILE_TYPES.has(type)) {
        yield* pieces.stream(bytes);
        return;
      }
      for await (const _skipped of pieces.stream(padded(bytes)));
      extension = new Map();
    }
  } finally {
    packed.destroy();
    unpacked.destroy();
  }
}

/** Reads a stream by counts of bytes. */
class Pieces {
  readonly #source: AsyncIterator<Buffer>;
  readonly #signal: AbortSignal;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: AsyncIterable<Buffer>, signal: AbortSignal) {
    this.#source = stream[Symbol.asyncIterator]();
    this.#signal = signal;
  }

  async take(length: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const piece of this.stream(length)) parts.push(piece);
    return Buffer.concat(parts);
  }

  async *stream(length: number): AsyncGenerator<Buffer> {
    let left = length;
    while (left > 0) {
      this.#signal.throwIfAborted();
      if (this.#rest.length === 0) {
        const next = await this.#source.next();
        if (next.done) throw damaged();
        this.#rest = next.value;
      }
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }
}

function padded(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
}

function nameOf(header: Buffer): string {
  const name = field(header, 0, 100);
  const prefix = header.toString('latin1', 257, 262) === 'ustar' ? field(header, 345, 155) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

function field(header: Buffer, start: number, length: number): string {
  const text = header.toString('utf8', start, start + length);
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

function octal(header: Buffer, start: number, length: number): number {
  return Number.parseInt(field(header, start, length).trim() || '0', 8);
}

/** Lines of `LENGTH KEY=VALUE`. */
function parseExtension(block: Buffer, bytes: number): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of block.toString('utf8', 0, bytes).split('\n')) {
    const match = /^\d+ ([^=]+)=(.*)$/.exec(line);
    if (match?.[1] !== undefined && match[2] !== undefined) values.set(match[1], match[2]);
  }
  return values;
}

function damaged(): CadreError {
  return new CadreError('source_failed', 'the archive is damaged or cut');
}
