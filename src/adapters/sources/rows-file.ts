import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { CadreError } from '../../core/errors.ts';

/** First byte of a gzip file (RFC 1952). */
const GZIP = 0x1f;
const LINE_BREAK = 0x0a;
/** Bytes in which a zero is looked for. */
const LOOKED_AT = 4096;
/** A million long rows; what is larger is no set of examples. */
const BYTES_MOST = 400_000_000;

/**
 * The text of a file of rows, plain or gzipped: UTF-8, UTF-16 by its byte order mark, else
 * Windows-1252, which `note` says. Throws `invalid_request` that names the file.
 */
export function readRowsFile(
  source: string | Uint8Array,
  name: string,
): { readonly text: string; readonly hash: string; readonly note?: string } {
  const bytes = typeof source === 'string' ? fileBytes(source) : source;
  const hash = createHash('sha256').update(bytes).digest('hex');
  const plain = bytes[0] === GZIP ? unpacked(bytes, name) : bytes;
  if (plain.length > BYTES_MOST)
    throw invalid(name, `holds ${plain.length} bytes, at most ${BYTES_MOST} are read`);
  const binary = binaryWords(plain);
  if (binary !== undefined) throw invalid(name, binary);
  const encoding = encodingOf(plain);
  const text = new TextDecoder(encoding).decode(plain);
  if (encoding === 'utf-8') return { text, hash };
  return { text, hash, note: `${name} was read as ${encoding}, because it is not UTF-8` };
}

function fileBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    const words = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
    throw invalid(path, words);
  }
}

function unpacked(bytes: Uint8Array, name: string): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: BYTES_MOST });
  } catch {
    throw invalid(name, 'is a damaged gzip file, or holds too much text');
  }
}

function encodingOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return 'utf-8';
  } catch {
    return 'windows-1252';
  }
}

/** Why it is no text: a workbook, an archive, or zero bytes without a mark of UTF-16; else undefined. */
function binaryWords(bytes: Uint8Array): string | undefined {
  const mark = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
  if (mark === 0xfffe || mark === 0xfeff) return undefined;
  if (bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] ?? 99) < 9) return ARCHIVE_WORDS;
  const place = bytes.subarray(0, LOOKED_AT).indexOf(0);
  return place < 0 ? undefined : zeroWords(1 + linesTo(bytes, place));
}

export const ARCHIVE_WORDS =
  'is no text but a workbook or another archive: save the table as CSV or JSON lines';

/** A database, UTF-16 without its mark, or one cell that came out of such a thing. */
export function zeroWords(line: number): string {
  return `is no text: line ${line} holds a zero byte; save the table as CSV or JSON lines in UTF-8`;
}

/** Line breaks before a place. */
export function linesTo(bytes: Uint8Array, place: number): number {
  let lines = 0;
  for (let at = bytes.indexOf(LINE_BREAK); at >= 0 && at < place; lines += 1)
    at = bytes.indexOf(LINE_BREAK, at + 1);
  return lines;
}

function invalid(name: string, problem: string): CadreError {
  return new CadreError('invalid_request', `${name} ${problem}`, { param: 'data' });
}
