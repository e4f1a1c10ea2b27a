import { ObjectScan } from '../../base/object-scan.ts';
import type { JsonObject, TokenLogprob } from '../../core/chat.ts';
import type { CadreEvent } from '../../core/events.ts';
import { wireLogprobs } from '../openai-wire.ts';
import { printProof } from './reasoning-proof.ts';
import {
  type FunctionCallItem,
  type ItemStatus,
  itemId,
  type MessageItem,
  type OutputItem,
  type ReasoningItem,
} from './response-items.ts';
import { wireAnnotation } from './response-wire.ts';

type Delta<T extends CadreEvent['type']> = Extract<CadreEvent, { type: T }>;
/** Fields of an event, its sequence number not yet given. */
export type Emit = (type: string, fields: JsonObject) => void;

/** One item of an answer while it grows; `close` says its last events. */
export interface OpenItem {
  readonly index: number;
  print(): OutputItem;
  close(status: ItemStatus): void;
}

interface Place {
  readonly responseId: string;
  readonly index: number;
  readonly emit: Emit;
}

abstract class GrowingItem<T extends OutputItem> implements OpenItem {
  readonly index: number;
  protected readonly id: string;
  protected status: ItemStatus = 'in_progress';
  readonly #emit: Emit;

  constructor(type: T['type'], { responseId, index, emit }: Place) {
    this.index = index;
    this.id = itemId(type, responseId, String(index));
    this.#emit = emit;
  }

  abstract print(): T;
  protected abstract sayEnd(): void;

  protected begin(): void {
    this.#emit('response.output_item.added', { output_index: this.index, item: this.print() });
  }

  /** An event about this item. */
  protected say(type: string, fields: JsonObject): void {
    this.#emit(type, { item_id: this.id, output_index: this.index, ...fields });
  }

  close(status: ItemStatus): void {
    this.sayEnd();
    this.status = status;
    this.#emit('response.output_item.done', { output_index: this.index, item: this.print() });
  }
}

export class GrowingMessage extends GrowingItem<MessageItem> {
  #text = '';
  #isOpen = false;
  readonly #annotations: JsonObject[] = [];
  readonly #logprobs: TokenLogprob[] = [];

  constructor(place: Place) {
    super('message', place);
    this.begin();
    this.say('response.content_part.added', { content_index: 0, part: this.#part() });
    this.#isOpen = true;
  }

  get length(): number {
    return this.#text.length;
  }

  add({ text, logprobs = [], citations = [] }: Delta<'text-delta'>): void {
    this.#text += text;
    this.#logprobs.push(...logprobs);
    if (text !== '' || logprobs.length > 0)
      this.say('response.output_text.delta', {
        content_index: 0,
        delta: text,
        logprobs: wireLogprobs(logprobs).content,
      });
    for (const citation of citations) {
      const annotation = wireAnnotation(citation);
      this.say('response.output_text.annotation.added', {
        content_index: 0,
        annotation_index: this.#annotations.length,
        annotation,
      });
      this.#annotations.push(annotation);
    }
  }

  print(): MessageItem {
    const content = this.#isOpen ? [this.#part()] : [];
    return { id: this.id, type: 'message', role: 'assistant', status: this.status, content };
  }

  protected sayEnd(): void {
    const part = this.#part();
    this.say('response.output_text.done', {
      content_index: 0,
      text: this.#text,
      logprobs: wireLogprobs(this.#logprobs).content,
    });
    this.say('response.content_part.done', { content_index: 0, part });
  }

  #part(): JsonObject {
    return {
      type: 'output_text',
      text: this.#text,
      annotations: [...this.#annotations],
      logprobs: wireLogprobs(this.#logprobs).content,
    };
  }
}

/** Thought of the model, shown as the dialect's summary of reasoning. */
export class GrowingReasoning extends GrowingItem<ReasoningItem> {
  #text = '';
  #signature: string | undefined;
  #redacted: string | undefined;
  #hasPart = false;

  constructor(place: Place) {
    super('reasoning', place);
    this.begin();
  }

  get length(): number {
    return this.#text.length;
  }

  /** A vendor signs a thought at its end: what follows is another one. */
  get isSealed(): boolean {
    return this.#signature !== undefined || this.#redacted !== undefined;
  }

  add({ text, signature, redacted }: Delta<'thinking-delta'>): void {
    this.#signature = signature ?? this.#signature;
    this.#redacted = redacted ?? this.#redacted;
    if (text === '') return;
    if (!this.#hasPart) {
      this.#hasPart = true;
      const part = { type: 'summary_text', text: '' };
      this.say('response.reasoning_summary_part.added', { summary_index: 0, part });
    }
    this.#text += text;
    this.say('response.reasoning_summary_text.delta', { summary_index: 0, delta: text });
  }

  print(): ReasoningItem {
    const proof = printProof({
      ...(this.#signature === undefined ? {} : { signature: this.#signature }),
      ...(this.#redacted === undefined ? {} : { redacted: this.#redacted }),
    });
    return {
      id: this.id,
      type: 'reasoning',
      summary: this.#text === '' ? [] : [{ type: 'summary_text', text: this.#text }],
      ...(proof === undefined ? {} : { encrypted_content: proof }),
      status: this.status,
    };
  }

  protected sayEnd(): void {
    if (!this.#hasPart) return;
    const text = this.#text;
    this.say('response.reasoning_summary_text.done', { summary_index: 0, text });
    const part = { type: 'summary_text', text };
    this.say('response.reasoning_summary_part.done', { summary_index: 0, part });
  }
}

export class GrowingCall extends GrowingItem<FunctionCallItem> {
  readonly #callId: string;
  #name: string;
  #arguments = '';
  readonly #scan = new ObjectScan();

  constructor(place: Place, { id, name }: Delta<'tool-call-delta'>) {
    super('function_call', place);
    // Some servers name no call; an output must find it all the same.
    this.#callId = id || `call_${this.id}`;
    this.#name = name ?? '';
    this.begin();
  }

  get isWhole(): boolean {
    return this.#scan.isWhole;
  }

  add({ name, arguments: more }: Delta<'tool-call-delta'>): void {
    this.#name ||= name ?? '';
    this.#arguments += more;
    this.#scan.push(more);
    if (more !== '') this.say('response.function_call_arguments.delta', { delta: more });
  }

  print(): FunctionCallItem {
    return {
      id: this.id,
      type: 'function_call',
      call_id: this.#callId,
      name: this.#name,
      arguments: this.#arguments,
      status: this.status,
    };
  }

  protected sayEnd(): void {
    this.say('response.function_call_arguments.done', { arguments: this.#arguments });
  }
}
