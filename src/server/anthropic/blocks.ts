import { ObjectScan } from '../../base/object-scan.ts';
import type { CadreEvent } from '../../core/events.ts';
import { type WireCitation, wireCitation } from './wire.ts';

type TextDelta = Extract<CadreEvent, { type: 'text-delta' }>;
type ThinkingDelta = Extract<CadreEvent, { type: 'thinking-delta' }>;
type ToolCallDelta = Extract<CadreEvent, { type: 'tool-call-delta' }>;

export type Block =
  | { readonly type: 'text'; readonly text: string; readonly citations?: readonly WireCitation[] }
  | { readonly type: 'thinking'; readonly thinking: string; readonly signature: string }
  | { readonly type: 'redacted_thinking'; readonly data: string }
  | {
      readonly type: 'tool_use';
      readonly id: string;
      readonly name: string;
      readonly input: object;
    };

export type BlockDelta =
  | { readonly type: 'text_delta'; readonly text: string }
  | { readonly type: 'citations_delta'; readonly citation: WireCitation }
  | { readonly type: 'thinking_delta'; readonly thinking: string }
  | { readonly type: 'signature_delta'; readonly signature: string }
  | { readonly type: 'input_json_delta'; readonly partial_json: string };

/** How the content of a message grows; a stream shows the steps, a whole answer adds them up. */
export type BlockStep =
  | { readonly type: 'content_block_start'; readonly index: number; readonly content_block: Block }
  | { readonly type: 'content_block_delta'; readonly index: number; readonly delta: BlockDelta }
  | { readonly type: 'content_block_stop'; readonly index: number };

interface WaitingCall {
  id: string;
  name: string;
  arguments: string;
}

/**
 * Turns the one stream into the dialect's blocks, one open at a time. A cited sentence is a block of
 * its own, because a citation speaks of a whole block. A tool call stays open until its arguments are
 * whole or the answer ends, and what comes besides its pieces waits until then. Its end is told with
 * what comes after the piece that made it whole: a call that turns out broken has no end.
 */
export class MessageBlocks {
  readonly #showsThinking: boolean;
  readonly #documents: string[] = [];
  readonly #waiting = new Map<number, WaitingCall>();
  readonly #ended = new Set<number>();
  readonly #later: (TextDelta | ThinkingDelta)[] = [];
  #count = 0;
  /** What stands open: a kind of text, or a tool call by its index. */
  #open: 'text' | 'thinking' | number | undefined;
  /** How far the open call's arguments have come. */
  #scan = new ObjectScan();

  constructor(showsThinking: boolean) {
    this.#showsThinking = showsThinking;
  }

