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
  openAddon,
  type Probe,
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
  readonly #isPenalised: boolean;
  /** The sampled token is the most likely one, so that its logit is the maximum. */
  readonly #isGreedy: boolean;
  readonly #written: Token[] = [];

  constructor(model: LlamaModel, sequence: LlamaContextSequence, options: StepperOptions) {
    this.#addon = openAddon(model, sequence);
    this.#options = options;
    const { temperature, presencePenalty, frequencyPenalty } = options.sampling;
    this.#isPenalised = (presencePenalty ?? 0) !== 0 || (frequencyPenalty ?? 0) !== 0;
    this.#isGreedy = temperature === 0 && !this.#isPenalised && options.grammar === undefined;
    this.#sampler = this.#addon.createSampler();
    this.#sampler.applyConfig(this.#config());
    this.#probe = this.#addon.createSampler();
    this.#probe.applyConfig(this.#addon.config({ temperature: 0 }));
  }

  /** Reads prompt tokens without sampling. */
  async doRead(tokens: readonly Token[]): Promise<void> {
    await this.#addon.decode(tokens, false, () => Promise.resolve());
  }

  /** Reads the tokens and samples the one that follows. */
  async doStep(tokens: readonly Token[]): Promise<Step> {
    const step = await this.#addon.decode(tokens, true, (context, index) =>
      this.#sample(context, index),
    );
    if (step === undefined) throw new Error('the engine returned no token');
    if (this.#isPenalised && step.token !== undefined) this.#written.push(step.token);
    return step;
  }

  dispose(): void {
    this.#sampler.dispose();
    this.#probe.dispose();
  }

  async #sample(context: AddonContext, index: number): Promise<Step> {
    const { alternatives } = this.#options;
    if (this.#isGreedy && alternatives === 0) {
      const [token, , , , weight] = await context.sampleToken(
        index,
        this.#sampler,
        false,
        false,
        false,
        true,
      );
      return stepOf(token, -Math.log(weight), []);
    }
    if (this.#isPenalised) this.#sampler.applyConfig(this.#config());
    const token = await context.sampleToken(index, this.#sampler);
    if (token === -1) return stepOf(token, 0, []);
    const filter = [[token], false, false, true, alternatives] as const;
    const probe = await context.sampleToken(index, this.#probe, false, false, filter, true);
    return readProbe(token, probe, alternatives);
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

function stepOf(token: Token | -1, logprob: number, alternatives: Step['alternatives']): Step {
  return { token: token === -1 ? undefined : token, logprob: Math.min(0, logprob), alternatives };
}

/** Log-probabilities from raw logits: logit − max − ln Σ exp(logit − max). */
function readProbe(token: Token, probe: Probe, count: number): Step {
  const [best, , , pairs = [], weight] = probe;
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
