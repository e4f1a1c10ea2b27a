import type { CadreEvent } from '../../core/events.ts';
import {
  type Emit,
  GrowingCall,
  GrowingMessage,
  GrowingReasoning,
  type OpenItem,
} from './output-items.ts';
import type { ItemStatus, OutputItem } from './response-items.ts';

type Delta<T extends CadreEvent['type']> = Extract<CadreEvent, { type: T }>;

/** The items of one answer in the order in which they began. */
export class Output {
  readonly #responseId: string;
  readonly #emit: Emit;
  readonly #items: OpenItem[] = [];
  readonly #open = new Set<OpenItem>();
  readonly #calls = new Map<number, GrowingCall>();
  #speech: GrowingMessage | GrowingReasoning | undefined;
  #thoughtLength = 0;
  #textLength = 0;

  constructor(responseId: string, emit: Emit) {
    this.#responseId = responseId;
    this.#emit = emit;
  }

  get items(): OutputItem[] {
    return this.#items.map((item) => item.print());
  }

  /** Share of the shown characters that were thought, 0 … 1. */
  get thoughtShare(): number {
    const all = this.#thoughtLength + this.#textLength;
    return all === 0 ? 0 : this.#thoughtLength / all;
  }

  addText(event: Delta<'text-delta'>): void {
    this.#textLength += event.text.length;
    this.#message().add(event);
  }

  addThought(event: Delta<'thinking-delta'>): void {
    this.#thoughtLength += event.text.length;
    let thought = this.#speech;
    if (!(thought instanceof GrowingReasoning) || thought.isSealed)
      thought = this.#begin(new GrowingReasoning(this.#place()));
    thought.add(event);
  }

  /** Arguments of several calls may come mixed; a call ends early only where it is surely whole. */
  addCall(event: Delta<'tool-call-delta'>): void {
    this.#textLength += event.arguments.length;
    let call = this.#calls.get(event.index);
    if (call === undefined) {
      this.#closeSpeech();
      for (const earlier of this.#calls.values())
        if (this.#open.has(earlier) && earlier.isWhole) this.#close(earlier, 'completed');
      call = new GrowingCall(this.#place(), event);
      this.#calls.set(event.index, call);
      this.#items.push(call);
      this.#open.add(call);
    }
    if (this.#open.has(call)) call.add(event);
  }

  /** Every answer has an item: one that says nothing is an empty message. */
  end(status: ItemStatus): void {
    if (this.#items.length === 0) this.#message();
    for (const item of this.#open) this.#close(item, status);
    this.#speech = undefined;
  }

  #message(): GrowingMessage {
    if (this.#speech instanceof GrowingMessage) return this.#speech;
    return this.#begin(new GrowingMessage(this.#place()));
  }

  #begin<T extends GrowingMessage | GrowingReasoning>(item: T): T {
    this.#speech = item;
    this.#items.push(item);
    this.#open.add(item);
    return item;
  }

  /** The place of the item that begins now; what was spoken before it ends first. */
  #place() {
    this.#closeSpeech();
    return { responseId: this.#responseId, index: this.#items.length, emit: this.#emit };
  }

  #closeSpeech(): void {
    if (this.#speech !== undefined) this.#close(this.#speech, 'completed');
    this.#speech = undefined;
  }

  #close(item: OpenItem, status: ItemStatus): void {
    if (!this.#open.delete(item)) return;
    item.close(status);
  }
}
