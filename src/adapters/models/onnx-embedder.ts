import type { ModelEntry, ModelFile } from '../../core/catalogue.ts';
import { CadreError } from '../../core/errors.ts';
import type { CallOptions, Embedder } from '../../core/ports.ts';
import { OnnxProcess } from './onnx-process.ts';
import type { EmbedKind, OnnxModelSpec } from './onnx-protocol.ts';

export interface OnnxEmbedderOptions {
  /** An entry of format `onnx` with `embedding`; its files are weights, then tokenizer.json. */
  readonly entry: ModelEntry;
  /** Absolute path of an installed file; undefined = not installed. */
  readonly locate: (file: ModelFile) => string | undefined;
  readonly threads: number;
  /** Shared by several embedders and closed by its owner; one of its own when absent. */
  readonly process?: OnnxProcess;
  /** Called when the process of its own has something to do, and when it has nothing any more. */
  readonly onBusy?: (isBusy: boolean) => void;
  /** Texts of one kind that may wait; 4096 when absent. */
  readonly queueLength?: number;
}

export interface OnnxEmbedder extends Embedder {
  /** As doEmbed, with the tokens that were read over all texts, how many were cut, and CPU milliseconds. */
  doEmbedCounted(
    texts: readonly string[],
    kind: EmbedKind,
    options: CallOptions,
  ): Promise<{
    readonly vectors: Float32Array[];
    readonly tokenCount: number;
    readonly cutCount: number;
    readonly cpuMs: number;
  }>;
  /** Loads the model now instead of with the first text. */
  doLoad(options: CallOptions): Promise<void>;
  /** Resident bytes of the model's process at its last report; 0 while it does not run. */
  memoryBytes(): number;
  /** False while a file is missing. */
  isInstalled(): boolean;
  doClose(): Promise<void>;
}

/**
 * An embedding model in the ONNX process; the process starts and the model loads with the first
 * call. Queries go before passages. Rejects with `model_unavailable`, `model_damaged`,
 * `worker_crashed`, `overloaded`, or the signal's reason.
 */
export function createOnnxEmbedder(options: OnnxEmbedderOptions): OnnxEmbedder {
  const { entry } = options;
  const embedding = entry.embedding;
  if (embedding === undefined || entry.format !== 'onnx') {
    throw new CadreError('config_invalid', `model ${entry.id} is not an ONNX embedding model`);
  }
  const host = options.process ?? new OnnxProcess(options.onBusy && { onBusy: options.onBusy });
  const paths = () => {
    const [path, tokenizerPath] = entry.files.slice(0, 2).map((file) => options.locate(file));
    return path !== undefined && tokenizerPath !== undefined ? { path, tokenizerPath } : undefined;
  };
  const specification = (): OnnxModelSpec => {
    const found = paths();
    if (found === undefined)
      throw new CadreError('model_unavailable', `model ${entry.id} is not installed`);
    return { id: entry.id, ...found, ...embedding, threads: options.threads };
  };
  const admit = createAdmission(entry.id, options.queueLength ?? 4096);

  const doEmbedCounted: OnnxEmbedder['doEmbedCounted'] = async (texts, kind, { signal }) => {
    signal.throwIfAborted();
    if (texts.length === 0) return { vectors: [], tokenCount: 0, cutCount: 0, cpuMs: 0 };
    const release = admit(kind, texts.length);
    try {
      const call = { type: 'embed', model: specification(), kind, texts } as const;
      const answer = await host.doCall(call, signal);
      if (answer.type !== 'embedded') throw new CadreError('internal', `reply ${answer.type}`);
      const { vectors, tokenCount, cutCount, cpuMs } = answer;
      return { vectors: [...vectors], tokenCount, cutCount, cpuMs };
    } finally {
      release();
    }
  };

  return {
    id: entry.id,
    dimensions: embedding.dimensions,
    doEmbedCounted,
    doEmbed: async (texts, kind, call) => (await doEmbedCounted(texts, kind, call)).vectors,
    doMatch: async (query, texts, { signal, budgetMs }) => {
      const release = admit('query', 1);
      try {
        const call = { type: 'match', model: specification(), query, texts, budgetMs } as const;
        const answer = await host.doCall(call, signal);
        if (answer.type !== 'matched') throw new CadreError('internal', `reply ${answer.type}`);
        return answer.scores;
      } finally {
        release();
      }
    },
    doLoad: async ({ signal }) => {
      await host.doCall({ type: 'load', model: specification() }, signal);
    },
    memoryBytes: () => host.memoryBytes,
    isInstalled: () => paths() !== undefined,
    doClose: async () => {
      if (options.process === undefined) await host.doClose();
    },
  };
}

/** Counts waiting texts by kind, so that an index run cannot fill the queue of the searches. */
function createAdmission(id: string, limit: number) {
  const waiting: Record<EmbedKind, number> = { query: 0, passage: 0 };
  return (kind: EmbedKind, count: number) => {
    if (waiting[kind] >= limit) {
      const message = `${waiting[kind]} ${kind} texts wait for model ${id}`;
      throw new CadreError('overloaded', message, { retryAfter: 1 });
    }
    waiting[kind] += count;
    return () => {
      waiting[kind] -= count;
    };
  };
}
