import { gunzipSync } from 'node:zlib';
import { CadreError } from '../../core/errors.ts';
import type { DocumentClient } from '../egress/document-client.ts';
import { answerBytes } from '../models/answer-bytes.ts';
import { decodeText } from '../parsers/text-lines.ts';

/** Bytes of a sitemap, a feed or a robots.txt. */
const MOST_BYTES = 20_000_000;

/**
 * A small text from the web: a sitemap, a feed, a robots.txt; compressed ones are opened. Undefined for
 * 404 and 410. Rejects with `source_failed` for another status.
 */
export async function readWebText(
  documents: DocumentClient,
  destination: string | undefined,
  url: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const response = await documents.get({ destination, url, maxBytes: MOST_BYTES, signal });
  if (response.status === 404 || response.status === 410) {
    response.body.finish();
    return undefined;
  }
  if (response.status !== 200) {
    response.body.finish();
    throw new CadreError('source_failed', `${url} answered with status ${response.status}`);
  }
  const pieces: Uint8Array[] = [];
  for await (const piece of answerBytes(response, new URL(url).host)) pieces.push(piece);
  const bytes = Buffer.concat(pieces);
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return decodeText(isPacked ? gunzipSync(bytes, { maxOutputLength: MOST_BYTES }) : bytes);
}
