import {
  type MicroModelParts,
  type MicroModelReport,
  readMicroModel,
} from '../../base/micro-model.ts';
import type { Classification } from '../../core/classification.ts';
import { toCadreError } from '../../core/errors.ts';
import type { CallOptions, Classifier, Embedder } from '../../core/ports.ts';
import type { WithThread } from '../../core/threads.ts';
import { type ExampleFolder, readExampleFolder } from '../sources/example-folder.ts';
import { readClassifierFile, writeClassifierFile } from './classifier-file.ts';
import { trainInThread } from './classifier-training.ts';
import { classifyBy } from './classify.ts';

export interface ClassifierOptions {
  readonly id: string;
  /** Folder of labelled examples. */
  readonly examplesFolder: string;
  /** Where the trained model is kept; made when missing, replaced when the examples change. */
  readonly modelFile: string;
  /** Adds the embedding head; n-grams answer alone while it does not work. */
  readonly embedder?: Embedder;
  readonly seed?: number;
  /** Lends the thread that it trains in. */
  readonly withThread?: WithThread;
  /** Milliseconds of a clock that never goes back. */
  readonly elapsed?: () => number;
}

export interface ClassifierState {
  readonly phase: 'idle' | 'preparing' | 'ready' | 'failed';
  /** What answers now; null before the first model. */
  readonly features: Classification['features'] | null;
  readonly isTraining: boolean;
  readonly report?: MicroModelReport;
  /** Why it failed, or why it does not get better, in words. */
  readonly problem?: string;
  /** Examples that were left out at the last training. */
  readonly exampleProblems: readonly string[];
}

export interface TrainedClassifier extends Classifier {
  readonly state: ClassifierState;
  /** Loads or trains now; resolves when n-grams at least can answer. */
  doPrepare(options: CallOptions): Promise<void>;
  /** Adds the embedding head if it is missing; resolves when it is there or failed. */
  doImprove(options: CallOptions): Promise<void>;
  doClose(): Promise<void>;
}

const SEED = 20_240_611;
/** An embedder that is slower than this is not waited for. */
const EMBED_MS = 250;
const RETRY_FIRST_MS = 10_000;
const RETRY_MOST_MS = 600_000;

/**
 * A micro-model that trains itself from a folder of examples: from the file when examples and seed
 * are the same, else in a thread within seconds, first on n-grams, then with the embedder.
 */
export function createClassifier(options: ClassifierOptions): TrainedClassifier {
  return new FolderClassifier(options);
}

class FolderClassifier implements TrainedClassifier {
  readonly id: string;
  readonly #options: ClassifierOptions;
  readonly #elapsed: () => number;
  readonly #lifetime = new AbortController();
  #parts: MicroModelParts | undefined;
  #preparing: Promise<MicroModelParts> | undefined;
  #improving: Promise<void> | undefined;
  #problem: string | undefined;
  #exampleProblems: readonly string[] = [];
  #isTraining = false;
  #retryAt = Number.NEGATIVE_INFINITY;
  #retryMs = RETRY_FIRST_MS;

  constructor(options: ClassifierOptions) {
    this.id = options.id;
    this.#options = options;
    this.#elapsed = options.elapsed ?? (() => performance.now());
  }

  get labels(): readonly string[] {
    return this.#parts?.labels ?? [];
  }

  get state(): ClassifierState {
    const parts = this.#parts;
    const report = parts?.embedding?.report ?? parts?.ngramReport;
    return {
      phase: this.#phase(),
      features: parts === undefined ? null : featuresOf(parts),
      isTraining: this.#isTraining,
      exampleProblems: this.#exampleProblems,
      ...(report === undefined ? {} : { report }),
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
    };
  }

