import { type AdapterFile, adaptedModelId } from '../../core/adapter.ts';
import type { ModelEntry } from '../../core/catalogue.ts';
import { CadreError } from '../../core/errors.ts';
import type { LoadedModel, Model, ModelLoader } from '../../core/ports.ts';
import { LlamaChild } from './llama-child.ts';
import type { AdapterLimits } from './llama-messages.ts';

export interface LlamaLoaderOptions {
  /** CPU threads of one process at most, ≥ 1; more than there are idle cores is slower, not faster. */
  readonly threads: number;
  /** Called with a loaded model and the way to tell it how many threads it has. */
  readonly onLoaded?: (id: string, useThreads: (count: number) => void) => void;
  /** Conversations that one model keeps and answers at once. */
  readonly slots: number;
  /** Tokens of one conversation; cut to what the model was trained on. */
  readonly contextTokens: number;
  /** Prompt tokens read between two looks at cancellation. */
  readonly batchTokens: number;
  /** A model that reads and writes no token for so long is killed. */
  readonly stallSeconds: number;
  /** Of one model; absent = no adapters are served. */
  readonly adapters?: AdapterLimits;
  /** Bytes that one model's saved beginnings of prompts may take in temporary files; absent = none. */
  readonly prefixBytes?: number;
  readonly locate: (entry: ModelEntry) => { readonly path: string };
  /** Bytes that the model will take with all its slots, each of so many tokens. */
  readonly estimate: (entry: ModelEntry, contextTokens: number) => Promise<number>;
}

/** Loads GGUF models, each in a process of its own. */
export function createLlamaLoader(options: LlamaLoaderOptions): ModelLoader {
  return {
    doEstimate: options.estimate,

    async doLoad(entry, { signal, onProgress, onExit, onMemory }): Promise<LoadedModel> {
      if (entry.format !== 'gguf')
        throw new CadreError('internal', `${entry.id} is ${entry.format}, not gguf`);
      const child = new LlamaChild(entry.id, options.stallSeconds, onExit, onMemory);
      const ready = await child.doLoad(
        {
          type: 'load',
          path: options.locate(entry).path,
          contextTokens: Math.min(options.contextTokens, entry.contextLength),
          slots: options.slots,
          threads: options.threads,
          batchTokens: options.batchTokens,
          ...(options.adapters === undefined ? {} : { adapters: options.adapters }),
          prefixBytes: options.prefixBytes ?? 0,
        },
        onProgress,
        signal,
      );
      options.onLoaded?.(entry.id, (count) => child.useThreads(count));
      return {
        model: modelOf(entry, child),
        get memoryBytes() {
          return child.memoryBytes;
        },
        get adapterCount() {
          return child.adapterCount;
        },
        loadMs: ready.loadMs,
        doUnload: () => child.doStop(),
      };
    },
  };
}

function modelOf(entry: ModelEntry, child: LlamaChild, adapter?: AdapterFile): Model {
  return {
    id: adapter === undefined ? entry.id : adaptedModelId(entry.id, adapter),
    doChat: (request, { signal }) => child.doChat(request, signal, adapter),
    doCount: (request, { signal }) => child.doCount(request, signal),
    adapted: (file) => modelOf(entry, child, file),
  };
}
