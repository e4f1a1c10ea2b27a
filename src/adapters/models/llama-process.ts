import type { ModelEntry } from '../../core/catalogue.ts';
import { CadreError } from '../../core/errors.ts';
import type { LoadedModel, Model, ModelLoader } from '../../core/ports.ts';
import { LlamaChild } from './llama-child.ts';

export interface LlamaLoaderOptions {
  /** CPU threads of one process, ≥ 1; more than there are idle cores is slower, not faster. */
  readonly threads: number;
  /** Conversations that one model keeps and answers at once. */
  readonly slots: number;
  /** Tokens of one conversation; cut to what the model was trained on. */
  readonly contextTokens: number;
  /** Prompt tokens read between two looks at cancellation. */
  readonly batchTokens: number;
  /** A model that reads and writes no token for so long is killed. */
  readonly stallSeconds: number;
  readonly locate: (entry: ModelEntry) => { readonly path: string };
  /** The shape that the file's header names; without it the estimate is an upper bound. */
  readonly readShape?: (entry: ModelEntry) => Promise<ModelShape | undefined>;
}

/** What the size of the key-value cache depends on. */
export interface ModelShape {
  readonly layerCount: number;
  readonly keyValueHeadCount: number;
  /** Elements of one head. */
  readonly headSize: number;
}

/** Node, vocabulary and work buffers: 90–240 MB with the three models of the starter farm. */
const PROCESS_BYTES = 250e6;
/** Key and value, two bytes each. */
const CACHE_BYTES_PER_ELEMENT = 4;
/**
 * Without a header: bytes of cache per token and square root of the parameter count. The starter
 * farm needs 0.5 to 2.0 (23 kB per token at 135M).
 */
const CACHE_BYTES_PER_ROOT_PARAMETER = 4;

/** Loads GGUF models, each in a process of its own. */
export function createLlamaLoader(options: LlamaLoaderOptions): ModelLoader {
  return {
    async doEstimate(entry, contextLength) {
      const tokens = Math.min(contextLength, entry.contextLength) * options.slots;
      const fileBytes = entry.files[0]?.bytes ?? 0;
      const shape = await options.readShape?.(entry);
      const perToken =
        shape === undefined
          ? CACHE_BYTES_PER_ROOT_PARAMETER * Math.sqrt(entry.parameters)
          : shape.layerCount * shape.keyValueHeadCount * shape.headSize * CACHE_BYTES_PER_ELEMENT;
      return Math.ceil(fileBytes + tokens * perToken + PROCESS_BYTES);
    },

    async doLoad(entry, { signal, onProgress, onExit }): Promise<LoadedModel> {
      if (entry.format !== 'gguf')
        throw new CadreError('internal', `${entry.id} is ${entry.format}, not gguf`);
      const child = new LlamaChild(entry.id, options.stallSeconds, onExit);
      const ready = await child.doLoad(
        {
          type: 'load',
          path: options.locate(entry).path,
          contextTokens: Math.min(options.contextTokens, entry.contextLength),
          slots: options.slots,
          threads: options.threads,
          batchTokens: options.batchTokens,
        },
        onProgress,
        signal,
      );
      return {
        model: modelOf(entry, child),
        memoryBytes: ready.memoryBytes,
        loadMs: ready.loadMs,
        doUnload: () => child.doStop(),
      };
    },
  };
}

function modelOf(entry: ModelEntry, child: LlamaChild): Model {
  return {
    id: entry.id,
    doChat: (request, { signal }) => child.doChat(request, signal),
    doCountTokens: (request, { signal }) => child.doCount(request, signal),
  };
}
