import { tmpdir } from 'node:os';
import {
  LlamaGrammarEvaluationState as GrammarState,
  getLlama,
  InsufficientMemoryError,
  type Llama,
  type LlamaContext,
  type LlamaGrammar,
  type LlamaGrammarEvaluationState,
  type LlamaModel,
} from 'node-llama-cpp';
import type { LlamaCommand } from '../adapters/models/llama-messages.ts';
import { CadreError } from '../core/errors.ts';
import { AdapterRack, type HeldAdapter } from './llama-adapters.ts';
import { setAddonAdapter } from './llama-addon.ts';
import { PrefixShelf } from './llama-prefixes.ts';
import { PromptWriter } from './llama-prompt.ts';
import { BASE, type Lane, SlotTable } from './llama-slots.ts';
import { residentBytes } from './resident-bytes.ts';

/** A model in memory with its slots. */
export interface LlamaEngine {
  readonly model: LlamaModel;
  readonly prompt: PromptWriter;
  readonly slots: SlotTable<HeldAdapter>;
  readonly adapters: AdapterRack;
  readonly prefixes: PrefixShelf;
  /** Tokens that one slot holds, prompt and answer together. */
  readonly contextTokens: number;
  readonly batchTokens: number;
  /** Measured now. */
  readonly memoryBytes: () => number;
  readonly loadMs: number;
  readonly trainContextTokens: number;
  /** From the next step on; all contexts together have no more. */
  useThreads(count: number): void;
  /** Throws `invalid_request` where the engine cannot read the grammar. */
  startGrammar(grammar: string): Promise<LlamaGrammarEvaluationState>;
  dispose(): Promise<void>;
}

type LoadCommand = Extract<LlamaCommand, { type: 'load' }>;

/** Grammars that are kept ready; a farm has few schemas, and reading one costs 1–20 ms. */
const MOST_GRAMMARS = 32;

/**
 * Loads from disk only: nothing is built or downloaded, and this process opens no socket.
 * Rejects with `model_damaged` or `out_of_memory`. `onMemory`: called when it takes more memory or
 * less than before.
 */
export async function loadEngine(
  command: LoadCommand,
  onProgress: (progress: number) => void,
  onMemory: () => void,
): Promise<LlamaEngine> {
  const startedAt = performance.now();
  const troubles: string[] = [];
  try {
    const llama = await getLlama({
      gpu: false,
      build: 'never',
      skipDownload: true,
      progressLogs: false,
      maxThreads: command.threads,
      logger: (level, message) => {
        if (level === 'error' || level === 'fatal') troubles.push(message.trim());
      },
    });
    const model = await llama.loadModel({
      modelPath: command.path,
      gpuLayers: 0,
      // Mapped weights that the engine also keeps repacked count twice in resident memory: 2.09 GB
      // instead of 1.47 GB for the 1.5B. Loading takes as long either way.
      useMmap: false,
      onLoadProgress: onProgress,
    });
    return {
      ...(await openEngine(llama, model, command, onMemory)),
      loadMs: performance.now() - startedAt,
    };
  } catch (error) {
    throw loadFault(error, command.path, troubles);
  }
}

/** The contexts of a model that is in memory: one now, those for adapters when they are needed. */
async function openEngine(
  llama: Llama,
  model: LlamaModel,
  command: LoadCommand,
  onMemory: () => void,
): Promise<Omit<LlamaEngine, 'loadMs'>> {
  const contextTokens = Math.min(command.contextTokens, model.trainContextSize);
  const contexts: LlamaContext[] = [];
  const openLane = async () => {
    const context = await openContext(model, command, contextTokens);
    contexts.push(context);
    onMemory();
    return laneOf(context, command.slots);
  };
  const { adapters: limits = { contexts: 0, bytes: 0 } } = command;
  const slots = new SlotTable(await openLane(), {
    most: limits.contexts,
    doOpen: () => openLane().catch((error: unknown) => Promise.reject(contextFault(error))),
  });
  const onLeave = (key: string) => slots.forget(key);
  const prefixes = new PrefixShelf(command.prefixBytes ?? 0, { folder: tmpdir(), onMemory });
  return {
    model,
    prompt: new PromptWriter(model),
    slots,
    adapters: new AdapterRack(model, limits.bytes, { onLeave, onMemory }),
    prefixes,
    contextTokens,
    batchTokens: command.batchTokens,
    // Of the cache only what was written is resident yet.
    memoryBytes: () => {
      const counted = contexts.reduce((sum, context) => sum + context.stateSize, model.size);
      return Math.max(residentBytes(), counted) + prefixes.memoryBytes();
    },
    trainContextTokens: model.trainContextSize,
    useThreads: (count) => {
      llama.maxThreads = count;
    },
    startGrammar: grammarStarter(llama, model),
    async dispose() {
      await disposeAll(contexts, model);
      prefixes.dispose();
    },
  };
}

function openContext(
  model: LlamaModel,
  { slots, batchTokens, threads }: LoadCommand,
  contextTokens: number,
): Promise<LlamaContext> {
  return model.createContext({
    contextSize: contextTokens,
    sequences: slots,
    // At least one token per slot, so that answers being written share a batch.
    batchSize: Math.max(batchTokens, slots),
    threads,
    failedCreationRemedy: false,
  });
}

function laneOf(context: LlamaContext, slots: number): Lane<HeldAdapter> {
  return {
    slots: Array.from({ length: slots }, () => ({
      sequence: context.getSequence(),
      isBusy: false,
      lastUsed: 0,
      keeps: BASE,
    })),
    adapter: BASE,
    use: (adapter) => setAddonAdapter(context, adapter?.addon),
  };
}

/** Reads a grammar once and keeps it ready; those longest unused go first. */
function grammarStarter(llama: Llama, model: LlamaModel): LlamaEngine['startGrammar'] {
  const grammars = new Map<string, Promise<LlamaGrammar>>();
  return async (text) => {
    const grammar = grammars.get(text) ?? llama.createGrammar({ grammar: text });
    grammars.delete(text);
    grammars.set(text, grammar);
    const oldest = grammars.keys().next().value;
    if (grammars.size > MOST_GRAMMARS && oldest !== undefined) grammars.delete(oldest);
    try {
      return new GrammarState({ model, grammar: await grammar });
    } catch (error) {
      grammars.delete(text);
      throw new CadreError('invalid_request', 'the engine cannot bind the answer to this schema', {
        param: 'response_format',
        cause: error,
      });
    }
  };
}

async function disposeAll(contexts: readonly LlamaContext[], model: LlamaModel): Promise<void> {
  for (const context of contexts) await context.dispose();
  await model.dispose();
}

function contextFault(error: unknown): CadreError {
  const reason = error instanceof Error ? error.message : String(error);
  return new CadreError('out_of_memory', `no context for adapters could be made: ${reason}`);
}

function loadFault(error: unknown, path: string, troubles: readonly string[]): CadreError {
  const reason = [error instanceof Error ? error.message : String(error), ...troubles].join('; ');
  if (error instanceof InsufficientMemoryError)
    return new CadreError('out_of_memory', `not enough memory for ${path}: ${reason}`);
  return new CadreError('model_damaged', `${path} could not be loaded: ${reason}`);
}
