import type { SourceSpec } from '../core/config-source.ts';
import { CadreError } from '../core/errors.ts';
import { type SourceItem, sourceName } from '../core/source.ts';
import type { ChunkRow } from '../core/stores.ts';

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

/** What a document is: as its source says, else the suffix of its name in lower case. */
export function typeOf({ type, path }: Pick<SourceItem, 'type' | 'path'>): string {
  return type ?? /[^/]\.([a-z0-9]{1,12})$/i.exec(path)?.[1]?.toLowerCase() ?? '';
}

/** `left out` says why, where something was there. */
export function noDocuments(
  sources: readonly SourceSpec[],
  found: { readonly skipped: readonly { readonly path: string; readonly reason: string }[] },
): CadreError {
  const reasons = found.skipped.slice(0, 5).map((one) => `${one.path}: ${one.reason}`);
  const detail = reasons.length === 0 ? '' : `; left out: ${reasons.join(', ')}`;
  return new CadreError(
    'invalid_request',
    `${sources.map(sourceName).join(', ')} has no document that can be read (read are ${READ_EXAMPLES} and source code)${detail}`,
    { param: 'sources' },
  );
}

const READ_EXAMPLES =
  '.md .txt .html .pdf .docx .pptx .xlsx .odt .ods .epub .rtf .csv .json .yaml .log .png';
