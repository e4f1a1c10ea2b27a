import type { FinishReason } from '../core/chat.ts';
import { type CadreError, errorBody } from '../core/errors.ts';
import type { CadreEvent } from '../core/events.ts';
import type { Abstention, Citation, Contradiction } from '../core/evidence.ts';
import type { Receipt } from '../core/receipt.ts';
import type { StreamPrinter } from './answer.ts';
import { EVENT_STREAM, HEARTBEAT } from './event-stream.ts';
import { cadreSummary, toAnnotation } from './openai-citations.ts';
import { wireFinishReason, wireLogprobs, wireUsage } from './openai-wire.ts';

type TextDelta = Extract<CadreEvent, { type: 'text-delta' }>;
type ToolCallDelta = Extract<CadreEvent, { type: 'tool-call-delta' }>;

/**
 * Maps the one stream to the chunks of a streamed chat completion. `print` gives the bytes of one
 * event, '' for an event that this client does not see. The last choice's end is held until
 * `answer-ended`, because its chunk carries the receipt.
 */
export class OpenAiStream implements StreamPrinter {
  readonly contentType = EVENT_STREAM;
  readonly heartbeat = HEARTBEAT;
  readonly #options: {
    readonly includeUsage: boolean;
    readonly showEvents: boolean;
  };
  /** Everything up to the list of choices; the same in every chunk. */
  readonly #head: string;
  /** OpenAI sends a null with every chunk when usage was asked for. */
  readonly #tail: string;
  readonly #opened = new Set<number>();
  readonly #citations: Citation[] = [];
  readonly #contradictions: Contradiction[] = [];
  #abstention: Abstention | undefined;
  #heldEnd: { readonly choice: number; readonly reason: FinishReason } | undefined;

  constructor(options: {
    readonly id: string;
    /** Seconds since the epoch. */
    readonly created: number;
    readonly model: string;
    readonly includeUsage: boolean;
    readonly showEvents: boolean;
  }) {
    this.#options = options;
    const head = { id: options.id, object: 'chat.completion.chunk', created: options.created };
    this.#head = `data: ${JSON.stringify({ ...head, model: options.model }).slice(0, -1)},"choices":`;
    this.#tail = options.includeUsage ? ',"usage":null' : '';
  }

  /** Without `[DONE]`, which would be a clean end. */
  printFailure(error: CadreError): string {
    return `data: ${JSON.stringify(errorBody(error))}\n\n`;
  }

  print(event: CadreEvent): string {
    if (event.type === 'text-delta') return this.#printText(event);
    if (event.type === 'tool-call-delta') return this.#printToolCall(event);
    if (event.type === 'thinking-delta') return this.#printThought(event);
    const shown = this.#options.showEvents
      ? this.#chunk('[]', `,"cadre":${JSON.stringify({ event })}`)
      : '';
    switch (event.type) {
      case 'choice-ended': {
        const flushed = this.#printHeldEnd();
        this.#heldEnd = { choice: event.choice, reason: event.finishReason };
        return shown + flushed;
      }
      case 'sources-differ':
        this.#contradictions.push(...event.contradictions);
        return shown;
      case 'answer-abstained':
        this.#abstention = event.abstention;
        return shown;
      case 'answer-ended':
        return shown + this.#printEnd(event.receipt, event.usage);
      default:
        return shown;
    }
  }

  #chunk(choices: string, more = ''): string {
    return `${this.#head}${choices}${this.#tail}${more}}\n\n`;
  }

  #delta(choice: number, delta: string, more = '', logprobs = 'null'): string {
    const body = `[{"index":${choice},"delta":${delta},"logprobs":${logprobs},"finish_reason":null}]`;
    return this.#chunk(body, more);
  }

  #open(choice: number): string {
    if (this.#opened.has(choice)) return '';
    this.#opened.add(choice);
    return this.#delta(choice, '{"role":"assistant","content":"","refusal":null}');
  }

  #printText(event: TextDelta): string {
    const opening = this.#open(event.choice);
    let cited = '';
    if (event.citations !== undefined && event.citations.length > 0) {
      this.#citations.push(...event.citations);
      cited = `,"cadre":${JSON.stringify({ citations: event.citations })}`;
    }
    if (event.text === '' && cited === '' && event.logprobs === undefined) return opening;
    const logprobs =
      event.logprobs === undefined ? 'null' : JSON.stringify(wireLogprobs(event.logprobs));
    const field = event.refusal ? 'refusal' : 'content';
    const annotations =
      cited === ''
        ? ''
        : `,"annotations":${JSON.stringify((event.citations ?? []).map(toAnnotation))}`;
    const delta = `{"${field}":${JSON.stringify(event.text)}${annotations}}`;
    return opening + this.#delta(event.choice, delta, cited, logprobs);
  }

  /** OpenAI has no field for thought; this is the one that DeepSeek's and vLLM's clients read. */
  #printThought({ choice, text }: Extract<CadreEvent, { type: 'thinking-delta' }>): string {
    if (text === '') return '';
    return this.#open(choice) + this.#delta(choice, JSON.stringify({ reasoning_content: text }));
  }

  #printToolCall(event: ToolCallDelta): string {
    const call = {
      ...event.extra,
      index: event.index,
      ...(event.id === undefined ? {} : { id: event.id }),
      ...(event.id === undefined && event.name === undefined ? {} : { type: 'function' }),
      function: {
        ...(event.name === undefined ? {} : { name: event.name }),
        arguments: event.arguments,
      },
    };
    return (
      this.#open(event.choice) + this.#delta(event.choice, JSON.stringify({ tool_calls: [call] }))
    );
  }

  #printHeldEnd(more = ''): string {
    if (this.#heldEnd === undefined) return '';
    const { choice, reason } = this.#heldEnd;
    const finish = JSON.stringify(wireFinishReason(reason));
    const body = `[{"index":${choice},"delta":{},"logprobs":null,"finish_reason":${finish}}]`;
    return this.#open(choice) + this.#chunk(body, more);
  }

  #printEnd(
    receipt: Receipt,
    usage: Extract<CadreEvent, { type: 'answer-ended' }>['usage'],
  ): string {
    this.#heldEnd ??= { choice: 0, reason: receipt.finishReason ?? 'stop' };
    const summary = cadreSummary(receipt, this.#citations, this.#abstention, this.#contradictions);
    const end = this.#printHeldEnd(`,"cadre":${JSON.stringify(summary)}`);
    const counted = this.#options.includeUsage
      ? `${this.#head}[],"usage":${JSON.stringify(wireUsage(usage))}}\n\n`
      : '';
    return `${end}${counted}data: [DONE]\n\n`;
  }
}
