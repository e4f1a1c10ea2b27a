import type { ChatMessage } from '../core/chat.ts';
import { CadreError, type ErrorCode, toCadreError } from '../core/errors.ts';
import type { ChunkContext, ContextCount } from '../core/passage-context.ts';
import type { CallOptions, Embedder } from '../core/ports.ts';
import type { ChunkStore, DocumentRow } from '../core/stores.ts';
import { CONTEXT_VERSION, contextOrders, readContext } from './context-prompt.ts';
import { contextsOf, countContexts, keptVectors, withContexts } from './context-rows.ts';
import { embedChunks } from './embedding.ts';
import type { Turns } from './turns.ts';

export interface ContextAnswer {
  readonly text: string;
  /** False where it was cut for its length. */
  readonly isWhole: boolean;
}

/** Who writes the sentences; asked through the pipeline. */
export interface ContextSpokes {
  /** The model behind a spoke; undefined where there is none that could be asked. */
  modelOf(spoke: string): string | undefined;
  /** One answer. Rejects with what the pipeline says: `label_refused`, `model_unavailable` … */
  doWrite(
    order: {
      readonly spoke: string;
      readonly collection: string;
      readonly messages: readonly ChatMessage[];
    },
    options: CallOptions,
  ): Promise<ContextAnswer>;
}

export interface ContextParts {
  readonly chunks: ChunkStore;
  readonly embedder?: () => Embedder | undefined;
  readonly hash: (text: string) => string;
  readonly turns: Turns;
  readonly onProblem?: ((collection: string, error: CadreError) => void) | undefined;
}

/** Sentences that are written before they enter the index together: what an end of the process may lose. */
const TOGETHER = 16;
/** Milliseconds until a spoke that could not be asked is asked again; doubled up to the most. */
const AGAIN_AFTER = 30_000;
const AGAIN_MOST = 1_800_000;

interface Order {
  readonly name: string;
  readonly spoke: string;
  readonly model: string;
  /** Passages that were refused are asked for again. */
  readonly again: boolean;
}

/**
 * Has a sentence written about each passage of the collections that want it, one after the other,
 * after the passages can be found without. What is done stands in the store with the passages, by the
 * hash of what was asked: a new start goes on there, and what an edit leaves alone is not asked twice.
 */
export class ContextWriter {
  readonly #parts: ContextParts;
  /** Collections to look at; true = what was refused is asked for again. */
  readonly #waiting = new Map<string, boolean>();
  readonly #problems = new Map<string, string>();
  readonly #failures = new Map<string, number>();
  /** One per collection, however often it fails meanwhile. */
  readonly #retries = new Map<string, NodeJS.Timeout>();
  #onWake: () => void = () => undefined;

  constructor(parts: ContextParts) {
    this.#parts = parts;
  }

  /** Why no further sentences are written now. */
  problemOf(name: string): string | undefined {
    return this.#problems.get(name);
  }

  /** Something changed in the collection, or in what is wanted for it. */
  wake(name: string, { again }: { readonly again: boolean }): void {
    this.#waiting.set(name, again || (this.#waiting.get(name) ?? false));
    this.#onWake();
  }