  async doPrepare({ signal }: CallOptions): Promise<void> {
    await untilAborted(this.#prepared(), signal);
  }

  async doImprove({ signal }: CallOptions): Promise<void> {
    await untilAborted(this.#prepared(), signal);
    await untilAborted(this.#improved(), signal);
  }

  async doClassify(text: string, { signal }: CallOptions): Promise<Classification> {
    const parts = await untilAborted(this.#prepared(), signal);
    if (text.trim() !== '' && this.#elapsed() >= this.#retryAt) void this.#improved();
    return classifyBy(parts, text, { embedder: this.#options.embedder, embedMs: EMBED_MS, signal });
  }

  async doClose(): Promise<void> {
    this.#lifetime.abort();
    await Promise.allSettled([this.#preparing, this.#improving]);
  }

  #phase(): ClassifierState['phase'] {
    if (this.#parts !== undefined) return 'ready';
    if (this.#preparing === undefined) return this.#problem === undefined ? 'idle' : 'failed';
    return 'preparing';
  }

  /** One preparation for all who wait; a failed one is tried again by the next call. */
  #prepared(): Promise<MicroModelParts> {
    this.#preparing ??= this.#prepare().catch((error) => {
      this.#preparing = undefined;
      this.#problem = toCadreError(error).message;
      throw error;
    });
    return this.#preparing;
  }

  async #prepare(): Promise<MicroModelParts> {
    this.#problem = undefined;
    const examples = await readExampleFolder(this.#options.examplesFolder, this.#lifetime.signal);
    const kept = await readClassifierFile(this.#options.modelFile).catch((error) => {
      this.#problem = `${toCadreError(error).message}; trained again`;
      return undefined;
    });
    const parts =
      kept?.source === this.#sourceOf(examples) ? kept : await this.#train(examples, undefined);
    this.#parts = parts;
    return parts;
  }

  /** At most one at a time; never rejects: without the embedder n-grams go on answering. */
  #improved(): Promise<void> {
    this.#improving ??= this.#improve()
      .catch((error) => {
        this.#problem = `no embedding head: ${toCadreError(error).message}`;
        this.#retryAt = this.#elapsed() + this.#retryMs;
        this.#retryMs = Math.min(RETRY_MOST_MS, this.#retryMs * 2);
      })
      .finally(() => {
        this.#improving = undefined;
      });
    return this.#improving;
  }

  async #improve(): Promise<void> {
    const { embedder } = this.#options;
    if (embedder === undefined || this.#parts?.embedding?.embedder === embedder.id) {
      this.#retryAt = Number.POSITIVE_INFINITY;
      return;
    }
    const { signal } = this.#lifetime;
    // A word first, so that a missing embedder costs no thread.
    await embedder.doEmbed(['ready'], 'passage', { signal });
    const examples = await readExampleFolder(this.#options.examplesFolder, signal);
    this.#parts = await this.#train(examples, embedder);
    this.#preparing = Promise.resolve(this.#parts);
    this.#problem = undefined;
    this.#retryAt = Number.POSITIVE_INFINITY;
  }

  async #train(examples: ExampleFolder, embedder: Embedder | undefined): Promise<MicroModelParts> {
    this.#isTraining = true;
    try {
      const order = {
        files: examples.files,
        source: this.#sourceOf(examples),
        seed: this.#options.seed ?? SEED,
      };
      const trained = await trainInThread(order, {
        embedder,
        signal: this.#lifetime.signal,
        ...(this.#options.withThread && { withThread: this.#options.withThread }),
      });
      this.#exampleProblems = trained.problems;
      await writeClassifierFile(this.#options.modelFile, trained.bytes).catch((error) => {
        this.#problem = `the model could not be kept: ${toCadreError(error).message}`;
      });
      return readMicroModel(trained.bytes);
    } finally {
      this.#isTraining = false;
    }
  }

  #sourceOf(examples: ExampleFolder): string {
    return `${examples.fingerprint}:${this.#options.seed ?? SEED}`;
  }
}

function featuresOf(parts: MicroModelParts): Classification['features'] {
  return parts.embedding === undefined ? 'n-grams' : 'n-grams+embedding';
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
