import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { CadreError } from '../core/errors.ts';

/** First byte of a gzip file (RFC 1952). */
const GZIP = 0x1f;
/** Bytes of a file's text. */
const MOST = 2 ** 29 - 1;

const UTF16_MARKS = ['fffe', 'feff'];

/**
 * Text of a file that the user names, UTF-8 with or without a byte order mark, plain or gzipped.
 * Throws `invalid_request` that names it.
 */
export function readDataFile(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new CadreError('invalid_request', `${path} cannot be read (${code})`);
  }
  const plain = unpack(bytes, path);
  if (UTF16_MARKS.includes(plain.toString('hex', 0, 2)))
    throw new CadreError(
      'invalid_request',
      `${path} is UTF-16; \`iconv -f UTF-16 -t UTF-8 ${path} > NEW\` makes it UTF-8, which is read`,
    );
  try {
    return plain.toString('utf8').replace(/^\ufeff/, '');
  } catch {
    throw new CadreError('invalid_request', `${path} holds too much text`);
  }
}

function unpack(bytes: Buffer, path: string): Buffer {
  if (bytes[0] !== GZIP) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST });
  } catch {
    throw new CadreError(
      'invalid_request',
      `${path} is a damaged gzip file, or holds too much text`,
    );
  }
}
