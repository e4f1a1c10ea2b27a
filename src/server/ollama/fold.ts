import type { TokenLogprob, TokenUsage } from '../../core/chat.ts';
import type { CadreEvent } from '../../core/events.ts';
import type { Receipt } from '../../core/receipt.ts';
import { type AnswerFold, failureOf } from '../answer.ts';
import { type AnswerHead, endless, OllamaEnd, printSaid } from './answer.ts';

/** Folds the one stream into the one object of an answer that is not streamed. */
export class OllamaAnswer implements AnswerFold {
  readonly #head: AnswerHead;
  readonly #end: OllamaEnd;
  #text = '';
  #thinking = '';
  readonly #logprobs: TokenLogprob[] = [];
  #last: { readonly receipt: Receipt; readonly usage: TokenUsage } | undefined;

  constructor(head: AnswerHead) {
    this.#head = head;
    this.#end = new OllamaEnd(head);
  }

  add(event: CadreEvent): void {
    if (event.type === 'request-failed') throw failureOf(event);
    this.#end.see(event);
    if (event.type === 'answer-ended') this.#last = event;
    else if (event.type === 'text-delta' && event.choice === 0) {
      this.#text += event.text;
      this.#logprobs.push(...(event.logprobs ?? []));
    } else if (event.type === 'thinking-delta' && this.#head.showsThinking)
      this.#thinking += event.text;
  }

  print() {
    if (this.#last === undefined) throw endless();
    const end = this.#end.print(this.#last.receipt, this.#last.usage);
    const said = {
      text: this.#text,
      thinking: this.#thinking,
      toolCalls: this.#end.toolCalls(),
      logprobs: this.#logprobs,
    };
    const body = { ...printSaid(this.#head, said, new Date()), ...end };
    return { body, spoke: end.cadre.spoke };
  }
}