  /** Works until the signal aborts. */
  async run(spokes: ContextSpokes, { signal }: CallOptions): Promise<void> {
    for (const { name } of await this.#parts.chunks.doListCollections())
      this.wake(name, { again: false });
    while (!signal.aborted) {
      const [next] = this.#waiting;
      if (next === undefined) await this.#sleep(signal);
      else {
        this.#waiting.delete(next[0]);
        await this.#attend(...next, spokes, signal);
        // A store that answers at once must not keep everything else from its turn.
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }

  #sleep(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        signal.removeEventListener('abort', end);
        resolve();
      };
      this.#onWake = end;
      signal.addEventListener('abort', end, { once: true });
    });
  }

  async #attend(name: string, again: boolean, spokes: ContextSpokes, signal: AbortSignal) {
    try {
      await this.#work(name, again, spokes, signal);
      this.#problems.delete(name);
      this.#failures.delete(name);
    } catch (thrown) {
      if (signal.aborted) return;
      const error = toCadreError(thrown);
      const { message, code } = error;
      // Documents changed or went meanwhile: what is there now counts.
      if (code === 'conflict') return this.wake(name, { again });
      if (this.#problems.get(name) !== message) this.#parts.onProblem?.(name, error);
      this.#problems.set(name, message);
      const count = this.#failures.get(name) ?? 0;
      this.#failures.set(name, count + 1);
      const pause = Math.min(AGAIN_AFTER * 2 ** count, AGAIN_MOST);
      clearTimeout(this.#retries.get(name));
      this.#retries.set(name, setTimeout(() => this.wake(name, { again: false }), pause).unref());
    }
  }

  /** All documents of a collection, or some where another collection waits. */
  async #work(name: string, again: boolean, spokes: ContextSpokes, signal: AbortSignal) {
    const row = await this.#parts.chunks.doGetCollection(name);
    if (row === undefined) return;
    const { context: spoke } = row;
    const model = spoke === undefined ? undefined : spokes.modelOf(spoke);
    if (spoke !== undefined && model === undefined) throw noSpoke(spoke);
    for (const document of await this.#parts.chunks.doListDocuments(name)) {
      if (!isDue(document, model, again)) continue;
      if (spoke === undefined || model === undefined)
        await this.#apply(name, document.id, undefined, new Map(), signal);
      else await this.#write(document.id, { name, spoke, model, again }, spokes, signal);
      // Behind those that wait; one document at least is done by then.
      if (this.#waiting.size > 0) return this.wake(name, { again });
    }
  }

  async #write(id: string, order: Order, spokes: ContextSpokes, signal: AbortSignal) {
    const { name, spoke, model } = order;
    const { chunks, hash } = this.#parts;
    const rows = await chunks.doReadDocument(name, id);
    const known = contextsOf(rows);
    const made = new Map<string, ChunkContext>();
    for (const { key, messages } of contextOrders(rows, { model, hash })) {
      const before = known.get(key);
      if (before !== undefined && (before.problem === undefined || !order.again)) continue;
      const asked = { spoke, collection: name, messages };
      const answer = await answerOf(spokes, asked, signal).catch(async (thrown: unknown) => {
        // What was written up to here is not asked again.
        if (made.size > 0 && !signal.aborted) await this.#apply(name, id, model, made, signal);
        throw thrown;
      });
      made.set(key, { key, ...('problem' in answer ? answer : readContext(answer, rows)) });
      if (made.size < TOGETHER) continue;
      await this.#apply(name, id, model, made, signal);
      made.clear();
      // What is not wanted any more is not written to the end.
      if ((await chunks.doGetCollection(name))?.context !== spoke) return;
    }
    // Also where all is known: sentences of another model go.
    await this.#apply(name, id, model, made, signal);
  }

  /** Puts sentences into the index: passages, words and embeddings of a document in one swap. */
  async #apply(
    name: string,
    id: string,
    model: string | undefined,
    made: ReadonlyMap<string, ChunkContext>,
    caller: AbortSignal,
  ): Promise<void> {
    const { chunks, hash, turns } = this.#parts;
    const { signal, release } = await turns.take(name, caller);
    try {
      const [stored] = await chunks.doFindDocuments(name, [id]);
      const before = await chunks.doReadDocument(name, id);
      if (stored === undefined || before.length === 0) return;
      const all = new Map([...(model === undefined ? [] : contextsOf(before)), ...made]);
      const rows = withContexts(before, all, { model: model ?? '', hash });
      const embedder = this.#parts.embedder?.();
      const old = new Map(before.map((row) => [row.id, row.embedding]));
      const order = { signal, onBatch: () => undefined };
      const embedded =
        embedder === undefined
          ? { rows }
          : await embedChunks(rows, embedder, keptVectors(before, rows), order);
      const whole = embedded.rows.map((row) => {
        const embedding = row.embedding ?? old.get(row.id);
        return embedding === undefined ? row : { ...row, embedding };
      });
      signal.throwIfAborted();
      await chunks.doSwapDocument(counted(stored, countContexts(rows, model ?? '')), whole);
    } finally {
      release();
    }
  }
}

function noSpoke(spoke: string): CadreError {
  return new CadreError('model_not_found', `there is no spoke ${spoke} that describes passages`);
}

/** What these say stays so for the passage; all else is the collection's trouble, and is thrown. */
const OF_THE_PASSAGE: ReadonlySet<ErrorCode> = new Set([
  'label_refused',
  'content_filter',
  'context_length_exceeded',
]);

async function answerOf(
  spokes: ContextSpokes,
  order: Parameters<ContextSpokes['doWrite']>[0],
  signal: AbortSignal,
): Promise<ContextAnswer | { readonly problem: string }> {
  try {
    return await spokes.doWrite(order, { signal });
  } catch (thrown) {
    const error = toCadreError(thrown);
    if (signal.aborted || !OF_THE_PASSAGE.has(error.code)) throw error;
    return { problem: error.message.slice(0, 200) };
  }
}

function isDue(document: DocumentRow, model: string | undefined, again: boolean): boolean {
  const { contexts, chunkCount } = document;
  if (model === undefined) return contexts !== undefined;
  if (chunkCount === 0) return false;
  if (contexts?.model !== model || contexts.version !== CONTEXT_VERSION) return true;
  const refused = Object.values(contexts.refused).reduce((sum, count) => sum + count, 0);
  return contexts.written + refused < chunkCount || (again && refused > 0);
}

function counted(document: DocumentRow, contexts: ContextCount | undefined): DocumentRow {
  const { contexts: _before, ...rest } = document;
  return contexts === undefined ? rest : { ...rest, contexts };
}
