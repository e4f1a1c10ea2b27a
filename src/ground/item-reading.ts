import { type CadreError, toCadreError } from '../core/errors.ts';
import type { CallOptions, Parser } from '../core/ports.ts';
import type { OpenedItem } from '../core/source.ts';
import type { DocumentRow } from '../core/stores.ts';
import type { ChunkedDocument } from './chunks.ts';
import type { GroundEngine } from './engine.ts';
import type { Opening } from './source-changes.ts';

/** What opening an item came to. Whoever gets it calls `close`. */
export type ItemReading = {
  readonly opening: Opening;
  /** '' where not even the bytes could be read. */
  readonly hash: string;
  readonly bytes: number;
  /** False when the content changed while it was read. */
  readonly isSteady: () => Promise<boolean>;
  readonly close: () => Promise<void>;
} & (
  | { readonly kind: 'same' }
  /** The same bytes were at another place that is empty now. */
  | {
      readonly kind: 'moved';
      readonly origin: DocumentRow;
      /** Its passages with the new place; absent where it cannot be read now. */
      readonly chunked?: ChunkedDocument;
    }
  | { readonly kind: 'read'; readonly id: string; readonly chunked: ChunkedDocument }
  | { readonly kind: 'failed'; readonly error: CadreError }
);

export interface ReadingParts {
  readonly parser: Parser;
  readonly engine: GroundEngine;
  readonly newId: (path: string, hash: string) => Promise<string>;
  /** Takes the document with this hash out of those that are missing at their place. */
  readonly takeMissing: (hash: string) => DocumentRow | undefined;
}

/** Failures that are the document's or its source's own; any other ends the run. */
const OWN_FAILURES = new Set([
  'document_unreadable',
  'source_failed',
  'upstream_failed',
  'upstream_timeout',
  'egress_refused',
  'worker_crashed',
  'model_stuck',
  'overloaded',
  'internal',
]);

/** Opens an item, and reads and cuts it unless its bytes are known. */
export async function readItem(
  parts: ReadingParts,
  opening: Opening,
  options: CallOptions,
): Promise<ItemReading> {
  const { found, stored } = opening;
  let opened: OpenedItem | undefined;
  try {
    opened = await found.source.doOpen(found.item, options);
    const base = {
      opening,
      hash: opened.hash,
      bytes: opened.bytes,
      isSteady: async () => (await opened?.isSteady?.()) ?? true,
      close: opened.close,
    };
    const isRead = stored !== undefined && (stored.problem === undefined || stored.chunkCount > 0);
    // The title is indexed with every passage.
    const isTitled = stored?.title === found.item.title;
    if (isRead && isTitled && stored.hash === opened.hash) return { ...base, kind: 'same' };
    const origin = stored === undefined ? parts.takeMissing(opened.hash) : undefined;
    if (origin !== undefined) {
      const cutting = cut(parts, opening, opened.file, origin, options);
      const chunked = await cutting.catch(() => undefined);
      options.signal.throwIfAborted();
      return { ...base, kind: 'moved', origin, ...(chunked === undefined ? {} : { chunked }) };
    }
    const id = stored?.id ?? (await parts.newId(found.path, opened.hash));
    const before = { id, version: stored?.version ?? 0 };
    const chunked = await cut(parts, opening, opened.file, before, options);
    return { ...base, kind: 'read', id, chunked };
  } catch (thrown) {
    await opened?.close();
    options.signal.throwIfAborted();
    const error = toCadreError(thrown);
    if (!OWN_FAILURES.has(error.code)) throw error;
    return {
      opening,
      kind: 'failed',
      hash: opened?.hash ?? '',
      bytes: opened?.bytes ?? found.item.bytes,
      error,
      isSteady: async () => true,
      close: async () => undefined,
    };
  }
}

/** Reads a file and cuts it into the passages of the version after `before`. */
async function cut(
  { parser, engine }: ReadingParts,
  { found }: Opening,
  file: string,
  before: Pick<DocumentRow, 'id' | 'version'>,
  options: CallOptions,
): Promise<ChunkedDocument> {
  const parsed = await parser.doParse(file, options);
  const { title } = found.item;
  return engine.chunk(parsed, {
    documentId: before.id,
    version: before.version + 1,
    path: found.path,
    ...(title === undefined ? {} : { title }),
  });
}
