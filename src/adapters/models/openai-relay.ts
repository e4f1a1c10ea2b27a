import type { JsonObject, JsonValue } from '../../core/chat.ts';
import { CadreError } from '../../core/errors.ts';
import type { ModelEvent } from '../../core/ports.ts';
import type { REPLACED_FIELDS, RelayWish } from '../../core/relay.ts';
import type { VendorQuirks } from '../../core/vendor-quirks.ts';
import type { ExchangeResponse } from '../egress/exchange.ts';
import { answerText } from './answer-bytes.ts';
import type { OpenAiChunks } from './openai-chunks.ts';
import type { TokenLimitField } from './openai-request.ts';
import { spliceBody } from './relay-body.ts';
import { asFields, asList, type Fields, parseFields } from './remote-answer.ts';
import { cutShort, type RemoteReader, readStream } from './remote-stream.ts';

type Replaced = Readonly<Record<(typeof REPLACED_FIELDS)[number], JsonValue | undefined>>;

const NOTHING: readonly ModelEvent[] = [];

/** The caller's body for this server: its model, the limit under the name it knows, with usage where it can. */
export function relayBody(
  model: string,
  { relay, maxTokens }: RelayWish,
  limitField: TokenLimitField,
  { refuses = [] }: VendorQuirks = {},
): Buffer {
  const isTold = relay.stream && !refuses.includes('stream_options');
  const fields: Replaced = {
    model,
    max_tokens: limitField === 'max_tokens' ? maxTokens : undefined,
    max_completion_tokens: limitField === 'max_completion_tokens' ? maxTokens : undefined,
    stream_options: isTold ? { include_usage: true } : undefined,
    cadre: undefined,
  };
  return spliceBody(relay, fields);
}

/** Reads an answer for its end and its usage while its pieces go on as they are. */
class RelayReader implements RemoteReader {
  readonly chunks: OpenAiChunks;
  /** Until the reader has caught up. */
  behind: Promise<void> | undefined;
  readonly #wish: RelayWish;
  /** Pieces before the first one with a choice: nobody has seen them, another server may still answer. */
  #held: string[] | undefined = [];

  constructor(wish: RelayWish, chunks: OpenAiChunks) {
    this.#wish = wish;
    this.chunks = chunks;
  }

  get complete(): boolean {
    return this.chunks.complete;
  }

  get closed(): boolean {
    return this.chunks.closed;
  }

  read(data: string): readonly ModelEvent[] {
    const wasComplete = this.chunks.complete;
    const events = this.chunks.read(data);
    if (this.chunks.closed) return NOTHING;
    const { complete } = this.chunks;
    if (this.#held !== undefined) {
      if (events.length === 0 && !complete) {
        this.#held.push(data);
        return NOTHING;
      }
      for (const held of this.#held.splice(0)) this.#pass(held, 'middle');
      this.#held = undefined;
    }
    this.#pass(data, wasComplete ? 'after' : complete ? 'end' : 'middle');
    return NOTHING;
  }

  #pass(data: string, place: 'middle' | 'end' | 'after'): void {
    this.behind = this.#wish.relay.sink.piece(data, place) ?? this.behind;
  }
}

/**
 * Hands the answer to the wish's sink; yields events only where the server answered in the other form
 * than it was asked for. Rejects as `doChat` does.
 */
export async function* relayAnswer(
  response: ExchangeResponse,
  wish: RelayWish,
  chunks: OpenAiChunks,
  bounds: {
    readonly destination: string;
    readonly endMs: number;
    readonly wholeBytes: number;
  },
): AsyncGenerator<readonly ModelEvent[]> {
  const { relay } = wish;
  const type = response.headers['content-type'] ?? '';
  if (type.includes('json')) {
    const text = await answerText(response, bounds.destination, bounds.wholeBytes);
    const fields = parseFields(text, bounds.destination);
    const events = chunks.readFields(fields);
    if (relay.stream) yield events;
    else relay.sink.whole(wholeAnswer(fields, bounds.destination));
    return;
  }
  if (!type.includes('text/event-stream')) {
    void response.body.return();
    throw new CadreError(
      'upstream_failed',
      `${bounds.destination} answered with ${type || 'no content type'}`,
      { fault: 'malformed' },
    );
  }
  const reader = relay.stream ? new RelayReader(wish, chunks) : chunks;
  yield* readStream(response, reader, bounds);
}

/** A whole answer without a message is none. */
function wholeAnswer(fields: Fields, destination: string): JsonObject {
  const [choice] = asList(fields['choices']);
  if (asFields(asFields(choice)?.['message']) === undefined) throw cutShort(destination);
  return fields as JsonObject;
}
