import type {
  Llama,
  LlamaContextSequence,
  LlamaGrammarEvaluationState,
  LlamaModel,
  Token,
} from 'node-llama-cpp';
import type { Sampling } from '../core/chat.ts';

/**
 * One decode and one sampled token, with the token's probability under the bare model.
 *
 * The engine's public `confidence` option sorts the whole vocabulary and runs the grammar over all
 * of it for every token. The binding below it can return the sum of exp(logit − max) without
 * sorting. The types here name the few members that are used; the version is pinned, and
 * `createStepper` refuses an engine that lacks them.
 */
export interface Step {
  /** undefined = nothing may follow (the grammar is at its end). */
  readonly token: Token | undefined;
  /** Natural logarithm of the probability at temperature 1 without penalties and grammar. */
  readonly logprob: number;
  readonly alternatives: readonly { readonly token: Token; readonly logprob: number }[];
}

export interface Stepper {
  /** Reads prompt tokens without sampling. */
  doRead(tokens: readonly Token[]): Promise<void>;
  /** Reads the tokens and samples the one that follows. */
  doStep(tokens: readonly Token[]): Promise<Step>;
  dispose(): void;
}

export interface StepperOptions {
  readonly sampling: Sampling;
  readonly seed: number;
  readonly grammar: LlamaGrammarEvaluationState | undefined;
  /** Most likely tokens to report per step, 0 … 20. */
  readonly alternatives: number;
}

/** Of the 0.7 that small chat models are tuned for; OpenAI's 1 makes a 0.5B model ramble. */
const DEFAULT_TEMPERATURE = 0.7;
const DEFAULT_TOP_K = 40;
const DEFAULT_TOP_P = 0.95;
/** Written tokens that the penalties look back on. */
const PENALTY_WINDOW = 1024;
const PRIORITY = 5;

interface AddonSampler {
  applyConfig(config: object): void;
  dispose(): void;
}
type ProbeResult = readonly [
  token: Token | -1,
  probabilities: undefined,
  confidence: undefined,
  logits: readonly number[] | undefined,
  totalWeight: number,
];
interface AddonContext {
  sampleToken(index: number, sampler: AddonSampler): Promise<Token | -1>;
  sampleToken(
    index: number,
    sampler: AddonSampler,
    probabilities: false,
    confidence: false,
    logits: readonly [readonly Token[], boolean, boolean, boolean, number] | false,
    totalWeight: true,
  ): Promise<ProbeResult>;
}
interface EngineSequence {
  readonly _context: { readonly _ctx: AddonContext };
  readonly _tokenMeter: object;
  _resolveSamplerConfig(options: object): object;
  _decodeTokens(
    tokens: readonly Token[],
    logits: readonly (true | undefined)[],
    priority: number,
    tokenMeter: object,
    contextShift: object,
    onLogits: (index: number) => Promise<Step>,
    afterBatch: unknown,
  ): Promise<readonly (Step | undefined)[]>;
  readonly _takeIntervalCheckpointIfNeededAfterBatch: unknown;
}
interface EngineModel {
  readonly _model: object;
  readonly _llama: Llama & {
    readonly _bindings: { readonly AddonSampler: new (model: object) => AddonSampler };
  };
}

export function createStepper(
  model: LlamaModel,
  sequence: LlamaContextSequence,
  options: StepperOptions,
): Stepper {
  const engine = sequence as unknown as EngineSequence;
  const { _model, _llama } = model as unknown as EngineModel;
  if (typeof engine._decodeTokens !== 'function' || typeof _llama._bindings !== 'object')
    throw new Error('this node-llama-cpp has another inside than the pinned 3.22.1');
  const sampler = new _llama._bindings.AddonSampler(_model);
  const probe = new _llama._bindings.AddonSampler(_model);
  probe.applyConfig(engine._resolveSamplerConfig({ temperature: 0 }));
  const { temperature = DEFAULT_TEMPERATURE, presencePenalty, frequencyPenalty } = options.sampling;
  const isPenalised = (presencePenalty ?? 0) !== 0 || (frequencyPenalty ?? 0) !== 0;
  const isBare =
    temperature === 0 &&
    !isPenalised &&
    options.grammar === undefined &&
    options.alternatives === 0;
  const written: Token[] = [];
  const config = () =>
    engine._resolveSamplerConfig({
      temperature,
      topK: options.sampling.topK ?? DEFAULT_TOP_K,
      topP: options.sampling.topP ?? DEFAULT_TOP_P,
      seed: options.seed,
      grammarEvaluationState: options.grammar,
      repeatPenalty: isPenalised
        ? {
            penalty: 1,
            presencePenalty: presencePenalty ?? 0,
            frequencyPenalty: frequencyPenalty ?? 0,
            maxPunishTokens: PENALTY_WINDOW,
            punishTokens: written.slice(-PENALTY_WINDOW),
          }
        : undefined,
    });
  sampler.applyConfig(config());
  const sample = async (index: number): Promise<Step> => {
    const addon = engine._context._ctx;
    if (isPenalised) sampler.applyConfig(config());
    if (isBare) {
      const [token, , , , weight] = await addon.sampleToken(
        index,
        sampler,
        false,
        false,
        false,
        true,
      );
      return stepOf(token, -Math.log(weight), []);
    }
    const token = await addon.sampleToken(index, sampler);
    if (token === -1) return stepOf(token, 0, []);
    const wanted = [[token], false, false, true, options.alternatives] as const;
    const probed = await addon.sampleToken(index, probe, false, false, wanted, true);
    return readProbe(token, probed, options.alternatives);
  };
  const decode = (tokens: readonly Token[], logits: readonly (true | undefined)[]) =>
    engine._decodeTokens(
      tokens,
      logits,
      PRIORITY,
      engine._tokenMeter,
      { size: 1, strategy: 'eraseBeginning' },
      sample,
      engine._takeIntervalCheckpointIfNeededAfterBatch,
    );
  return {
    async doRead(tokens) {
      await decode(tokens, []);
    },
    async doStep(tokens) {
      const logits: (true | undefined)[] = [];
      logits[tokens.length - 1] = true;
      const step = (await decode(tokens, logits))[tokens.length - 1];
      if (step === undefined) throw new Error('the engine returned no token');
      if (isPenalised && step.token !== undefined) written.push(step.token);
      return step;
    },
    dispose() {
      sampler.dispose();
      probe.dispose();
    },
  };
}

function stepOf(token: Token | -1, logprob: number, alternatives: Step['alternatives']): Step {
  return { token: token === -1 ? undefined : token, logprob: Math.min(0, logprob), alternatives };
}

/** Log-probabilities from raw logits: logit − max − ln Σ exp(logit − max). */
function readProbe(token: Token, probed: ProbeResult, count: number): Step {
  const [best, , , pairs = [], weight] = probed;
  const logits = new Map<number, number>();
  for (let index = 0; index + 1 < pairs.length; index += 2)
    logits.set(pairs[index] ?? -1, pairs[index + 1] ?? Number.NEGATIVE_INFINITY);
  const shift = (logits.get(best) ?? 0) + Math.log(weight);
  const alternatives = [...logits]
    .sort((left, right) => right[1] - left[1])
    .slice(0, count)
    .map(([id, logit]) => ({ token: id as Token, logprob: Math.min(0, logit - shift) }));
  return stepOf(token, (logits.get(token) ?? Number.NEGATIVE_INFINITY) - shift, alternatives);
}
