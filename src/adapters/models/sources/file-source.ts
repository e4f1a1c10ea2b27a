import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { CadreError } from '../../../core/errors.ts';
import type { ModelSource } from '../../../core/ports.ts';

/** `file:/path` or `file:///path`: a copy from a disk, for machines without any network. */
export function createFileSource(): ModelSource {
  return {
    scheme: 'file',
    async doFetch(source, file, target, { signal, onBytes }) {
      const path = pathOf(source);
      const found = await stat(path).catch(() => undefined);
      if (!found?.isFile()) throw new CadreError('source_failed', `there is no file ${path}`);
      if (found.size !== file.bytes)
        throw new CadreError(
          'source_failed',
          `${path} has ${found.size} bytes instead of ${file.bytes}`,
        );
      let bytes = 0;
      await pipeline(
        createReadStream(path),
        async function* (pieces: AsyncIterable<Buffer>) {
          for await (const piece of pieces) {
            bytes += piece.length;
            onBytes(bytes);
            yield piece;
          }
        },
        createWriteStream(target),
        { signal },
      );
    },
  };
}

function pathOf(source: string): string {
  const path = source.startsWith('file://') ? fileURLToPath(source) : source.slice('file:'.length);
  if (!isAbsolute(path))
    throw new CadreError('source_failed', `the path of \`${source}\` is not absolute`);
  return path;
}