  /** The dialect has one choice. */
  add(event: CadreEvent): readonly BlockStep[] {
    if (event.type === 'tool-call-delta' && event.choice === 0) return this.#addCall(event);
    const isShown =
      event.type === 'text-delta' || (event.type === 'thinking-delta' && this.#showsThinking);
    if (!isShown || event.choice !== 0) return [];
    const steps = this.#goOn();
    if (!this.#isBusy) return [...steps, ...this.#addSaid(event)];
    this.#later.push(event);
    return steps;
  }

  /** Closes what is open; an answer without any content has one empty block. */
  end(): readonly BlockStep[] {
    const steps = [...this.#close(), ...this.#later.flatMap((event) => this.#addSaid(event))];
    for (const [index, call] of this.#waiting) steps.push(...this.#startCall(index, call));
    if (this.#count === 0) steps.push(...this.#start('text', { type: 'text', text: '' }));
    return [...steps, ...this.#close()];
  }

  /** A call is open that is not whole. */
  get #isBusy(): boolean {
    return typeof this.#open === 'number' && !this.#scan.isWhole;
  }

  /** What waited for the open call, once that is whole. */
  #goOn(): BlockStep[] {
    const steps: BlockStep[] = [];
    while (this.#scan.isWhole && this.#later.length + this.#waiting.size > 0) {
      steps.push(...this.#close());
      for (const event of this.#later.splice(0)) steps.push(...this.#addSaid(event));
      for (const [index, call] of [...this.#waiting].slice(0, 1))
        steps.push(...this.#startCall(index, call));
    }
    return steps;
  }

  #addSaid(event: TextDelta | ThinkingDelta): BlockStep[] {
    return event.type === 'text-delta' ? this.#addText(event) : this.#addThought(event);
  }

  #addText({ text, citations = [] }: TextDelta): BlockStep[] {
    const delta: BlockDelta = { type: 'text_delta', text };
    if (citations.length > 0)
      return [
        ...this.#close(),
        ...this.#start('text', { type: 'text', text: '', citations: [] }),
        this.#delta(delta),
        ...citations.map((one) => {
          const place = this.#documentIndex(one.sentence.documentId);
          return this.#delta({ type: 'citations_delta', citation: wireCitation(one, place) });
        }),
        ...this.#close(),
      ];
    if (text === '') return [];
    if (this.#open === 'text') return [this.#delta(delta)];
    return [
      ...this.#close(),
      ...this.#start('text', { type: 'text', text: '' }),
      this.#delta(delta),
    ];
  }

  /** A signature ends its block. */
  #addThought({ text, signature, redacted }: ThinkingDelta): BlockStep[] {
    if (redacted !== undefined)
      return [
        ...this.#close(),
        ...this.#start('thinking', { type: 'redacted_thinking', data: redacted }),
        ...this.#close(),
      ];
    const empty: Block = { type: 'thinking', thinking: '', signature: '' };
    return [
      ...(this.#open === 'thinking' ? [] : [...this.#close(), ...this.#start('thinking', empty)]),
      ...(text === '' ? [] : [this.#delta({ type: 'thinking_delta', thinking: text })]),
      ...(signature === undefined
        ? []
        : [this.#delta({ type: 'signature_delta', signature }), ...this.#close()]),
    ];
  }

  #addCall({ index, id = '', name = '', arguments: json }: ToolCallDelta): BlockStep[] {
    const steps = this.#goOn();
    if (this.#open === index) return [...steps, ...this.#jsonDelta(json)];
    // Blanks after the end of its object.
    if (this.#ended.has(index)) return steps;
    const call = this.#waiting.get(index) ?? { id: '', name: '', arguments: '' };
    call.id ||= id;
    call.name ||= name;
    call.arguments += json;
    this.#waiting.set(index, call);
    return this.#isBusy ? steps : [...steps, ...this.#startCall(index, call)];
  }

  #startCall(index: number, { id, name, arguments: json }: WaitingCall): BlockStep[] {
    this.#waiting.delete(index);
    const block: Block = { type: 'tool_use', id: id || `toolu_${index}`, name, input: {} };
    return [...this.#close(), ...this.#start(index, block), ...this.#jsonDelta(json)];
  }

  #documentIndex(id: string): number {
    const known = this.#documents.indexOf(id);
    return known >= 0 ? known : this.#documents.push(id) - 1;
  }

  #start(kind: 'text' | 'thinking' | number, block: Block): BlockStep[] {
    this.#open = kind;
    this.#count += 1;
    return [{ type: 'content_block_start', index: this.#count - 1, content_block: block }];
  }

  #jsonDelta(json: string): BlockStep[] {
    if (json === '') return [];
    this.#scan.push(json);
    return [this.#delta({ type: 'input_json_delta', partial_json: json })];
  }

  #delta(delta: BlockDelta): BlockStep {
    return { type: 'content_block_delta', index: this.#count - 1, delta };
  }

  #close(): BlockStep[] {
    if (this.#open === undefined) return [];
    if (typeof this.#open === 'number') this.#ended.add(this.#open);
    this.#scan = new ObjectScan();
    this.#open = undefined;
    return [{ type: 'content_block_stop', index: this.#count - 1 }];
  }
}
