import { randomInt } from 'node:crypto';
import type { LlamaGrammarEvaluationState, Token } from 'node-llama-cpp';
import type { AdapterFile } from '../core/adapter.ts';
import { CadreError } from '../core/errors.ts';
import type { ModelEvent, ModelRequest } from '../core/ports.ts';
import { AnswerWriter } from './llama-answer.ts';
import { type AnswerBinding, bindAnswer } from './llama-binding.ts';
import type { LlamaEngine } from './llama-engine.ts';
import { BASE, type Slot, sharedPrefix } from './llama-slots.ts';
import { Stepper } from './llama-step.ts';

export interface ChatHooks {
  readonly signal: AbortSignal;
  readonly onEvent: (event: ModelEvent) => void;
  /** Called with every token that was read or written. */
  readonly onTokens: (count: number) => void;
  /** Resolves when the reader of the stream wants more. */
  readonly doAwaitReader: () => Promise<void>;
}

/**
 * Answers one request on one slot, as an adapter changes the model where one is given. Rejects with
 * the signal's reason, `context_length_exceeded`, `invalid_request`, `unsupported_part`,
 * `adapter_refused`, `out_of_memory` or `overloaded`; the slot is free again afterwards and keeps
 * what it read.
 */
export async function runChat(
  engine: LlamaEngine,
  request: ModelRequest,
  hooks: ChatHooks,
  file?: AdapterFile,
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
  const adapter = file && (await engine.adapters.take(file));
  try {
    const slot = await engine.slots.take(tokens, hooks.signal, adapter);
    const key = adapter?.key ?? BASE;
    await answerOn({ engine, slot, key, tokens, hooks, request, binding, grammar });
  } finally {
    adapter?.release();
  }
}

interface Order {
  readonly engine: LlamaEngine;
  readonly slot: Slot;
  /** Of the adapter. */
  readonly key: string;
  /** The prompt. */
  readonly tokens: readonly Token[];
  readonly hooks: ChatHooks;
  readonly request: ModelRequest;
  readonly binding: AnswerBinding;
  readonly grammar: LlamaGrammarEvaluationState | undefined;
}

async function answerOn({ request, binding, grammar, ...order }: Order): Promise<void> {
  const { engine, slot, tokens, hooks } = order;
  let stepper: Stepper | undefined;
  try {
    stepper = new Stepper(engine.model, slot.sequence, {
      sampling: request.sampling,
      seed: (request.sampling.seed ?? randomInt(2 ** 32 - 1)) >>> 0,
      grammar,
      alternatives: request.logprobs ?? 0,
    });
    const answer = new AnswerWriter(request, engine, binding, hooks.onEvent);
    const mostTokens = Math.min(request.maxTokens, engine.contextTokens - tokens.length);
    await writeAnswer({ ...order, stepper, answer, mostTokens });
  } catch (error) {
    // After a fault of the engine nobody knows what the slot holds.
    if (!hooks.signal.aborted) await slot.sequence.clearHistory();
    throw error;
  } finally {
    stepper?.dispose();
    engine.slots.release(slot);
  }
}

interface Run extends Omit<Order, 'request' | 'binding' | 'grammar'> {
  readonly stepper: Stepper;
  readonly answer: AnswerWriter;
  readonly mostTokens: number;
}

async function writeAnswer(run: Run): Promise<void> {
  const { engine, stepper, answer, tokens, mostTokens, hooks } = run;
  const startedAt = performance.now();
  const { cachedTokens, last } = await readPrompt(run);
  let step = await stepper.doStep(last);
  const promptMs = performance.now() - startedAt;
  hooks.onTokens(last.length);
  hooks.onEvent({ type: 'prompt-read', promptTokens: tokens.length, cachedTokens, ms: promptMs });
  for (;;) {
    hooks.signal.throwIfAborted();
    const { token } = step;
    const isEnd = token === undefined || engine.model.isEogToken(token);
    if (isEnd || !answer.push(step) || answer.count >= mostTokens) {
      answer.end(isEnd);
      break;
    }
    hooks.onTokens(1);
    await hooks.doAwaitReader();
    step = await stepper.doStep([token]);
  }
  hooks.onEvent({
    type: 'ended',
    finishReason: answer.finishReason,
    ...(answer.stopSequence === undefined ? {} : { stopSequence: answer.stopSequence }),
    usage: { promptTokens: tokens.length, cachedTokens, completionTokens: answer.count },
    promptMs,
    generationMs: performance.now() - startedAt - promptMs,
    threads: Math.round(100 * stepper.threads) / 100,
  });
}

/**
 * Keeps the shared prefix, or takes a longer one that was saved; reads the rest in steps but for the
 * last one, which is sampled from.
 */
async function readPrompt({ engine, slot, key, stepper, tokens, hooks }: Run): Promise<{
  readonly cachedTokens: number;
  readonly last: readonly Token[];
}> {
  const { sequence } = slot;
  const { prefixes, batchTokens } = engine;
  const parting = prefixes.note(key, tokens);
  // The same tokens mean something else to another adapter.
  let kept = slot.keeps === key ? sharedPrefix(sequence.contextTokens, tokens) : 0;
  const saved = prefixes.find(key, tokens, kept);
  if (saved !== undefined) kept = await prefixes.restore(saved, sequence);
  // One token must be read anew to know what follows.
  const shared = Math.min(kept, tokens.length - 1);
  if (shared < sequence.nextTokenIndex)
    await sequence.eraseContextTokenRanges([{ start: shared, end: sequence.nextTokenIndex }]);
  slot.keeps = key;
  // A model that cannot drop single cells may have kept less than was asked.
  const cachedTokens = Math.min(shared, sequence.nextTokenIndex);
  let place = cachedTokens;
  const readUpTo = async (end: number) => {
    while (place < end) {
      hooks.signal.throwIfAborted();
      const part = tokens.slice(place, Math.min(end, place + batchTokens));
      await stepper.doRead(part);
      place += part.length;
      hooks.onTokens(part.length);
    }
  };
  if (parting !== undefined && parting >= place) {
    await readUpTo(parting);
    await prefixes.save(key, sequence);
  }
  const steps = Math.ceil((tokens.length - place) / batchTokens);
  await readUpTo(place + (steps - 1) * batchTokens);
  hooks.signal.throwIfAborted();
  return { cachedTokens, last: tokens.slice(place) };
}
