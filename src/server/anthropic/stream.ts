import type { TokenUsage } from '../../core/chat.ts';
import type { CadreError } from '../../core/errors.ts';
import type { CadreEvent } from '../../core/events.ts';
import type { StreamPrinter } from '../answer.ts';
import { printError } from '../error-shapes.ts';
import { EVENT_STREAM } from '../event-stream.ts';
import { MessageEnd, type MessageHead } from './answer.ts';
import { MessageBlocks } from './blocks.ts';
import { wireUsage } from './wire.ts';

type WireEvent = { readonly type: string; readonly [field: string]: unknown };

const PING = printEvent({ type: 'ping' });

/**
 * Maps the one stream to the events of a streamed message. The message begins with its first content,
 * so that an earlier failure keeps its status; its true usage stands in `message_delta`.
 */
export class AnthropicStream implements StreamPrinter {
  readonly contentType = EVENT_STREAM;
  readonly heartbeat = PING;
  readonly #head: MessageHead;
  readonly #requestId: string;
  readonly #blocks: MessageBlocks;
  readonly #end = new MessageEnd();
  #read: TokenUsage = { promptTokens: 0, cachedTokens: 0, completionTokens: 0 };
  #begun = false;

  constructor(head: MessageHead, requestId: string, showsThinking: boolean) {
    this.#head = head;
    this.#requestId = requestId;
    this.#blocks = new MessageBlocks(showsThinking);
  }

  print(event: CadreEvent): string {
    this.#end.see(event);
    if (event.type === 'prompt-read') {
      const { promptTokens, cachedTokens } = event;
      this.#read = { promptTokens, cachedTokens, completionTokens: 0 };
    }
    const isLast = event.type === 'answer-ended';
    const steps = isLast ? this.#blocks.end() : this.#blocks.add(event);
    if (steps.length === 0 && !isLast) return '';
    let text = this.#begin();
    for (const step of steps) text += printEvent(step);
    if (!isLast) return text;
    const { stop, usage, cadre } = this.#end.print(event.receipt, event.usage);
    text += printEvent({ type: 'message_delta', delta: stop, usage });
    return text + printEvent({ type: 'message_stop', cadre });
  }

  /** No `message_stop`, which would be a clean end. */
  printFailure(error: CadreError): string {
    const body = printError('anthropic', error, this.#requestId);
    return `event: error\ndata: ${JSON.stringify(body)}\n\n`;
  }

  #begin(): string {
    if (this.#begun) return '';
    this.#begun = true;
    const message = {
      id: this.#head.id,
      type: 'message',
      role: 'assistant',
      model: this.#head.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: wireUsage(this.#read),
    };
    return printEvent({ type: 'message_start', message }) + PING;
  }
}

function printEvent(event: WireEvent): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
