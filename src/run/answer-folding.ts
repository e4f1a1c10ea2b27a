import type { FinishReason, ToolCall } from '../core/chat.ts';
import { CadreError } from '../core/errors.ts';
import type { CadreEvent } from '../core/events.ts';
import type { Abstention, Citation } from '../core/evidence.ts';
import type { Receipt } from '../core/receipt.ts';

/** A stream of events as one answer. */
export interface FoldedAnswer {
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  readonly citations: readonly Citation[];
  readonly finishReason: FinishReason | undefined;
  readonly abstention: Abstention | undefined;
  /** Set when the request failed; the text is what came before. */
  readonly failure: CadreError | undefined;
  /** Absent when the stream was cut. */
  readonly receipt: Receipt | undefined;
}

interface OpenCall {
  id: string;
  name: string;
  arguments: string;
}

/** Adds up the first choice of a stream, one event at a time. */
export class AnswerFold {
  #text = '';
  readonly #calls = new Map<number, OpenCall>();
  readonly #citations: Citation[] = [];
  #finishReason: FinishReason | undefined;
  #abstention: Abstention | undefined;
  #failure: CadreError | undefined;
  #receipt: Receipt | undefined;

  add(event: CadreEvent): void {
    switch (event.type) {
      case 'text-delta':
        if (event.choice !== 0) return;
        this.#text += event.text;
        if (event.citations) this.#citations.push(...event.citations);
        return;
      case 'tool-call-delta':
        if (event.choice === 0) this.#addCall(event);
        return;
      case 'choice-ended':
        if (event.choice === 0) this.#finishReason = event.finishReason;
        return;
      case 'answer-abstained':
        this.#abstention = event.abstention;
        return;
      case 'answer-ended':
        this.#receipt = event.receipt;
        return;
      case 'request-failed':
        this.#failure = new CadreError(event.code, event.message);
        this.#receipt = event.receipt;
        return;
      default:
        return;
    }
  }

  get answer(): FoldedAnswer {
    return {
      text: this.#text,
      toolCalls: [...this.#calls.entries()].sort(([a], [b]) => a - b).map(([, call]) => call),
      citations: this.#citations,
      finishReason: this.#finishReason,
      abstention: this.#abstention,
      failure: this.#failure,
      receipt: this.#receipt,
    };
  }

  #addCall(event: Extract<CadreEvent, { type: 'tool-call-delta' }>): void {
    const call = this.#calls.get(event.index) ?? { id: '', name: '', arguments: '' };
    this.#calls.set(event.index, {
      id: event.id ?? call.id,
      name: event.name ?? call.name,
      arguments: call.arguments + event.arguments,
    });
  }
}

/** Reads a stream to its end. */
export async function foldAnswer(events: AsyncIterable<CadreEvent>): Promise<FoldedAnswer> {
  const fold = new AnswerFold();
  for await (const event of events) fold.add(event);
  return fold.answer;
}
