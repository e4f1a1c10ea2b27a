import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CadreError } from '../../core/errors.ts';
import type { OpenedItem } from '../../core/source.ts';
import { FILE_LIMIT } from '../parsers/formats.ts';

/** Bytes; a file of no more is read at once, which takes a third of the time of a stream. */
const SMALL = 1_000_000;

/** SHA-256 (hex) and length of a file's bytes; a large one is read in pieces. */
export async function hashFile(
  file: string,
  size: number,
  signal: AbortSignal,
): Promise<{ readonly hash: string; readonly bytes: number }> {
  const hash = createHash('sha256');
  if (size <= SMALL) {
    const content = await readFile(file, { signal });
    return { hash: hash.update(content).digest('hex'), bytes: content.length };
  }
  let bytes = 0;
  for await (const part of createReadStream(file, { signal }) as AsyncIterable<Uint8Array>) {
    hash.update(part);
    bytes += part.length;
  }
  return { hash: hash.digest('hex'), bytes };
}

/**
 * Content that is no file yet, written to one that only this user reads, until it is closed. Rejects
 * with `document_unreadable` for more bytes than a parser takes.
 */
export async function keepItem(
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  suffix: string,
  signal: AbortSignal,
): Promise<OpenedItem> {
  const folder = await mkdtemp(join(tmpdir(), 'cadre-item-'));
  const close = () => rm(folder, { recursive: true, force: true });
  try {
    const file = join(folder, `item${suffix}`);
    const hash = createHash('sha256');
    let bytes = 0;
    const target = await open(file, 'wx', 0o600);
    try {
      for await (const part of content) {
        signal.throwIfAborted();
        bytes += part.length;
        if (bytes > FILE_LIMIT)
          throw new CadreError(
            'document_unreadable',
            `it is larger than ${FILE_LIMIT / 1e6} MB; cut it into parts`,
          );
        hash.update(part);
        await target.write(part);
      }
    } finally {
      await target.close();
    }
    return { file, hash: hash.digest('hex'), bytes, close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}
