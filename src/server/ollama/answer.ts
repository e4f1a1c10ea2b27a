import type { FinishReason, TokenLogprob, TokenUsage } from '../../core/chat.ts';
import { CadreError } from '../../core/errors.ts';
import type { CadreEvent } from '../../core/events.ts';
import type { Abstention, Citation } from '../../core/evidence.ts';
import type { Receipt } from '../../core/receipt.ts';
import { cadreSummary } from '../openai-citations.ts';
import { parseArguments } from '../tool-arguments.ts';

/** The dialect has no word for content that a vendor withheld; the field is free text. */
const DONE_REASONS: Readonly<Record<FinishReason, string>> = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'stop',
  'content-filter': 'content_filter',
};
const NANOSECONDS = 1e6;

export interface AnswerHead {
  /** As the caller wrote it. */
  readonly model: string;
  readonly kind: 'chat' | 'generate';
  readonly showsThinking: boolean;
  readonly ignored: readonly string[];
}

/** What one line of an answer says. */
export interface Said {
  readonly text?: string;
  readonly thinking?: string;
  readonly toolCalls?: readonly object[];
  readonly logprobs?: readonly TokenLogprob[];
}

/** One object of the dialect: a message in a chat, plain text where a text was asked for. */
export function printSaid(head: AnswerHead, said: Said, at: Date) {
  const { text = '', thinking = '', toolCalls = [], logprobs = [] } = said;
  const thought = thinking === '' ? {} : { thinking };
  const calls = toolCalls.length === 0 ? {} : { tool_calls: toolCalls };
  return {
    model: head.model,
    created_at: at.toISOString(),
    ...(head.kind === 'chat'
      ? { message: { role: 'assistant' as const, content: text, ...thought, ...calls } }
      : { response: text, ...thought }),
    done: false,
    ...(logprobs.length === 0
      ? {}
      : {
          logprobs: logprobs.map(({ token, logprob, top = [] }) => ({
            token,
            logprob,
            top_logprobs: top,
          })),
        }),
  };
}

/** Follows the one stream for tool calls, which the dialect hands over whole, and for the end. */
export class OllamaEnd {
  readonly #head: AnswerHead;
  readonly #calls = new Map<number, { id: string; name: string; arguments: string }>();
  readonly #citations: Citation[] = [];
  #abstention: Abstention | undefined;
  #finish: FinishReason | undefined;

  constructor(head: AnswerHead) {
    this.#head = head;
  }

  see(event: CadreEvent): void {
    if (event.type === 'text-delta') this.#citations.push(...(event.citations ?? []));
    else if (event.type === 'answer-abstained') this.#abstention = event.abstention;
    else if (event.type === 'choice-ended') this.#finish ??= event.finishReason;
    else if (event.type === 'tool-call-delta' && event.choice === 0) {
      const call = this.#calls.get(event.index) ?? { id: '', name: '', arguments: '' };
      call.id ||= event.id ?? '';
      call.name ||= event.name ?? '';
      call.arguments += event.arguments;
      this.#calls.set(event.index, call);
    }
  }

  /** The calls of the whole answer; `upstream_failed` for arguments that are no object. */
  toolCalls(): readonly object[] {
    return [...this.#calls]
      .toSorted(([a], [b]) => a - b)
      .map(([index, call]) => ({
        id: call.id || `call_${index}`,
        function: {
          index,
          name: call.name,
          arguments: parseArguments(call.name, call.arguments),
        },
      }));
  }

  /** What the last object says besides its text: durations in nanoseconds. */
  print(receipt: Receipt, usage: TokenUsage) {
    const { ignored } = this.#head;
    const released = receipt.attempts.findLast((one) => one.outcome === 'released');
    const load = receipt.stages.find(({ stage }) => stage === 'load')?.ms ?? 0;
    const summary = cadreSummary(receipt, this.#citations, this.#abstention);
    return {
      done: true,
      done_reason: DONE_REASONS[this.#finish ?? receipt.finishReason ?? 'stop'],
      total_duration: nanoseconds(receipt.totalMs),
      load_duration: nanoseconds(load),
      prompt_eval_count: usage.promptTokens,
      prompt_eval_duration: nanoseconds(released?.promptMs ?? 0),
      eval_count: usage.completionTokens,
      eval_duration: nanoseconds(released?.generationMs ?? 0),
      cadre: { ...summary, ...(ignored.length === 0 ? {} : { ignored }) },
    };
  }
}

export function nanoseconds(milliseconds: number): number {
  return Math.round(milliseconds * NANOSECONDS);
}

/** The end of a stream that did not say how it ended. */
export function endless(): CadreError {
  return new CadreError('internal', 'the stream ended without an answer');
}
