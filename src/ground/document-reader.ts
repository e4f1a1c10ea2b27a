import { mayRead } from '../core/access.ts';
import type { DocumentText, DocumentTextRequest } from '../core/document-text.ts';
import { CadreError, toCadreError } from '../core/errors.ts';
import type { CallOptions, Parser } from '../core/ports.ts';
import { type OpenedItem, type OpenSource, sourceName } from '../core/source.ts';
import type { ChunkStore, CollectionRow, DocumentRow } from '../core/stores.ts';
import { partAround, type ReadableText, textOfChunks, textOfParsed } from './document-part.ts';

/** Milliseconds that reading the original again may take; then the stored sentences are shown. */
const READING_MS = 20_000;
/** Whose originals lie beyond this machine: looking at a document sends nothing there. */
const REMOTE = new Set(['web', 'feed']);
/** Documents, and characters of all of them, that are kept for the next look. */
const KEPT_DOCUMENTS = 16;
const KEPT_CHARACTERS = 8_000_000;
const SLOW_DOCUMENTS = 1000;
const TOO_SLOW = {
  reason: `reading its original again takes longer than ${READING_MS / 1000} s`,
};
const ATTEMPTS = 3;

export interface ReaderParts {
  readonly chunks: ChunkStore;
  readonly parser: Parser;
  readonly openSource: (collection: string) => OpenSource;
}

type Original = ReadableText | { readonly reason: string };

/** Shows documents to people: the text of the version that is indexed, never of another one. */
export class DocumentReader {
  readonly #parts: ReaderParts;
  /** By hash of the bytes and suffix, the one used last at the end. */
  readonly #kept = new Map<string, ReadableText>();
  /** Those that took too long: whoever looks again does not wait again. */
  readonly #slow = new Set<string>();

  constructor(parts: ReaderParts) {
    this.#parts = parts;
  }

  /** Undefined where there is none, or none that the principals may read. */
  async find(request: DocumentTextRequest): Promise<DocumentRow | undefined> {
    return (await this.#find(request))?.document;
  }

  /** As `find`, with its text. */
  async read(
    request: DocumentTextRequest,
    options: CallOptions,
  ): Promise<DocumentText | undefined> {
    for (let attempt = 1; ; attempt += 1) {
      const found = await this.#find(request);
      if (found === undefined) return undefined;
      const { document, collection } = found;
      const original = await this.#original(document, collection, options);
      const isRead = !('reason' in original);
      const text = isRead ? original : await this.#stored(document);
      // It may have been changed or closed while it was read.
      const now = await this.#find(request);
      if (now === undefined) return undefined;
      if (now.document.version !== document.version) {
        if (attempt < ATTEMPTS) continue;
        throw new CadreError('overloaded', 'the document changes too fast', { retryAfter: 1 });
      }
      return {
        document: now.document,
        origin: isRead ? 'original' : 'index',
        ...(isRead ? {} : { reason: original.reason }),
        ...partAround(text, request.around ?? 0),
      };
    }
  }

  async #find({ collection: name, id, principals }: DocumentTextRequest) {
    const collection = await this.#parts.chunks.doGetCollection(name);
    if (collection === undefined || !mayRead(collection.principals, principals)) return undefined;
    const [document] = await this.#parts.chunks.doFindDocuments(name, [id], principals);
    return document === undefined ? undefined : { document, collection };
  }

  async #stored({ collection, id }: DocumentRow): Promise<ReadableText> {
    return textOfChunks(await this.#parts.chunks.doReadDocument(collection, id));
  }

  async #original(
    document: DocumentRow,
    collection: CollectionRow,
    { signal }: CallOptions,
  ): Promise<Original> {
    const key = `${document.hash} ${/\.[^./]*$/.exec(document.path)?.[0] ?? ''}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined) {
      this.#keep(key, kept);
      return kept;
    }
    if (document.chunkCount === 0) return { reason: document.problem ?? 'it has no text' };
    if (this.#slow.has(key)) return TOO_SLOW;
    const limit = AbortSignal.timeout(READING_MS);
    try {
      const read = await this.#readAgain(document, collection, AbortSignal.any([signal, limit]));
      if (!('reason' in read)) this.#keep(key, read);
      return read;
    } catch (thrown) {
      signal.throwIfAborted();
      if (limit.aborted) {
        if (this.#slow.size >= SLOW_DOCUMENTS) this.#slow.clear();
        this.#slow.add(key);
        return TOO_SLOW;
      }
      const { code } = toCadreError(thrown);
      return {
        reason:
          code === 'document_unreadable'
            ? 'its original is gone or can no longer be read'
            : 'its source cannot be reached now',
      };
    }
  }

  async #readAgain(
    document: DocumentRow,
    collection: CollectionRow,
    signal: AbortSignal,
  ): Promise<Original> {
    const spec = collection.sources.find((one) => sourceName(one) === document.source);
    if (spec === undefined) return { reason: 'its source is no longer part of the collection' };
    if (REMOTE.has(spec.kind)) return { reason: 'its original is on another machine' };
    if (spec.kind === 'sql')
      return { reason: 'rows of a database are read only when it is indexed' };
    const source = this.#parts.openSource(document.collection)(spec);
    const { bytes, modifiedAt, mark = '', uri, title, type } = document;
    let opened: OpenedItem | undefined;
    try {
      opened = await source.doOpen(
        {
          path: document.path.slice(spec.prefix?.length ?? 0),
          mark,
          bytes,
          modifiedAt,
          type,
          ...(uri === undefined ? {} : { uri }),
          ...(title === undefined ? {} : { title }),
        },
        { signal },
      );
      const changed = { reason: 'its original has changed since it was indexed' };
      if (opened.hash !== document.hash) return changed;
      const parsed = await this.#parts.parser.doParse(opened.file, { signal });
      if ((await opened.isSteady?.()) === false) return changed;
      return textOfParsed(parsed);
    } finally {
      await opened?.close();
    }
  }

  #keep(key: string, text: ReadableText): void {
    this.#kept.delete(key);
    this.#kept.set(key, text);
    let characters = 0;
    for (const one of this.#kept.values()) characters += one.text.length;
    for (const [oldest, one] of this.#kept) {
      if (this.#kept.size <= KEPT_DOCUMENTS && characters <= KEPT_CHARACTERS) return;
      characters -= one.text.length;
      this.#kept.delete(oldest);
    }
  }
}
