import { CadreError } from '../core/errors.ts';
import type { SourceFile } from '../core/ports.ts';
import type { ChunkRow } from '../core/stores.ts';
import type { KnownVector } from './embedding.ts';
import { textKey } from './text-key.ts';

/** Consecutive chunks of one document. */
export async function* documentsOf(chunks: AsyncIterable<ChunkRow>): AsyncGenerator<ChunkRow[]> {
  let open: ChunkRow[] = [];
  for await (const chunk of chunks) {
    if (open.length > 0 && open[0]?.documentId !== chunk.documentId) {
      yield open;
      open = [];
    }
    open.push(chunk);
  }
  if (open.length > 0) yield open;
}

export function knownOf(rows: readonly ChunkRow[]): KnownVector[] {
  return rows.flatMap(({ indexText, embedding }) =>
    embedding === undefined ? [] : [{ key: textKey(indexText), vector: embedding }],
  );
}

/** What a file is: as its source says, else the suffix of its name in lower case. */
export function typeOf({ type, path }: Pick<SourceFile, 'type' | 'path'>): string {
  return type ?? /[^/]\.([a-z0-9]{1,12})$/i.exec(path)?.[1]?.toLowerCase() ?? '';
}

export function emptyFolder(
  folder: string,
  found: { readonly skipped: readonly { readonly path: string; readonly reason: string }[] },
): CadreError {
  const reasons = found.skipped.slice(0, 5).map((one) => `${one.path}: ${one.reason}`);
  const detail = reasons.length === 0 ? '' : `; left out: ${reasons.join(', ')}`;
  return new CadreError(
    'invalid_request',
    `the folder ${folder} has no document that can be read (read are ${READ_EXAMPLES} and source code)${detail}`,
    { param: 'folder' },
  );
}

const READ_EXAMPLES = '.md .txt .html .pdf .docx .pptx .xlsx .odt .rtf .csv .json .yaml .log';
