import { keyPrincipal } from '../core/access.ts';
import { CadreError, toCadreError } from '../core/errors.ts';
import type { Passage } from '../core/evidence.ts';
import type { ObjectStore } from '../core/objects.ts';
import type { Clock } from '../core/ports.ts';
import type { ChunkStore, DocumentRow } from '../core/stores.ts';
import {
  type NewVectorStore,
  uploadedFileOf,
  type VectorFile,
  type VectorFileWish,
  type VectorStoreBody,
  type VectorStoreRow,
  type VectorStores,
  type VectorStoreWords,
} from '../core/vector-store.ts';
import type { Knowledge } from './knowledge.ts';
import { LatestRuns } from './latest-runs.ts';
import { isOfStore } from './store-life.ts';
import { entriesOf } from './vector-store-entries.ts';

export interface VectorStoreParts {
  readonly objects: ObjectStore;
  readonly chunks: Pick<
    ChunkStore,
    'doListDocuments' | 'doReadDocument' | 'doFindChunks' | 'doDropDocument'
  >;
  readonly knowledge: Pick<Knowledge, 'index' | 'search' | 'drop' | 'list'>;
  readonly clock: Clock;
  readonly onProblem: (store: string, error: CadreError) => void;
}

const MOST_FILES = 10_000;
/** File batches that are remembered per store. */
const MOST_BATCHES = 500;
const CHANGE_TRIES = 20;
const DAY_MS = 86_400_000;
/** How far apart two notes of use are, in milliseconds. */
const TOUCH_MS = 60_000;
const PAGE = 500;
/** Milliseconds that a change of files waits until searches show it. */
const SETTLE_MS = 5000;

export interface RoomVectorStores extends VectorStores {
  /** Drops the collections of stores whose time is over. */
  tidy(): Promise<void>;
}

export function createVectorStores(parts: VectorStoreParts, signal: AbortSignal): RoomVectorStores {
  return new StoredVectorStores(parts, signal);
}

/** The stores are objects; what is searched are the collections of the same names. */
class StoredVectorStores implements RoomVectorStores {
  readonly #parts: VectorStoreParts;
  readonly #runs: LatestRuns;

  constructor(parts: VectorStoreParts, signal: AbortSignal) {
    this.#parts = parts;
    this.#runs = new LatestRuns((id) => this.#read(id, signal));
  }

  async create({ id, key, words, files }: NewVectorStore): Promise<VectorStoreRow> {
    const now = this.#parts.clock.now();
    const { idleDays } = words;
    const body: VectorStoreBody = {
      ...words,
      lastActiveAt: now,
      files: entriesOf(files, now, {}),
      batches: {},
    };
    const row: VectorStoreRow = {
      kind: 'vector_store',
      id,
      key,
      createdAt: now,
      ...(idleDays === null ? {} : { expiresAt: now + idleDays * DAY_MS }),
      body,
    };
    await this.#parts.objects.doPutObject(row);
    this.#follow(row.id);
    return row;
  }

  change(id: string, words: Partial<VectorStoreWords>): Promise<VectorStoreRow | undefined> {
    return this.#change(id, (body) => ({ ...body, ...words }));
  }

  async drop(id: string): Promise<boolean> {
    const deleted = await this.#parts.objects.doDeleteObject('vector_store', id);
    await this.#parts.knowledge.drop(id);
    return deleted;
  }

