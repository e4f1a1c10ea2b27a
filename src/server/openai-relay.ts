import type { JsonObject, TokenUsage } from '../core/chat.ts';
import type { CadreEvent } from '../core/events.ts';
import type { Receipt } from '../core/receipt.ts';
import type { RelaySink } from '../core/relay.ts';
import type { AnswerFold, StreamPrinter } from './answer.ts';
import { cadreSummary, spokeOf } from './openai-citations.ts';
import { wireUsage } from './openai-wire.ts';

type Write = (text: string) => Promise<void> | undefined;

const CHOICES = '"choices":';
const PIECE = 'chat.completion.chunk';

/**
 * An answer that passes as the upstream wrote it, unknown fields too; what is changed is its id, the
 * model's name (both as asked here) and, at its end, the farm's own part. The end is held until the
 * receipt is there.
 */
export class RelayedAnswer implements RelaySink {
  readonly #answer: { readonly id: string; readonly created: number; readonly model: string };
  #write: Write = () => undefined;
  #head = '';
  #ourHead = '';
  #end: string | undefined;
  #whole: JsonObject | undefined;

  constructor(answer: {
    readonly id: string;
    /** Seconds since the epoch; counts where the upstream gives none. */
    readonly created: number;
    readonly model: string;
  }) {
    this.#answer = answer;
  }

  piece(data: string, place: 'middle' | 'end' | 'after'): Promise<void> | undefined {
    if (place === 'middle') return this.#write(`data: ${this.#ours(data)}\n\n`);
    if (place === 'end') this.#end = data;
    return undefined;
  }

  whole(answer: JsonObject): void {
    this.#whole = answer;
  }

  /** `inner` folds answers that were not relayed. */
  fold(inner: AnswerFold): AnswerFold {
    let receipt: Receipt | undefined;
    return {
      add: (event) => {
        if (event.type === 'answer-ended') receipt = event.receipt;
        inner.add(event);
      },
      print: () => {
        if (this.#whole === undefined || receipt === undefined) return inner.print();
        const cadre = cadreSummary(receipt, [], undefined);
        const body = { ...this.#named(this.#whole, 'chat.completion'), cadre };
        return { body, spoke: spokeOf(receipt) };
      },
    };
  }

  /** `inner` prints events of answers that are not relayed. */
  printer(inner: StreamPrinter, includeUsage: boolean): StreamPrinter {
    return {
      contentType: inner.contentType,
      ...(inner.heartbeat === undefined ? {} : { heartbeat: inner.heartbeat }),
      attach: (write) => {
        this.#write = write;
      },
      print: (event) => this.#printEnd(event, includeUsage) ?? inner.print(event),
      printFailure: (error) => inner.printFailure(error),
    };
  }

  #printEnd(event: CadreEvent, includeUsage: boolean): string | undefined {
    if (this.#end === undefined) return undefined;
    // The end that stands in the relayed piece, not one of our own.
    if (event.type === 'choice-ended') return '';
    if (event.type !== 'answer-ended') return undefined;
    const cadre = cadreSummary(event.receipt, [], undefined);
    const { usage: _usage, ...end } = this.#renamed(this.#end);
    const tail = includeUsage ? { usage: null } : {};
    const last = `data: ${JSON.stringify({ ...end, ...tail, cadre })}\n\n`;
    const counted = includeUsage ? this.#printUsage(end, event.usage) : '';
    return `${last}${counted}data: [DONE]\n\n`;
  }

  #printUsage(end: JsonObject, usage: TokenUsage): string {
    return `data: ${JSON.stringify({ ...end, choices: [], usage: wireUsage(usage) })}\n\n`;
  }

  /** What stands before the choices is the same in all pieces of most servers. */
  #ours(data: string): string {
    const at = data.indexOf(CHOICES);
    if (at > 0 && data.startsWith(this.#head) && at === this.#head.length)
      return this.#ourHead + data.slice(at);
    const head = at > 0 ? readHead(data.slice(0, at)) : undefined;
    if (head === undefined) return JSON.stringify(this.#renamed(data));
    this.#head = data.slice(0, at);
    const ours = JSON.stringify(this.#named(head, PIECE));
    this.#ourHead = `${ours.slice(0, -1)},`;
    return this.#ourHead + data.slice(at);
  }

  #renamed(data: string): JsonObject {
    return this.#named(JSON.parse(data) as JsonObject, PIECE);
  }

  /** What a client of the dialect looks for is there, whatever the upstream leaves out. */
  #named(fields: JsonObject, object: string): JsonObject {
    const { id, created, model } = this.#answer;
    return { object, created, ...fields, id, model };
  }
}

/** The fields before the choices, where both names that are changed are among them. */
function readHead(text: string): JsonObject | undefined {
  try {
    const { choices, ...head } = JSON.parse(`${text}${CHOICES}[]}`) as JsonObject;
    const isWhole = choices !== undefined && 'id' in head && 'model' in head;
    return isWhole ? head : undefined;
  } catch {
    return undefined;
  }
}
