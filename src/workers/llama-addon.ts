import type { Llama, LlamaContext, LlamaContextSequence, LlamaModel, Token } from 'node-llama-cpp';

/**
 * The few members inside node-llama-cpp 3.22.1 that its public types leave out. Its `confidence`
 * option sorts the whole vocabulary and runs the grammar over all of it for every token; the
 * binding below can return a logit and the sum of exp(logit − max) without either. The version is
 * pinned and `openAddon` refuses an engine that has another inside.
 */
export interface AddonSampler {
  applyConfig(config: object): void;
  dispose(): void;
}

export type Probe = readonly [
  token: Token | -1,
  probabilities: undefined,
  confidence: undefined,
  /** Token, logit, token, logit … */
  logits: readonly number[] | undefined,
  /** Σ exp(logit − max) over the vocabulary. */
  totalWeight: number,
];

/** Tokens to report, then whether to add the highest, the lowest, the selected, and how many best. */
export type LogitFilter = readonly [readonly Token[], boolean, boolean, boolean, number];

export interface AddonContext {
  sampleToken(index: number, sampler: AddonSampler): Promise<Token | -1>;
  sampleToken(
    index: number,
    sampler: AddonSampler,
    probabilities: false,
    confidence: false,
    logits: LogitFilter | boolean,
    totalWeight: true,
  ): Promise<Probe>;
}

interface AddonSequence {
  readonly _context: { readonly _ctx: AddonContext };
  readonly _tokenMeter: object;
  readonly _takeIntervalCheckpointIfNeededAfterBatch: unknown;
  _resolveSamplerConfig(options: object): object;
  _decodeTokens<T>(
    tokens: readonly Token[],
    logits: readonly (true | undefined)[],
    priority: number,
    tokenMeter: object,
    contextShift: object,
    onLogits: (index: number) => Promise<T>,
    afterBatch: unknown,
  ): Promise<readonly (T | undefined)[]>;
}

interface AddonModel {
  readonly _model: { loadLora(adapter: AddonAdapter): Promise<void> };
  readonly _llama: Llama & {
    readonly _bindings: {
      readonly AddonSampler: new (model: object) => AddonSampler;
      readonly AddonModelLora: new (model: object, path: string) => AddonAdapter;
    };
  };
}

/** A LoRA adapter in memory. It must not be set on any context when it is disposed of. */
export interface AddonAdapter {
  dispose(): Promise<void>;
}

/** Rejects where the file cannot be loaded; of what is wrong with it the engine says nothing. */
export async function loadAddonAdapter(model: LlamaModel, path: string): Promise<AddonAdapter> {
  const { _model, _llama } = model as unknown as AddonModel;
  const adapter = new _llama._bindings.AddonModelLora(_model, path);
  await _model.loadLora(adapter);
  return adapter;
}

/**
 * Sets the one adapter of a context, or none; 0.02 ms, and 3 to 8 ms more at the next step (135M),
 * which lays out its graph anew. Nothing may be read or written in the context meanwhile. The
 * engine's own option sets adapters only when a context is made and frees them only with the model.
 */
export function setAddonAdapter(context: LlamaContext, adapter: AddonAdapter | undefined): void {
  const { _ctx } = context as unknown as {
    readonly _ctx: { setLoras(adapters: readonly AddonAdapter[], scales: readonly number[]): void };
  };
  if (adapter === undefined) _ctx.setLoras([], []);
  else _ctx.setLoras([adapter], [1]);
}

/** Of 1 (low) to 5 (high); all requests are equal, the fleet has ordered them before. */
const PRIORITY = 5;

export interface Addon {
  createSampler(): AddonSampler;
  /** The engine's form of sampling options. */
  config(options: object): object;
  /** Reads tokens; where `wantsNext`, `sample` is called at the last one and its result returned. */
  decode<T>(
    tokens: readonly Token[],
    wantsNext: boolean,
    sample: (context: AddonContext, index: number) => Promise<T>,
  ): Promise<T | undefined>;
}

export function openAddon(model: LlamaModel, sequence: LlamaContextSequence): Addon {
  const inner = sequence as unknown as AddonSequence;
  const { _model, _llama } = model as unknown as AddonModel;
  if (typeof inner._decodeTokens !== 'function' || typeof _llama?._bindings !== 'object')
    throw new Error('this node-llama-cpp has another inside than the pinned 3.22.1');
  return {
    createSampler: () => new _llama._bindings.AddonSampler(_model),
    config: (options) => inner._resolveSamplerConfig(options),
    async decode(tokens, wantsNext, sample) {
      const last = tokens.length - 1;
      const logits: (true | undefined)[] = [];
      if (wantsNext) logits[last] = true;
      const results = await inner._decodeTokens(
        tokens,
        logits,
        PRIORITY,
        inner._tokenMeter,
        { size: 1, strategy: 'eraseBeginning' },
        (index) => sample(inner._context._ctx, index),
        inner._takeIntervalCheckpointIfNeededAfterBatch,
      );
      return results[last];
    },
  };
}
