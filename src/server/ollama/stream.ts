import type { CadreError } from '../../core/errors.ts';
import type { CadreEvent } from '../../core/events.ts';
import type { StreamPrinter } from '../answer.ts';
import { printError } from '../error-shapes.ts';
import { type AnswerHead, OllamaEnd, printSaid, type Said } from './answer.ts';

/**
 * Maps the one stream to lines of JSON. Calls are one line, before the last. While a client waits it
 * gets lines without words.
 */
export class OllamaStream implements StreamPrinter {
  readonly contentType = 'application/x-ndjson';
  readonly heartbeat: string;
  readonly #head: AnswerHead;
  readonly #end: OllamaEnd;

  constructor(head: AnswerHead) {
    this.#head = head;
    this.#end = new OllamaEnd(head);
    this.heartbeat = this.#line({});
  }

  print(event: CadreEvent): string {
    this.#end.see(event);
    switch (event.type) {
      case 'text-delta':
        if (event.choice !== 0 || (event.text === '' && event.logprobs === undefined)) return '';
        return this.#line({
          text: event.text,
          ...(event.logprobs === undefined ? {} : { logprobs: event.logprobs }),
        });
      case 'thinking-delta':
        if (event.text === '' || !this.#head.showsThinking) return '';
        return this.#line({ thinking: event.text });
      case 'choice-ended': {
        const toolCalls = event.choice === 0 ? this.#end.toolCalls() : [];
        return toolCalls.length === 0 ? '' : this.#line({ toolCalls });
      }
      case 'answer-ended':
        return this.#line({}, this.#end.print(event.receipt, event.usage));
      default:
        return '';
    }
  }

  /** Never a line that is done. */
  printFailure(error: CadreError): string {
    return `${JSON.stringify(printError('ollama', error, ''))}\n`;
  }

  #line(said: Said, more: object = {}): string {
    return `${JSON.stringify({ ...printSaid(this.#head, said, new Date()), ...more })}\n`;
  }
}
