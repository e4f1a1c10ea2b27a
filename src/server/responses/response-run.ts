import type { FinishReason, JsonObject } from '../../core/chat.ts';
import type { CadreError } from '../../core/errors.ts';
import type { CadreEvent } from '../../core/events.ts';
import type { Abstention, Citation, DocumentEdition } from '../../core/evidence.ts';
import type { Receipt } from '../../core/receipt.ts';
import { declinedText } from '../declined-text.ts';
import { failureOf, publicError } from '../failure.ts';
import { cadreSummary } from '../openai-citations.ts';
import { Output } from './output.ts';
import {
  incompleteReason,
  type ResponseHead,
  type ResponseStatus,
  type WireEvent,
  type WireResponse,
  wireResponseError,
  wireResponseUsage,
} from './response-wire.ts';

type Delta<T extends CadreEvent['type']> = Extract<CadreEvent, { type: T }>;

/**
 * Maps the one stream to the events of a streamed response and, at the same time, to the response
 * itself: what is streamed, answered as JSON and stored comes from here and is the same.
 */
export class ResponseRun {
  readonly #head: ResponseHead;
  readonly #output: Output;
  readonly #citations: Citation[] = [];
  #events: WireEvent[] = [];
  #sequence = 0;
  #status: ResponseStatus = 'in_progress';
  #isUnwanted = false;
  #isUnknown = false;
  #finishReason: FinishReason = 'stop';
  #abstention: Abstention | undefined;
  /** Fields that the end gives. */
  #end: JsonObject = {};

  constructor(head: ResponseHead) {
    this.#head = head;
    this.#output = new Output(head.id, (type, fields) => this.#say(type, fields));
  }

  get isOver(): boolean {
    return this.#status !== 'queued' && this.#status !== 'in_progress';
  }

  /** Events that came since the last call. */
  take(): readonly WireEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** The response waits for its turn in the background. */
  queue(): void {
    this.#status = 'queued';
    this.#say('response.created', { response: this.response });
    this.#say('response.queued', { response: this.response });
  }

  see(event: CadreEvent): void {
    switch (event.type) {
      case 'request-accepted':
        this.#begin();
        break;
      case 'thinking-delta':
        if (event.choice === 0) this.#output.addThought(event);
        break;
      case 'text-delta':
        if (event.choice !== 0) break;
        if (event.citations !== undefined) this.#citations.push(...event.citations);
        this.#output.addText(event);
        break;
      case 'tool-call-delta':
        if (event.choice === 0) this.#output.addCall(event);
        break;
      case 'answer-abstained':
        this.#abstention = event.abstention;
        this.#output.addText(declinedText(event.abstention));
        break;
      case 'choice-ended':
        if (event.choice === 0) this.#finishReason = event.finishReason;
        break;
      case 'answer-ended':
        this.#complete(event);
        break;
      case 'request-failed':
        this.fail(failureOf(event), event.receipt);
    }
  }

  /** The last event of an answer that ended well, when it is stored. */
  sayEnd(): void {
    this.#say(`response.${this.#status}`, { response: this.response });
  }

  /**
   * Ends the response as failed; what was said before stays in it, marked as not whole. Without a
   * receipt nobody knows which documents that stands on: then it does not stay.
   */
  fail(error: CadreError, receipt?: Receipt): void {
    this.#status = this.#isUnwanted ? 'cancelled' : 'failed';
    this.#isUnknown = receipt === undefined;
    this.#end = {
      error: this.#isUnwanted ? null : wireResponseError(publicError(error)),
      cadre: {
        code: error.code,
        ...(receipt === undefined ? {} : { receipt: receipt.id }),
        ...standsOnOf(receipt?.standsOn ?? this.#head.standsOn),
      },
    };
    // The dialect has no event of its own for a cancelled response.
    this.#say('response.failed', { response: this.response });
  }

  /** Its owner no longer wants it: the failure that follows is his doing. */
  cancel(): void {
    this.#isUnwanted = true;
  }

  get response(): WireResponse {
    const { id, createdAt, model, background, store, echo, standsOn } = this.#head;
    const isBroken = this.#status === 'failed' || this.#status === 'cancelled';
    const items = this.#isUnknown ? [] : this.#output.items;
    const output = items.map((item) =>
      isBroken && item.status === 'in_progress' ? { ...item, status: 'incomplete' as const } : item,
    );
    return {
      id,
      object: 'response',
      created_at: Math.floor(createdAt / 1000),
      status: this.#status,
      background,
      completed_at: null,
      error: null,
      incomplete_details: null,
      ...echo,
      model,
      output,
      store,
      usage: null,
      ...(standsOn.length === 0 ? {} : { cadre: standsOnOf(standsOn) }),
      ...this.#end,
    };
  }

  #begin(): void {
    const isNew = this.#sequence === 0;
    this.#status = 'in_progress';
    if (isNew) this.#say('response.created', { response: this.response });
    this.#say('response.in_progress', { response: this.response });
  }

  #complete({ usage, receipt }: Delta<'answer-ended'>): void {
    const reason = incompleteReason(this.#finishReason);
    this.#output.end(reason === undefined ? 'completed' : 'incomplete');
    this.#status = reason === undefined ? 'completed' : 'incomplete';
    this.#end = {
      ...(reason === undefined
        ? { completed_at: Math.floor(Date.now() / 1000) }
        : { incomplete_details: { reason } }),
      usage: wireResponseUsage(usage, this.#output.thoughtShare),
      // Citations and passages are plain data.
      cadre: JSON.parse(
        JSON.stringify(cadreSummary(receipt, this.#citations, this.#abstention)),
      ) as JsonObject,
    };
  }

  #say(type: string, fields: JsonObject): void {
    this.#events.push({ type, sequence_number: this.#sequence, ...fields });
    this.#sequence += 1;
  }
}

function standsOnOf(editions: readonly DocumentEdition[]): JsonObject {
  return editions.length === 0 ? {} : { standsOn: [...editions] };
}
