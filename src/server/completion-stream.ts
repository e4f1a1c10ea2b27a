import type { FinishReason } from '../core/chat.ts';
import { type CadreError, errorBody } from '../core/errors.ts';
import type { CadreEvent } from '../core/events.ts';
import type { Abstention, Citation } from '../core/evidence.ts';
import type { StreamPrinter } from './answer.ts';
import {
  type CompletionHead,
  completionFinishReason,
  echoOf,
  wireCompletionLogprobs,
} from './completion-wire.ts';
import { EVENT_STREAM, HEARTBEAT } from './event-stream.ts';
import { cadreSummary } from './openai-citations.ts';
import { wireUsage } from './openai-wire.ts';

/**
 * Maps the one stream to the text chunks of a streamed POST /v1/completions. The last choice's end
 * is held until `answer-ended`, because its chunk carries the receipt.
 */
export class CompletionStream implements StreamPrinter {
  readonly contentType = EVENT_STREAM;
  readonly heartbeat = HEARTBEAT;
  readonly #head: CompletionHead;
  readonly #includeUsage: boolean;
  /** Everything up to the list of choices; the same in every chunk. */
  readonly #start: string;
  readonly #tail: string;
  /** Characters that each choice has shown, its echo not counted. */
  readonly #lengths = new Map<number, number>();
  readonly #citations: Citation[] = [];
  #abstention: Abstention | undefined;
  #heldEnd: { readonly choice: number; readonly reason: FinishReason } | undefined;

  constructor(head: CompletionHead, includeUsage: boolean) {
    const { id, created, model } = head;
    this.#head = head;
    this.#includeUsage = includeUsage;
    const start = { id, object: 'text_completion', created, model };
    this.#start = `data: ${JSON.stringify(start).slice(0, -1)},"choices":`;
    this.#tail = includeUsage ? ',"usage":null' : '';
  }

  /** Without `[DONE]`, which would be a clean end. */
  printFailure(error: CadreError): string {
    return `data: ${JSON.stringify(errorBody(error))}\n\n`;
  }

  print(event: CadreEvent): string {
    switch (event.type) {
      case 'text-delta':
        return this.#printText(event);
      case 'choice-ended': {
        const flushed = this.#printHeldEnd();
        this.#heldEnd = { choice: event.choice, reason: event.finishReason };
        return flushed;
      }
      case 'answer-abstained':
        this.#abstention = event.abstention;
        return '';
      case 'answer-ended':
        return this.#printEnd(event);
      default:
        return '';
    }
  }

  #printText(event: Extract<CadreEvent, { type: 'text-delta' }>): string {
    const opening = this.#open(event.choice);
    const length = this.#lengths.get(event.choice) ?? 0;
    this.#lengths.set(event.choice, length + event.text.length);
    if (event.citations !== undefined) this.#citations.push(...event.citations);
    if (event.text === '' && event.logprobs === undefined) return opening;
    const logprobs =
      event.logprobs === undefined
        ? 'null'
        : JSON.stringify(wireCompletionLogprobs(event.logprobs, length));
    return opening + this.#chunk(event.choice, event.text, logprobs);
  }

  /** The echoed prompt is the first chunk of a choice. */
  #open(choice: number): string {
    if (this.#lengths.has(choice)) return '';
    this.#lengths.set(choice, 0);
    const echo = echoOf(this.#head, choice);
    return echo === '' ? '' : this.#chunk(choice, echo, 'null');
  }

  #chunk(choice: number, text: string, logprobs: string, finish = 'null', more = ''): string {
    const body = `[{"index":${choice},"text":${JSON.stringify(text)},"logprobs":${logprobs},"finish_reason":${finish}}]`;
    return `${this.#start}${body}${this.#tail}${more}}\n\n`;
  }

  #printHeldEnd(more = ''): string {
    if (this.#heldEnd === undefined) return '';
    const { choice, reason } = this.#heldEnd;
    const finish = `"${completionFinishReason(reason)}"`;
    return this.#open(choice) + this.#chunk(choice, '', 'null', finish, more);
  }

  #printEnd({ receipt, usage }: Extract<CadreEvent, { type: 'answer-ended' }>): string {
    const { receipts } = this.#head;
    const cadre = {
      ...cadreSummary(receipt, this.#citations, this.#abstention),
      ...(receipts.length === 1 ? {} : { receipts }),
    };
    this.#heldEnd ??= { choice: 0, reason: receipt.finishReason ?? 'stop' };
    const end = this.#printHeldEnd(`,"cadre":${JSON.stringify(cadre)}`);
    const counted = this.#includeUsage
      ? `${this.#start}[],"usage":${JSON.stringify(wireUsage(usage))}}\n\n`
      : '';
    return `${end}${counted}data: [DONE]\n\n`;
  }
}