  async files({ id, body }: VectorStoreRow): Promise<readonly VectorFile[]> {
    const documents = new Map(
      (await this.#documents(id)).map((document) => [fileOf(document), document]),
    );
    return Object.entries(body.files).map(([file, { attributes, addedAt }]) => ({
      id: file,
      attributes,
      addedAt,
      ...stateOf(documents.get(file)),
    }));
  }

  async addFiles(
    id: string,
    wishes: readonly VectorFileWish[],
    batch?: string,
  ): Promise<VectorStoreRow | undefined> {
    const now = this.#parts.clock.now();
    const row = await this.#change(id, (body) => {
      const files = { ...body.files, ...entriesOf(wishes, now, body.files) };
      if (Object.keys(files).length > MOST_FILES)
        throw new CadreError('invalid_request', `a vector store holds at most ${MOST_FILES} files`);
      const kept = Object.entries(body.batches).slice(1 - MOST_BATCHES);
      const added = { createdAt: now, files: wishes.map((one) => one.id), cancelled: [] };
      const batches =
        batch === undefined ? body.batches : { ...Object.fromEntries(kept), [batch]: added };
      return { ...body, files, batches, lastActiveAt: now };
    });
    this.#follow(id);
    return row;
  }

  async changeFile(
    id: string,
    file: Required<VectorFileWish>,
  ): Promise<VectorStoreRow | undefined> {
    const row = await this.#change(id, (body) => {
      const stored = body.files[file.id];
      if (stored === undefined) return body;
      const changed = { ...stored, attributes: file.attributes };
      return { ...body, files: { ...body.files, [file.id]: changed } };
    });
    await this.#runs.runFor(id, SETTLE_MS);
    return row;
  }

  async removeFile(id: string, file: string): Promise<void> {
    await this.#change(id, (body) => ({ ...body, files: without(body.files, [file]) }));
    // What is to be gone does not wait for the reading of other files.
    await this.#dropDocument(id, file);
    await this.#runs.runFor(id, SETTLE_MS);
  }

  async cancelBatch(id: string, batch: string): Promise<VectorStoreRow | undefined> {
    const read = new Set((await this.#documents(id)).map(fileOf));
    const row = await this.#change(id, (body) => {
      const found = body.batches[batch];
      if (found === undefined) return body;
      const cancelled = found.files.filter((file) => file in body.files && !read.has(file));
      const files = without(body.files, cancelled);
      const changed = { ...found, cancelled: [...found.cancelled, ...cancelled] };
      return { ...body, files, batches: { ...body.batches, [batch]: changed } };
    });
    this.#follow(id);
    return row;
  }

  async content(
    id: string,
    file: string,
    principals: readonly string[] | undefined,
  ): Promise<readonly string[]> {
    const document = (await this.#documents(id)).find((one) => fileOf(one) === file);
    if (document === undefined) return [];
    const { chunks: store } = this.#parts;
    const ids = (await store.doReadDocument(id, document.id)).map((chunk) => chunk.id);
    const chunks = await store.doFindChunks(id, ids, principals);
    return chunks.map((chunk) => chunk.sentences.map((one) => one.text).join(' '));
  }

  async search(
    wish: Parameters<VectorStores['search']>[0],
    signal: AbortSignal,
  ): Promise<readonly Passage[]> {
    try {
      return (await this.#parts.knowledge.search(wish, { signal })).passages;
    } catch (thrown) {
      if (toCadreError(thrown).code === 'collection_not_found') return [];
      throw thrown;
    }
  }

  async touch(id: string): Promise<void> {
    const now = this.#parts.clock.now();
    await this.#change(id, (body) =>
      now - body.lastActiveAt < TOUCH_MS ? body : { ...body, lastActiveAt: now },
    );
  }

  async forgetFile(key: string, file: string): Promise<void> {
    const removals: Promise<void>[] = [];
    for await (const row of this.#all(key))
      if (file in row.body.files) removals.push(this.removeFile(row.id, file));
    await Promise.all(removals);
  }

  async tidy(): Promise<void> {
    for (const row of await this.#parts.knowledge.list()) {
      const { name } = row;
      if (!isOfStore(row)) continue;
      if ((await this.#parts.objects.doGetObject('vector_store', name)) === undefined)
        await this.#parts.knowledge.drop(name);
    }
  }

  /** Reads what is new in the background; trouble is told to the log, a file's own in its state. */
  #follow(id: string): void {
    void this.#runs.run(id).catch((thrown) => this.#parts.onProblem(id, toCadreError(thrown)));
  }

  async #read(id: string, signal: AbortSignal): Promise<void> {
    const row = await this.#parts.objects.doGetObject('vector_store', id);
    if (row === undefined) return;
    const run = this.#parts.knowledge.index(
      {
        name: id,
        sources: [{ kind: 'files', store: id }],
        watch: true,
        principals: [keyPrincipal(row.key)],
        mayBeEmpty: true,
      },
      { signal },
    );
    for await (const _progress of run) signal.throwIfAborted();
    // Deleted while it was read: nothing else would take the collection away.
    if ((await this.#parts.objects.doGetObject('vector_store', id)) === undefined)
      await this.#parts.knowledge.drop(id);
  }

  async #dropDocument(id: string, file: string): Promise<void> {
    for (const document of await this.#documents(id))
      if (fileOf(document) === file) await this.#parts.chunks.doDropDocument(id, document.id);
  }

  /** None while the collection is still to be made. */
  async #documents(id: string): Promise<readonly DocumentRow[]> {
    return this.#parts.chunks.doListDocuments(id);
  }

  async #change(
    id: string,
    change: (body: VectorStoreBody) => VectorStoreBody,
  ): Promise<VectorStoreRow | undefined> {
    for (let attempt = 0; attempt < CHANGE_TRIES; attempt += 1) {
      const row = await this.#parts.objects.doGetObject('vector_store', id);
      if (row === undefined) return undefined;
      const stored = row as VectorStoreRow;
      const body = change(stored.body);
      if (body === stored.body) return stored;
      const { expiresAt: _expiresAt, ...rest } = stored;
      const life =
        body.idleDays === null ? {} : { expiresAt: body.lastActiveAt + body.idleDays * DAY_MS };
      const changed: VectorStoreRow = { ...rest, ...life, body };
      if (await this.#parts.objects.doChangeObject(changed, stored.body)) return changed;
    }
    throw new CadreError('conflict', `the vector store ${id} is changed by too many at once`);
  }

  async *#all(key: string): AsyncGenerator<VectorStoreRow> {
    for (let after: string | undefined; ; ) {
      const rows = await this.#parts.objects.doListObjects({
        kind: 'vector_store',
        key,
        limit: PAGE,
        ...(after === undefined ? {} : { after }),
      });
      yield* rows as readonly VectorStoreRow[];
      after = rows.at(-1)?.id;
      if (rows.length < PAGE) return;
    }
  }
}

function without<T>(
  files: { readonly [id: string]: T },
  gone: readonly string[],
): { readonly [id: string]: T } {
  return Object.fromEntries(Object.entries(files).filter(([id]) => !gone.includes(id)));
}

/** The uploaded file behind a document. */
function fileOf({ path }: DocumentRow): string | undefined {
  return uploadedFileOf(path)?.id;
}

function stateOf(
  document: DocumentRow | undefined,
): Pick<VectorFile, 'status' | 'bytes' | 'problem'> {
  if (document === undefined) return { status: 'in_progress', bytes: 0 };
  const { problem, bytes, chunkCount } = document;
  if (problem !== undefined && chunkCount === 0) return { status: 'failed', bytes: 0, problem };
  return { status: 'completed', bytes };
}
