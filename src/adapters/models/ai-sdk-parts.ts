import type { FinishReason, TokenUsage } from '../../core/chat.ts';
import { CadreError } from '../../core/errors.ts';
import type { ModelEvent } from '../../core/ports.ts';
import type { ProviderWords } from './ai-sdk-request.ts';
import { asCount, asFields, asText, cleanMessage } from './remote-answer.ts';
import { cutShort } from './remote-stream.ts';

type Fields = { readonly [key: string]: unknown };

const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  'content-filter': 'content-filter',
  'tool-calls': 'tool-calls',
  other: 'stop',
};

/** Reads the parts of one streamed answer and remembers how it ended. */
export class ProviderParts {
  finishReason: FinishReason | undefined;
  usage: TokenUsage | undefined;
  deltaCount = 0;
  readonly #provider: ProviderWords;
  #signature: string | undefined;
  readonly #destination: string;
  readonly #key: string | undefined;
  /** Ids of the tool calls, in the order in which they began. */
  readonly #calls: string[] = [];
  /** Calls whose arguments came in pieces; their whole is not sent again. */
  readonly #pieced = new Set<string>();

  constructor(provider: ProviderWords, destination: string, key: string | undefined) {
    this.#provider = provider;
    this.#destination = destination;
    this.#key = key;
  }

  /** Throws `upstream_failed` for a part that reports an error. */
  read(value: unknown): ModelEvent[] {
    const part = asFields(value) ?? {};
    const text = asText(part['delta']) ?? '';
    switch (part['type']) {
      case 'text-delta':
        return this.#counted({ type: 'text', text });
      case 'reasoning-start':
      case 'reasoning-delta':
      case 'reasoning-end':
        return this.#readThought(part, text);
      case 'tool-input-start':
        return [this.#beginCall(asText(part['id']), asText(part['toolName']))];
      case 'tool-input-delta':
        return this.#readArguments(asText(part['id']) ?? '', text);
      case 'tool-call':
        return this.#readWholeCall(part);
      case 'error':
        throw this.#failure(part['error']);
      case 'finish':
        this.#finish(part);
    }
    return [];
  }

  #counted(event: ModelEvent & { readonly text: string }): ModelEvent[] {
    if (event.text === '') return [];
    this.deltaCount += 1;
    return [event];
  }

  /** The proof may come with any piece of a thought; it is passed on once, at its end. */
  #readThought(part: Fields, text: string): ModelEvent[] {
    const { key, signature: field } = this.#provider;
    const metadata = asFields(asFields(part['providerMetadata'])?.[key]);
    const proof = field === undefined ? undefined : asText(metadata?.[field]);
    this.#signature = proof ?? this.#signature;
    const events = this.#counted({ type: 'thinking', text });
    const signature = this.#signature;
    if (part['type'] !== 'reasoning-end' || signature === undefined) return events;
    this.#signature = undefined;
    return [...events, { type: 'thinking', text: '', signature }];
  }

  #beginCall(id = '', name = ''): ModelEvent {
    this.#calls.push(id);
    return { type: 'tool-call', index: this.#calls.length - 1, id, name, arguments: '' };
  }

  #readArguments(id: string, text: string): ModelEvent[] {
    const index = this.#calls.indexOf(id);
    if (index < 0 || text === '') return [];
    this.#pieced.add(id);
    this.deltaCount += 1;
    return [{ type: 'tool-call', index, arguments: text }];
  }

  #readWholeCall(part: Fields): ModelEvent[] {
    const id = asText(part['toolCallId']) ?? '';
    const known = this.#calls.indexOf(id);
    if (this.#pieced.has(id)) return [];
    this.deltaCount += 1;
    const text = asText(part['input']) ?? '';
    if (known >= 0) return [{ type: 'tool-call', index: known, arguments: text }];
    return [{ ...this.#beginCall(id, asText(part['toolName'])), arguments: text } as ModelEvent];
  }

  #finish(part: Fields): void {
    const reason = asFields(part['finishReason']);
    const word = asText(reason?.['unified']) ?? '';
    // Without the vendor's own word the stream ended before the vendor said that it does.
    const isCut = word === 'interrupted' || (word === 'other' && reason?.['raw'] === undefined);
    if (isCut) throw cutShort(this.#destination);
    this.finishReason = FINISH_REASONS[word];
    if (this.finishReason === undefined) throw this.#failure(reason?.['raw'] ?? word);
    const usage = asFields(part['usage']);
    const input = asFields(usage?.['inputTokens']);
    const promptTokens = asCount(input?.['total']);
    if (promptTokens === undefined) return;
    const output = asFields(usage?.['outputTokens']);
    const reasoningTokens = asCount(output?.['reasoning']);
    this.usage = {
      promptTokens,
      cachedTokens: Math.min(promptTokens, asCount(input?.['cacheRead']) ?? 0),
      ...cacheWritesOf(asCount(input?.['cacheWrite'])),
      completionTokens: asCount(output?.['total']) ?? 0,
      ...(reasoningTokens === undefined ? {} : { reasoningTokens }),
    };
  }

  #failure(cause: unknown): CadreError {
    const words = cause instanceof Error ? cause.message : (asText(cause) ?? JSON.stringify(cause));
    const said = cleanMessage(words ?? '', this.#key);
    return new CadreError('upstream_failed', `${this.#destination} broke off the answer: ${said}`, {
      fault: 'server-error',
      cause,
    });
  }
}

/** The SDK does not tell how long they are kept; five minutes are the vendors' default. */
function cacheWritesOf(written = 0): Pick<TokenUsage, 'cacheWrites'> {
  return written === 0 ? {} : { cacheWrites: { fiveMinutes: written, hour: 0 } };
}
