import type { FinishReason, TokenUsage } from '../../core/chat.ts';
import { CadreError } from '../../core/errors.ts';
import type { CadreEvent } from '../../core/events.ts';
import type { Abstention, Citation, Contradiction } from '../../core/evidence.ts';
import type { Receipt } from '../../core/receipt.ts';
import { type AnswerFold, failureOf } from '../answer.ts';
import { cadreSummary } from '../openai-citations.ts';
import { parseArguments } from '../tool-arguments.ts';
import { type Block, type BlockDelta, type BlockStep, MessageBlocks } from './blocks.ts';
import { wireStop, wireUsage } from './wire.ts';

/** What is said about an answer besides its content. */
export interface MessageHead {
  readonly id: string;
  readonly model: string;
}

/** `msg_` + what makes the request's id unlike others. */
export function messageId(requestId: string): string {
  return `msg_${requestId.slice(requestId.indexOf('_') + 1)}`;
}

/** Follows the one stream for what stands at the end of a message. */
export class MessageEnd {
  readonly #citations: Citation[] = [];
  readonly #contradictions: Contradiction[] = [];
  #abstention: Abstention | undefined;
  #finish: { readonly reason: FinishReason; readonly sequence: string | undefined } | undefined;

  see(event: CadreEvent): void {
    if (event.type === 'text-delta') this.#citations.push(...(event.citations ?? []));
    else if (event.type === 'sources-differ') this.#contradictions.push(...event.contradictions);
    else if (event.type === 'answer-abstained') this.#abstention = event.abstention;
    else if (event.type === 'choice-ended' && event.choice === 0)
      this.#finish = { reason: event.finishReason, sequence: event.stopSequence };
  }

  print(receipt: Receipt, usage: TokenUsage) {
    const { reason, sequence } = this.#finish ?? {
      reason: receipt.finishReason ?? 'stop',
      sequence: undefined,
    };
    return {
      stop: wireStop(reason, sequence),
      usage: wireUsage(usage),
      cadre: cadreSummary(receipt, this.#citations, this.#abstention, this.#contradictions),
    };
  }
}

/** Folds the one stream into the JSON answer of POST /v1/messages. */
export class AnthropicAnswer implements AnswerFold {
  readonly #head: MessageHead;
  readonly #blocks: MessageBlocks;
  readonly #content: OpenBlock[] = [];
  readonly #end = new MessageEnd();
  #last: { readonly receipt: Receipt; readonly usage: TokenUsage } | undefined;

  constructor(head: MessageHead, showsThinking: boolean) {
    this.#head = head;
    this.#blocks = new MessageBlocks(showsThinking);
  }

  add(event: CadreEvent): void {
    if (event.type === 'request-failed') throw failureOf(event);
    this.#end.see(event);
    for (const step of this.#blocks.add(event)) this.#take(step);
    if (event.type === 'answer-ended') this.#last = event;
  }

  print() {
    if (this.#last === undefined)
      throw new CadreError('internal', 'the stream ended without an answer');
    for (const step of this.#blocks.end()) this.#take(step);
    const { stop, usage, cadre } = this.#end.print(this.#last.receipt, this.#last.usage);
    const body = {
      id: this.#head.id,
      type: 'message' as const,
      role: 'assistant' as const,
      model: this.#head.model,
      content: this.#content.map((block) => block.print()),
      ...stop,
      usage,
      cadre,
    };
    return { body, spoke: cadre.spoke };
  }

  #take(step: BlockStep): void {
    if (step.type === 'content_block_start') this.#content.push(new OpenBlock(step.content_block));
    else if (step.type === 'content_block_delta') this.#content.at(step.index)?.add(step.delta);
  }
}

/** A block that is being added up. */
class OpenBlock {
  #block: Block;
  #json = '';

  constructor(block: Block) {
    this.#block = block;
  }

  add(delta: BlockDelta): void {
    const block = this.#block;
    if (delta.type === 'input_json_delta') this.#json += delta.partial_json;
    else if (delta.type === 'text_delta' && block.type === 'text')
      this.#block = { ...block, text: block.text + delta.text };
    else if (delta.type === 'citations_delta' && block.type === 'text')
      this.#block = { ...block, citations: [...(block.citations ?? []), delta.citation] };
    else if (delta.type === 'thinking_delta' && block.type === 'thinking')
      this.#block = { ...block, thinking: block.thinking + delta.thinking };
    else if (delta.type === 'signature_delta' && block.type === 'thinking')
      this.#block = { ...block, signature: delta.signature };
  }

  print(): Block {
    if (this.#block.type !== 'tool_use' || this.#json === '') return this.#block;
    return { ...this.#block, input: parseArguments(this.#block.name, this.#json) };
  }
}
