import { createHash } from 'node:crypto';
import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { CadreError } from '../../core/errors.ts';
import { ARCHIVE_WORDS, linesTo, zeroWords } from './rows-file.ts';

/** A file of text that is read in pieces. */
export interface TextStream {
  /** SHA-256 of the file's bytes, as it lies there. */
  readonly hash: string;
  /** Said where it is not UTF-8. */
  readonly note?: string;
  readonly encoding: string;
  /** Its text from the beginning; may be read several times. */
  pieces(): AsyncIterable<string>;
}

const PIECE_BYTES = 1 << 18;
/** Bytes of one file; what is larger is no set of examples. */
const BYTES_MOST = 8e9;

/**
 * Looks through a file once: UTF-8, UTF-16 by its byte order mark, else Windows-1252 (Latin-1 is part
 * of it), plain or gzipped. Throws `invalid_request` that names it.
 */
export async function openTextStream(path: string, signal: AbortSignal): Promise<TextStream> {
  const isPacked = startsPacked(path);
  const hash = createHash('sha256');
  const check = new EncodingCheck(path);
  let bytes = 0;
  for await (const piece of plainPieces(path, isPacked, signal, (raw) => hash.update(raw))) {
    bytes += piece.length;
    if (bytes > BYTES_MOST) throw invalid(path, 'holds more than 8 GB of text');
    check.add(piece);
  }
  const encoding = check.end();
  return {
    hash: hash.digest('hex'),
    encoding,
    ...(encoding === 'utf-8'
      ? {}
      : { note: `${path} was read as ${encoding}, because it is not UTF-8` }),
    pieces: () => decoded(plainPieces(path, isPacked, signal), encoding),
  };
}

/** First two bytes of a gzip file (RFC 1952). */
function startsPacked(path: string): boolean {
  try {
    const file = openSync(path, 'r');
    try {
      const start = Buffer.alloc(2);
      readSync(file, start, 0, 2, 0);
      return start[0] === 0x1f && start[1] === 0x8b;
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function* plainPieces(
  path: string,
  isPacked: boolean,
  signal: AbortSignal,
  onRaw?: (raw: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  const file = createReadStream(path, { highWaterMark: PIECE_BYTES, signal });
  if (onRaw !== undefined) file.on('data', (raw) => onRaw(raw as Uint8Array));
  if (!isPacked) {
    try {
      yield* file as AsyncIterable<Uint8Array>;
    } catch (error) {
      signal.throwIfAborted();
      throw unreadable(path, error);
    }
    return;
  }
  const plain = createGunzip({ chunkSize: PIECE_BYTES });
  file.on('error', (error) => plain.destroy(error));
  file.pipe(plain);
  try {
    yield* plain as AsyncIterable<Uint8Array>;
  } catch {
    signal.throwIfAborted();
    throw invalid(path, 'is a damaged gzip file');
  } finally {
    file.destroy();
  }
}

async function* decoded(
  pieces: AsyncIterable<Uint8Array>,
  encoding: string,
): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding);
  for await (const piece of pieces) yield decoder.decode(piece, { stream: true });
  yield decoder.decode();
}

class EncodingCheck {
  readonly #path: string;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  #marked: string | undefined;
  #isUtf8 = true;
  #started = false;
  #lines = 1;

  constructor(path: string) {
    this.#path = path;
  }

  add(piece: Uint8Array): void {
    if (!this.#started) {
      this.#started = true;
      if (piece[0] === 0xff && piece[1] === 0xfe) this.#marked = 'utf-16le';
      if (piece[0] === 0xfe && piece[1] === 0xff) this.#marked = 'utf-16be';
      // A workbook or another archive.
      if (piece[0] === 0x50 && piece[1] === 0x4b && (piece[2] ?? 99) < 9)
        throw invalid(this.#path, ARCHIVE_WORDS);
    }
    if (this.#marked !== undefined) return;
    const zero = piece.indexOf(0);
    if (zero >= 0) throw invalid(this.#path, zeroWords(this.#lines + linesTo(piece, zero)));
    this.#lines += linesTo(piece, piece.length);
    if (this.#isUtf8) this.#isUtf8 = this.#decodes(piece);
  }

  end(): string {
    if (this.#marked !== undefined) return this.#marked;
    return this.#isUtf8 && this.#decodes() ? 'utf-8' : 'windows-1252';
  }

  #decodes(piece?: Uint8Array): boolean {
    try {
      if (piece === undefined) this.#decoder.decode();
      else this.#decoder.decode(piece, { stream: true });
      return true;
    } catch {
      return false;
    }
  }
}

function unreadable(path: string, error: unknown): CadreError {
  const { code = 'unknown' } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return invalid(path, 'does not exist');
  return invalid(path, code === 'EISDIR' ? 'is a folder; name a file' : `cannot be read (${code})`);
}

function invalid(name: string, problem: string): CadreError {
  return new CadreError('invalid_request', `${name} ${problem}`, { param: 'data' });
}
