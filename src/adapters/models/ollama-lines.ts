import { randomUUID } from 'node:crypto';
import type { FinishReason, TokenLogprob, TokenUsage } from '../../core/chat.ts';
import type { ModelEvent } from '../../core/ports.ts';
import { readLogprobs } from './openai-chunks.ts';
import { asCount, asFields, asList, asText, type Fields, parseFields } from './remote-answer.ts';
import { streamError } from './remote-error.ts';
import type { RemoteReader } from './remote-stream.ts';

/** Nanoseconds of the wire in a millisecond. */
const NANOSECONDS = 1e6;

/** Reads the lines of one streamed answer and remembers how it ended. */
export class OllamaLines implements RemoteReader {
  finishReason: FinishReason | undefined;
  usage: TokenUsage | undefined;
  promptMs: number | undefined;
  generationMs: number | undefined;
  /** Lines that carried text or calls: about one token each where the server counts nothing. */
  deltaCount = 0;
  #callCount = 0;
  readonly #destination: string;
  readonly #key: string | undefined;
  readonly #estimate: (deltaCount: number) => TokenUsage;

  /** `estimate`: usage where the server tells none. */
  constructor(
    destination: string,
    key: string | undefined,
    estimate: (deltaCount: number) => TokenUsage,
  ) {
    this.#destination = destination;
    this.#key = key;
    this.#estimate = estimate;
  }

  get complete(): boolean {
    return this.finishReason !== undefined;
  }

  /** The last line is the end mark. */
  get closed(): boolean {
    return this.complete;
  }

  read(data: string): ModelEvent[] {
    const fields = parseFields(data, this.#destination);
    if (fields['error'] !== undefined) throw streamError(fields, this.#destination, this.#key);
    const message = asFields(fields['message']);
    const events: ModelEvent[] = [];
    const thought = asText(message?.['thinking']) ?? '';
    if (thought !== '') events.push({ type: 'thinking', text: thought });
    const text = asText(message?.['content']) ?? '';
    const logprobs: TokenLogprob[] | undefined = readLogprobs({ content: fields['logprobs'] });
    if (text !== '' || logprobs !== undefined)
      events.push({ type: 'text', text, ...(logprobs === undefined ? {} : { logprobs }) });
    for (const call of asList(message?.['tool_calls']))
      events.push(...this.#readCall(asFields(call) ?? {}));
    if (events.length > 0) this.deltaCount += 1;
    if (fields['done'] === true) this.#readEnd(fields);
    return events;
  }

  /** A call comes whole; its number there starts anew with each line, so it is counted here. */
  #readCall(call: Fields): ModelEvent[] {
    const spoken = asFields(call['function']);
    const name = asText(spoken?.['name']);
    if (name === undefined) return [];
    const index = this.#callCount;
    this.#callCount += 1;
    // Older servers name no call; a conversation holds many.
    const id = asText(call['id']) || `call_${randomUUID()}`;
    const written = JSON.stringify(spoken?.['arguments'] ?? {});
    return [{ type: 'tool-call', index, id, name, arguments: written }];
  }

  #readEnd(fields: Fields): void {
    const isCut = asText(fields['done_reason']) === 'length';
    this.finishReason = isCut ? 'length' : this.#callCount > 0 ? 'tool-calls' : 'stop';
    const guess = this.#estimate(this.deltaCount);
    this.usage = {
      // Zero is left out of the wire: older servers do so for a prompt that they had kept.
      promptTokens: asCount(fields['prompt_eval_count']) ?? guess.promptTokens,
      cachedTokens: 0,
      completionTokens: asCount(fields['eval_count']) ?? guess.completionTokens,
    };
    this.promptMs = milliseconds(fields['prompt_eval_duration']);
    this.generationMs = milliseconds(fields['eval_duration']);
  }
}

function milliseconds(value: unknown): number | undefined {
  const count = asCount(value);
  return count === undefined ? undefined : count / NANOSECONDS;
}
