import { randomUUID } from 'node:crypto';
import type { Token } from 'node-llama-cpp';
import type { FinishReason, TokenLogprob } from '../core/chat.ts';
import type { ModelEvent, ModelRequest } from '../core/ports.ts';
import { type ReadPart, ToolCallReader } from '../run/tool-call-reader.ts';
import type { AnswerBinding } from './llama-binding.ts';
import type { LlamaEngine } from './llama-engine.ts';
import type { Step } from './llama-step.ts';
import { SpaceReader, StopReader, TokenReader } from './llama-text.ts';

/** Turns sampled tokens into events. */
export class AnswerWriter {
  readonly #engine: LlamaEngine;
  readonly #onEvent: (event: ModelEvent) => void;
  readonly #tokens: TokenReader;
  readonly #stop: StopReader;
  readonly #calls: ToolCallReader | undefined;
  readonly #spaces: SpaceReader | undefined;
  readonly #wantsAlternatives: boolean;
  /** One call at most: what would follow it is not wanted. */
  readonly #isSingleCall: boolean;
  #logprobs: TokenLogprob[] = [];
  #callCount = 0;
  #isNatural = false;
  count = 0;

  constructor(
    request: ModelRequest,
    engine: LlamaEngine,
    binding: AnswerBinding,
    onEvent: (event: ModelEvent) => void,
  ) {
    this.#engine = engine;
    this.#onEvent = onEvent;
    this.#tokens = new TokenReader(engine.model);
    this.#stop = new StopReader(request.stop ?? []);
    this.#calls =
      binding.toolNames.length === 0 ? undefined : new ToolCallReader(binding.toolNames);
    this.#spaces = binding.isJson ? new SpaceReader() : undefined;
    this.#wantsAlternatives = (request.logprobs ?? 0) > 0;
    this.#isSingleCall = request.parallelToolCalls === false;
  }

  get finishReason(): FinishReason {
    if (!this.#isNatural) return 'length';
    return this.#callCount > 0 ? 'tool-calls' : 'stop';
  }

  get stopSequence(): string | undefined {
    return this.#stop.met;
  }

  /** False when a stop sequence, or the one call that is allowed, ended the answer. */
  push(step: Step): boolean {
    if (step.token === undefined) return false;
    this.count += 1;
    this.#logprobs.push(this.#logprob(step, step.token));
    const { text, stopped } = this.#stop.push(this.#tokens.push(step.token));
    if (stopped) this.#isNatural = true;
    this.#write(text);
    if (this.#isSingleCall && this.#callCount > 0) this.#isNatural = true;
    return !stopped && !(this.#isSingleCall && this.#callCount > 0);
  }

  /** `isNatural` = the model ended by itself. */
  end(isNatural: boolean): void {
    if (isNatural) this.#isNatural = true;
    this.#write(this.#stop.end());
    for (const part of this.#calls?.end() ?? []) this.#part(part);
  }

  #write(written: string): void {
    const text = this.#spaces?.push(written) ?? written;
    if (text === '') return;
    if (this.#calls === undefined) this.#part({ type: 'text', text });
    else for (const part of this.#calls.push(text)) this.#part(part);
  }

  #part(part: ReadPart): void {
    if (part.type === 'text') {
      this.#onEvent({ type: 'text', text: part.text, logprobs: this.#logprobs });
    } else if (!this.#isSingleCall || this.#callCount === 0) {
      this.#onEvent({
        type: 'tool-call',
        index: this.#callCount,
        id: `call_${randomUUID().replaceAll('-', '').slice(0, 24)}`,
        name: part.name,
        arguments: part.arguments,
      });
      this.#callCount += 1;
    }
    this.#logprobs = [];
  }

  #logprob({ logprob, alternatives }: Step, token: Token): TokenLogprob {
    const text = (id: Token) => this.#engine.model.detokenize([id], true);
    if (!this.#wantsAlternatives) return { token: text(token), logprob };
    const top = alternatives.map((other) => ({ token: text(other.token), logprob: other.logprob }));
    return { token: text(token), logprob, top };
  }
}
