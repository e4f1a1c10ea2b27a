import type {
  LlamaContextSequence,
  LlamaGrammarEvaluationState,
  LlamaModel,
  Token,
} from 'node-llama-cpp';
import type { Sampling } from '../core/chat.ts';
import {
  type Addon,
  type AddonContext,
  type AddonSampler,
  type LogitFilter,
  openAddon,
} from './llama-addon.ts';

/** One sampled token with its probability. */
export interface Step {
  /** undefined = nothing may follow (the grammar is at its end). */
  readonly token: Token | undefined;
  /** Natural logarithm of the probability at temperature 1 without penalties and grammar, ≤ 0. */
  readonly logprob: number;
  readonly alternatives: readonly { readonly token: Token; readonly logprob: number }[];
}

export interface StepperOptions {
  readonly sampling: Sampling;
  readonly seed: number;
  readonly grammar: LlamaGrammarEvaluationState | undefined;
  /** Most likely tokens to report per step, 0 … 20. */
  readonly alternatives: number;
}

/** Small chat models are tuned for about this; OpenAI's 1 makes a 0.5B model ramble. */
const DEFAULT_TEMPERATURE = 0.7;
const DEFAULT_TOP_K = 40;
const DEFAULT_TOP_P = 0.95;
/** Written tokens that the penalties look back on. */
const PENALTY_WINDOW = 1024;

/** Reads tokens into one slot and samples what follows them. */
export class Stepper {
  readonly #addon: Addon;
  readonly #options: StepperOptions;
  readonly #sampler: AddonSampler;
  /** A greedy sampler without grammar, to read the bare model's logits with. */
  readonly #probe: AddonSampler;
  /** A sampler that keeps the best few, for the alternatives. */
  readonly #top: AddonSampler | undefined;
  readonly #isPenalised: boolean;
  /** The sampled token is the most likely one, so that its logit is the maximum. */
  readonly #isGreedy: boolean;
  readonly #written: Token[] = [];
  readonly #sequence: LlamaContextSequence;
  #stepMs = 0;
  #threadMs = 0;

  constructor(model: LlamaModel, sequence: LlamaContextSequence, options: StepperOptions) {
    this.#sequence = sequence;
    this.#addon = openAddon(model, sequence);
    this.#options = options;
    const { temperature, presencePenalty, frequencyPenalty } = options.sampling;
    this.#isPenalised = (presencePenalty ?? 0) !== 0 || (frequencyPenalty ?? 0) !== 0;
    this.#isGreedy = temperature === 0 && !this.#isPenalised && options.grammar === undefined;
    this.#sampler = this.#addon.createSampler();
    this.#sampler.applyConfig(this.#config());
    this.#probe = this.#addon.createSampler();
    this.#probe.applyConfig(this.#addon.config({ temperature: 0 }));
    if (options.alternatives === 0) return;
    this.#top = this.#addon.createSampler();
    this.#top.applyConfig(
      this.#addon.config({ temperature: 1, topK: options.alternatives, topP: 1, seed: 1 }),
    );
  }

  /** Of all steps so far on average, the longer ones counting more; NaN before the first. */
  get threads(): number {
    return this.#threadMs / this.#stepMs;
  }

  /** Reads prompt tokens without sampling. */
  async doRead(tokens: readonly Token[]): Promise<void> {
    await this.#counted(() => this.#addon.decode(tokens, false, () => Promise.resolve()));
  }

  /** Reads the tokens and samples the one that follows. */
  async doStep(tokens: readonly Token[]): Promise<Step> {
    const step = await this.#counted(() =>
      this.#addon.decode(tokens, true, (context, index) => this.#sample(context, index)),
    );
    if (step === undefined) throw new Error('the engine returned no token');
    if (this.#isPenalised && step.token !== undefined) this.#written.push(step.token);
    return step;
  }

  async #counted<T>(work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    const result = await work();
    const { context } = this.#sequence;
    // It is gone where the model was unloaded meanwhile.
    if (context.disposed) return result;
    const stepMs = performance.now() - start;
    this.#stepMs += stepMs;
    this.#threadMs += stepMs * context.currentThreads;
    return result;
  }

  dispose(): void {
    this.#sampler.dispose();
    this.#probe.dispose();
    this.#top?.dispose();
  }

  async #sample(context: AddonContext, index: number): Promise<Step> {
    const probe = (sampler: AddonSampler, logits: LogitFilter | boolean) =>
      context.sampleToken(index, sampler, false, false, logits, true);
    if (this.#isGreedy && this.#top === undefined) {
      const [token, , , , weight] = await probe(this.#sampler, false);
      return stepOf(token, -Math.log(weight), []);
    }
    if (this.#isPenalised) this.#sampler.applyConfig(this.#config());
    const token = await context.sampleToken(index, this.#sampler);
    if (token === -1) return stepOf(token, 0, []);
    const [best, , , pairs, weight] = await probe(this.#probe, [[token], false, false, true, 0]);
    // The engine sorts the whole vocabulary to name the best of it; a sampler that keeps few does not.
    const top = this.#top === undefined ? [] : logitsOf((await probe(this.#top, true))[3]);
    const logits = new Map(logitsOf(pairs));
    const shift = (logits.get(best) ?? 0) + Math.log(weight);
    const alternatives = top
      .sort((left, right) => right[1] - left[1])
      .map(([id, logit]) => ({ token: id as Token, logprob: Math.min(0, logit - shift) }));
    return stepOf(token, (logits.get(token) ?? Number.NEGATIVE_INFINITY) - shift, alternatives);
  }

  #config(): object {
    const { sampling, seed, grammar } = this.#options;
    return this.#addon.config({
      temperature: sampling.temperature ?? DEFAULT_TEMPERATURE,
      topK: sampling.topK ?? DEFAULT_TOP_K,
      topP: sampling.topP ?? DEFAULT_TOP_P,
      seed,
      grammarEvaluationState: grammar,
      repeatPenalty: this.#isPenalised
        ? {
            penalty: 1,
            presencePenalty: sampling.presencePenalty ?? 0,
            frequencyPenalty: sampling.frequencyPenalty ?? 0,
            maxPunishTokens: PENALTY_WINDOW,
            punishTokens: this.#written.slice(-PENALTY_WINDOW),
          }
        : undefined,
    });
  }
}

/** Log-probability from raw logits: logit − max − ln Σ exp(logit − max). */
function stepOf(token: Token | -1, logprob: number, alternatives: Step['alternatives']): Step {
  return { token: token === -1 ? undefined : token, logprob: Math.min(0, logprob), alternatives };
}

function logitsOf(pairs: readonly number[] = []): [Token | -1, number][] {
  const logits: [Token | -1, number][] = [];
  for (let index = 0; index + 1 < pairs.length; index += 2)
    logits.push([pairs[index] as Token, pairs[index + 1] ?? Number.NEGATIVE_INFINITY]);
  return logits;
}
