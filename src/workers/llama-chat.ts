import { randomInt, randomUUID } from 'node:crypto';
import type { Token } from 'node-llama-cpp';
import type { FinishReason, TokenLogprob } from '../core/chat.ts';
import { CadreError } from '../core/errors.ts';
import type { ModelEvent, ModelRequest } from '../core/ports.ts';
import { type ReadPart, ToolCallReader } from '../run/tool-call-reader.ts';
import { bindAnswer } from './llama-binding.ts';
import type { LlamaEngine } from './llama-engine.ts';
import { type Slot, sharedPrefix } from './llama-slots.ts';
import { createStepper, type Step, type Stepper } from './llama-step.ts';
import { StopReader, TokenReader } from './llama-text.ts';

export interface ChatHooks {
  readonly signal: AbortSignal;
  readonly onEvent: (event: ModelEvent) => void;
  /** Called with every token that was read or written. */
  readonly onTokens: (count: number) => void;
  /** Resolves when the reader of the stream wants more. */
  readonly doAwaitReader: () => Promise<void>;
}

/**
 * Answers one request on one slot. Rejects with the signal's reason, `context_length_exceeded`,
 * `invalid_request`, `unsupported_part` or `overloaded`; the slot is free again afterwards and
 * keeps what it read.
 */
export async function runChat(
  engine: LlamaEngine,
  request: ModelRequest,
  hooks: ChatHooks,
): Promise<void> {
  const binding = bindAnswer(request);
  const tokens = engine.prompt.write(request);
  // The engine moves the context on by itself when its last cell is taken; that is never wanted.
  const room = engine.contextTokens - 1;
  if (tokens.length >= room)
    throw new CadreError(
      'context_length_exceeded',
      `the prompt has ${tokens.length} tokens; this model holds ${room - 1} and needs 1 to answer`,
      { param: 'messages' },
    );
  const grammar =
    binding.grammar === undefined ? undefined : await engine.startGrammar(binding.grammar);
  const slot = await engine.slots.take(tokens, hooks.signal);
  let stepper: Stepper | undefined;
  try {
    stepper = createStepper(engine.model, slot.sequence, {
      sampling: request.sampling,
      seed: (request.sampling.seed ?? randomInt(2 ** 32 - 1)) >>> 0,
      grammar,
      alternatives: request.logprobs ?? 0,
    });
    const startedAt = performance.now();
    const prompt = await readPrompt(engine, slot, stepper, tokens, hooks);
    const answer = new AnswerWriter(request, engine, binding.toolNames, hooks.onEvent);
    const most = Math.min(request.maxTokens, room - tokens.length + 1);
    let input: readonly Token[] = prompt.last;
    let step = await stepper.doStep(input);
    const promptMs = performance.now() - startedAt;
    hooks.onTokens(input.length);
    hooks.onEvent({
      type: 'prompt-read',
      promptTokens: tokens.length,
      cachedTokens: prompt.cachedTokens,
      ms: promptMs,
    });
    for (;;) {
      const isEnd = step.token === undefined || engine.model.isEogToken(step.token);
      if (isEnd || !answer.push(step) || answer.count >= most || step.token === undefined) {
        answer.end(isEnd);
        break;
      }
      hooks.onTokens(1);
      await hooks.doAwaitReader();
      hooks.signal.throwIfAborted();
      input = [step.token];
      step = await stepper.doStep(input);
      hooks.signal.throwIfAborted();
    }
    hooks.onEvent({
      type: 'ended',
      finishReason: answer.finishReason,
      usage: {
        promptTokens: tokens.length,
        cachedTokens: prompt.cachedTokens,
        completionTokens: answer.count,
      },
      promptMs,
      generationMs: performance.now() - startedAt - promptMs,
    });
  } finally {
    stepper?.dispose();
    engine.slots.release(slot);
  }
}

/** Keeps the shared prefix, reads the rest in steps but for the last one, which is sampled from. */
async function readPrompt(
  engine: LlamaEngine,
  slot: Slot,
  stepper: Stepper,
  tokens: readonly Token[],
  hooks: ChatHooks,
): Promise<{ readonly cachedTokens: number; readonly last: readonly Token[] }> {
  const { sequence } = slot;
  // One token must be read anew to know what follows.
  const shared = Math.min(sharedPrefix(sequence.contextTokens, tokens), tokens.length - 1);
  if (shared < sequence.nextTokenIndex)
    await sequence.eraseContextTokenRanges([{ start: shared, end: sequence.nextTokenIndex }]);
  // A model that cannot drop single cells may have kept less than was asked.
  const cachedTokens = Math.min(shared, sequence.nextTokenIndex);
  let place = cachedTokens;
  while (tokens.length - place > engine.batchTokens) {
    hooks.signal.throwIfAborted();
    await stepper.doRead(tokens.slice(place, place + engine.batchTokens));
    place += engine.batchTokens;
    hooks.onTokens(engine.batchTokens);
  }
  hooks.signal.throwIfAborted();
  return { cachedTokens, last: tokens.slice(place) };
}

/** Turns sampled tokens into events. */
class AnswerWriter {
  readonly #engine: LlamaEngine;
  readonly #onEvent: (event: ModelEvent) => void;
  readonly #tokens: TokenReader;
  readonly #stop: StopReader;
  readonly #calls: ToolCallReader | undefined;
  readonly #wantsAlternatives: boolean;
  #logprobs: TokenLogprob[] = [];
  #callCount = 0;
  #isNatural = false;
  count = 0;

  constructor(
    request: ModelRequest,
    engine: LlamaEngine,
    toolNames: readonly string[],
    onEvent: (event: ModelEvent) => void,
  ) {
    this.#engine = engine;
    this.#onEvent = onEvent;
    this.#tokens = new TokenReader(engine.model);
    this.#stop = new StopReader(request.stop ?? []);
    this.#calls = toolNames.length === 0 ? undefined : new ToolCallReader(toolNames);
    this.#wantsAlternatives = (request.logprobs ?? 0) > 0;
  }

  get finishReason(): FinishReason {
    if (!this.#isNatural) return 'length';
    return this.#callCount > 0 ? 'tool-calls' : 'stop';
  }

  /** False when a stop sequence ended the answer. */
  push(step: Step): boolean {
    if (step.token === undefined) return false;
    this.count += 1;
    this.#logprobs.push(this.#logprob(step, step.token));
    const { text, stopped } = this.#stop.push(this.#tokens.push(step.token));
    if (stopped) this.#isNatural = true;
    this.#write(text);
    return !stopped;
  }

  /** `isNatural` = the model ended by itself. */
  end(isNatural: boolean): void {
    if (isNatural) this.#isNatural = true;
    this.#write(this.#stop.end());
    for (const part of this.#calls?.end() ?? []) this.#part(part);
  }

  #write(text: string): void {
    if (text === '') return;
    if (this.#calls === undefined) this.#part({ type: 'text', text });
    else for (const part of this.#calls.push(text)) this.#part(part);
  }

  #part(part: ReadPart): void {
    if (part.type === 'text') {
      this.#onEvent({ type: 'text', text: part.text, logprobs: this.#logprobs });
    } else {
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
