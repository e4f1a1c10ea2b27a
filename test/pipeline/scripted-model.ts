import type { TokenUsage } from '../../src/core/chat.ts';
import { CadreError } from '../../src/core/errors.ts';
import type { Permit } from '../../src/core/permit.ts';
import type { Model, ModelEvent, ModelRequest } from '../../src/core/ports.ts';

/** Stands still until the signal aborts. */
export const WAIT = Symbol('wait');
/** The stream stops here without its last event. */
export const CUT = Symbol('cut');

/** What a model does next: text, an event as it is, trouble, a wait, or one of the above. */
export type Step = string | ModelEvent | CadreError | Promise<void> | typeof WAIT | typeof CUT;
/** Steps of every answer, or of the answer with this number (from 0) to this request. */
export type Script = readonly Step[] | ((turn: number, request: ModelRequest) => readonly Step[]);

/** One conversation that a model was given. */
export interface ModelCall {
  readonly spoke: string;
  readonly request: ModelRequest;
  readonly permit: Permit | undefined;
  /** `left`: the reader stopped reading; `aborted`: the signal did. */
  end?: 'finished' | 'left' | 'aborted' | 'failed';
}

/** What each finished answer says it used. */
export const USAGE: TokenUsage = { promptTokens: 40, cachedTokens: 0, completionTokens: 20 };

export function ended(change: Partial<Extract<ModelEvent, { type: 'ended' }>> = {}): ModelEvent {
  return {
    type: 'ended',
    finishReason: 'stop',
    usage: USAGE,
    promptMs: 4,
    generationMs: 8,
    ...change,
  };
}

/** A model that follows its script; every call is noted in `calls` with how it ended. */
export function scriptedModel(spoke: string, script: Script, calls: ModelCall[]): Model {
  let turn = 0;
  return {
    id: spoke,
    doChat(request, { signal, permit }) {
      const call: ModelCall = { spoke, request, permit };
      calls.push(call);
      const steps = typeof script === 'function' ? script(turn, request) : script;
      turn += 1;
      return perform(steps, call, signal);
    },
  };
}

async function* perform(
  steps: readonly Step[],
  call: ModelCall,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent> {
  try {
    let isEnded = false;
    for (const step of steps) {
      signal.throwIfAborted();
      if (step === CUT) isEnded = true;
      else if (step === WAIT) await abortOf(signal);
      else if (step instanceof Promise) await Promise.race([step, abortOf(signal)]);
      else if (step instanceof CadreError) throw step;
      else {
        const event: ModelEvent = typeof step === 'string' ? { type: 'text', text: step } : step;
        isEnded ||= event.type === 'ended';
        yield event;
      }
    }
    if (!isEnded) yield ended();
    call.end = 'finished';
  } catch (error) {
    call.end = signal.aborted ? 'aborted' : 'failed';
    throw error;
  } finally {
    call.end ??= 'left';
  }
}

/** Rejects with the signal's reason as soon as it aborts. */
export function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
