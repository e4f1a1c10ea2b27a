import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { CadreError } from '../../core/errors.ts';

/** First byte of a gzip file (RFC 1952). */
const GZIP = 0x1f;
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
  if (isBinary(plain)) throw invalid(name, 'is no text: save the table as CSV or JSON lines');
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

/** Zero bytes without a mark of UTF-16 are no text: a workbook, an archive, a database. */
function isBinary(bytes: Uint8Array): boolean {
  const mark = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
  if (mark === 0xfffe || mark === 0xfeff) return false;
  if (bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] ?? 99) < 9) return true;
  return bytes.subarray(0, 4096).includes(0);
}

function invalid(name: string, problem: string): CadreError {
  return new CadreError('invalid_request', `${name} ${problem}`, { param: 'data' });
}
