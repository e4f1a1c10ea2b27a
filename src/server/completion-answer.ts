import type { FinishReason, TokenLogprob } from '../core/chat.ts';
import { CadreError } from '../core/errors.ts';
import type { CadreEvent } from '../core/events.ts';
import type { Abstention, Citation } from '../core/evidence.ts';
import { type AnswerFold, failureOf } from './answer.ts';
import {
  type CompletionHead,
  completionFinishReason,
  echoOf,
  wireCompletionLogprobs,
} from './completion-wire.ts';
import { cadreSummary } from './openai-citations.ts';
import { wireUsage } from './openai-wire.ts';

interface Choice {
  text: string;
  finishReason: FinishReason;
  readonly logprobs: TokenLogprob[];
}

/** Folds the one stream into the JSON answer of POST /v1/completions. */
export class CompletionAnswer implements AnswerFold {
  readonly #head: CompletionHead;
  readonly #choices = new Map<number, Choice>();
  readonly #citations: Citation[] = [];
  #abstention: Abstention | undefined;
  #end: Extract<CadreEvent, { type: 'answer-ended' }> | undefined;

  constructor(head: CompletionHead) {
    this.#head = head;
  }

  add(event: CadreEvent): void {
    switch (event.type) {
      case 'text-delta': {
        const choice = this.#choice(event.choice);
        choice.text += event.text;
        if (event.logprobs !== undefined) choice.logprobs.push(...event.logprobs);
        if (event.citations !== undefined) this.#citations.push(...event.citations);
        break;
      }
      case 'choice-ended':
        this.#choice(event.choice).finishReason = event.finishReason;
        break;
      case 'answer-abstained':
        this.#abstention = event.abstention;
        break;
      case 'answer-ended':
        this.#end = event;
        break;
      case 'request-failed':
        throw failureOf(event);
    }
  }

  print() {
    if (this.#end === undefined)
      throw new CadreError('internal', 'the stream ended without an answer');
    const { receipts, id, created, model } = this.#head;
    if (this.#choices.size === 0) this.#choice(0);
    const summary = cadreSummary(this.#end.receipt, this.#citations, this.#abstention);
    const body = {
      id,
      object: 'text_completion' as const,
      created,
      model,
      choices: [...this.#choices]
        .sort(([a], [b]) => a - b)
        .map(([index, choice]) => ({
          index,
          text: echoOf(this.#head, index) + choice.text,
          logprobs:
            choice.logprobs.length === 0 ? null : wireCompletionLogprobs(choice.logprobs, 0),
          finish_reason: completionFinishReason(choice.finishReason),
        })),
      usage: wireUsage(this.#end.usage),
      cadre: { ...summary, ...(receipts.length === 1 ? {} : { receipts }) },
    };
    return { body, spoke: summary.spoke };
  }

  #choice(index: number): Choice {
    const known = this.#choices.get(index);
    if (known !== undefined) return known;
    const choice: Choice = { text: '', finishReason: 'stop', logprobs: [] };
    this.#choices.set(index, choice);
    return choice;
  }
}
