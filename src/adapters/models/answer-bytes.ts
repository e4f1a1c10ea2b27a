import { pipeline, Readable, type Transform } from 'node:stream';
import {
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
} from 'node:zlib';
import { CadreError } from '../../core/errors.ts';
import type { ExchangeResponse } from '../egress/exchange.ts';

/** Bound of what a compressed answer may unfold to. */
const MOST_BYTES = 64 * 1024 * 1024;

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
};

/**
 * The bytes of an answer as they were before the server compressed them, which it was not asked to
 * do. Rejects with `upstream_failed` for a coding that is unknown or does not hold what it says, and
 * for more than 64 MB; a compressed answer that breaks off is `cut`.
 */
export function answerBytes(
  response: ExchangeResponse,
  destination: string,
): AsyncIterable<Uint8Array> {
  const coding = (response.headers['content-encoding'] ?? '').trim().toLowerCase();
  if (coding === '' || coding === 'identity') return response.body;
  const decoder = DECODERS[coding];
  if (decoder !== undefined) return decode(response, decoder(), destination);
  response.body.finish();
  throw new CadreError('upstream_failed', `${destination} answered in an unknown coding`, {
    fault: 'malformed',
  });
}

async function* decode(
  response: ExchangeResponse,
  decoder: Transform,
  destination: string,
): AsyncGenerator<Uint8Array> {
  // The decoder's own end tells everything; `pipeline` carries failures and early ends both ways.
  pipeline(Readable.from(response.body), decoder, () => undefined);
  let length = 0;
  try {
    for await (const chunk of decoder as AsyncIterable<Uint8Array>) {
      length += chunk.byteLength;
      if (length > MOST_BYTES) {
        const message = `${destination} sent an answer that unfolds to more than ${MOST_BYTES} bytes`;
        throw new CadreError('upstream_failed', message, { fault: 'malformed' });
      }
      yield chunk;
    }
  } catch (error) {
    throw codingError(error, destination);
  }
}

/** zlib's own errors have a code; everything else is the exchange's and stays as it is. */
function codingError(error: unknown, destination: string): unknown {
  if (!(error instanceof Error) || error instanceof CadreError) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (!/^(Z_|ZSTD_|ERR__ERROR|ERR_BROTLI)/.test(code)) return error;
  const isCut = /unexpected end of file/.test(error.message);
  return new CadreError(
    'upstream_failed',
    isCut
      ? `${destination} cut a compressed answer short`
      : `${destination} sent bytes that its content-encoding does not describe`,
    { fault: isCut ? 'cut' : 'malformed', cause: error },
  );
}

/** The whole answer as text; more than about `limit` bytes are dropped. */
export async function answerText(
  response: ExchangeResponse,
  destination: string,
  limit: number,
): Promise<string> {
  const all: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of answerBytes(response, destination)) {
    all.push(chunk);
    length += chunk.byteLength;
    if (length < limit) continue;
    response.body.finish();
    break;
  }
  return Buffer.concat(all).toString('utf8');
}
