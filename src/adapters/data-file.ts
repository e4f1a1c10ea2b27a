import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { CadreError } from '../core/errors.ts';

/** First byte of a gzip file (RFC 1952). */
const GZIP = 0x1f;
/** Bytes of a file's text. */
const MOST = 2 ** 29 - 1;

/** Text of a file that the user names, plain or gzipped. Throws `invalid_request` that names it. */
export function readDataFile(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new CadreError('invalid_request', `${path} cannot be read (${code})`);
  }
  try {
    const plain = bytes[0] === GZIP ? gunzipSync(bytes, { maxOutputLength: MOST }) : bytes;
    return plain.toString('utf8');
  } catch {
    throw new CadreError(
      'invalid_request',
      `${path} is a damaged gzip file, or holds too much text`,
    );
  }
}
