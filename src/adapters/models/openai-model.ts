import type { TokenUsage } from '../../core/chat.ts';
import type { DestinationConfig } from '../../core/config.ts';
import type { Permit } from '../../core/permit.ts';
import type { CallOptions, Model, ModelEvent, ModelRequest } from '../../core/ports.ts';
import type { RelayWish } from '../../core/relay.ts';
import type { Egress } from '../egress/egress.ts';
import type { ExchangeResponse } from '../egress/exchange.ts';
import { answerText } from './answer-bytes.ts';
import { OpenAiChunks } from './openai-chunks.ts';
import { openAiEndpoint } from './openai-endpoint.ts';
import { relayAnswer, relayBody } from './openai-relay.ts';
import { type TokenLimitField, toOpenAiBody } from './openai-request.ts';
import { statusError } from './remote-error.ts';
import { cutShort, readStream, requireStream } from './remote-stream.ts';
import { estimateUsage } from './remote-usage.ts';
import { takesBody } from './takes-body.ts';

/** Bound of an answer that comes at once; a longer one arrives cut and is refused as broken JSON. */
const WHOLE_ANSWER_BYTES = 16 * 1024 * 1024;

type Options = CallOptions & { readonly permit?: Permit };

interface OpenAiOptions {
  readonly destination: DestinationConfig;
  readonly model: string;
  readonly key: string | undefined;
  readonly egress: Egress;
}

/**
 * A model of any OpenAI-compatible server (vendors, vLLM, llama-server, Ollama). Rejects with
 * `upstream_failed` for a stream that is cut, is not a stream, or is not JSON; `upstream_timeout`;
 * `upstream_overloaded`; `context_length_exceeded`, `content_filter`, `invalid_request` and
 * `config_invalid` for what the server refuses. Each carries its `fault`.
 */
export function createOpenAiModel(options: OpenAiOptions): Model {
  const { destination, model, key } = options;
  const { quirks } = destination;
  const open = createOpener(options);

  async function* doChat(request: ModelRequest, callOptions: Options): AsyncGenerator<ModelEvent> {
    const startedAt = performance.now();
    let firstAt = 0;
    const chunks = new OpenAiChunks(destination.id, key);
    const body = (limitField: TokenLimitField) =>
      JSON.stringify(toOpenAiBody(model, request, limitField, quirks));
    const response = await open(body, callOptions);
    for await (const events of readAnswer(response, chunks, destination)) {
      if (firstAt === 0 && events.length > 0) firstAt = performance.now();
      yield* events;
    }
    const endedAt = performance.now();
    yield endedEvent(chunks, destination.id, () => estimateUsage(request, chunks.deltaCount), {
      promptMs: (firstAt || endedAt) - startedAt,
      generationMs: firstAt === 0 ? 0 : endedAt - firstAt,
    });
  }

  async function* relayed(wish: RelayWish, callOptions: Options): AsyncGenerator<ModelEvent> {
    const startedAt = performance.now();
    const chunks = new OpenAiChunks(destination.id, key);
    const body = (limitField: TokenLimitField) => relayBody(model, wish, limitField, quirks);
    const response = await open(body, callOptions);
    const openedAt = performance.now();
    const bounds = {
      destination: destination.id,
      endMs: destination.endSeconds * 1000,
      wholeBytes: WHOLE_ANSWER_BYTES,
    };
    for await (const events of relayAnswer(response, wish, chunks, bounds)) yield* events;
    const { promptTokens } = wish;
    const counted = () => ({ promptTokens, cachedTokens: 0, completionTokens: chunks.deltaCount });
    yield endedEvent(chunks, destination.id, counted, {
      promptMs: openedAt - startedAt,
      generationMs: performance.now() - openedAt,
    });
  }

  return {
    id: `${destination.id}/${model}`,
    doChat,
    doRelay: (wish, callOptions) =>
      takesBody(quirks, wish.relay.fields) ? relayed(wish, callOptions) : undefined,
  };
}

type Open = (
  body: (limitField: TokenLimitField) => string | Uint8Array,
  options: Options,
) => Promise<ExchangeResponse>;

/**
 * Newer vendor models take only `max_completion_tokens`, most servers only `max_tokens`: the server's
 * own refusal teaches which, and the body is made anew.
 */
function createOpener({ destination, model, key, egress }: OpenAiOptions): Open {
  const { path, headers } = openAiEndpoint(destination, model, key);
  let limitField: TokenLimitField = destination.quirks.limitField ?? 'max_tokens';
  const open: Open = async (body, { signal, permit }) => {
    const response = await egress.send({
      permit,
      destination: destination.id,
      path,
      headers,
      body: body(limitField),
      signal,
    });
    if (response.status === 200) return response;
    const error = await statusError(response, destination.id, key);
    const wantsOther =
      limitField === 'max_tokens' && error.message.includes('max_completion_tokens');
    if (response.status !== 400 || !wantsOther) throw error;
    limitField = 'max_completion_tokens';
    return open(body, { signal, ...(permit === undefined ? {} : { permit }) });
  };
  return open;
}

/** Throws where the answer did not say how it ended. */
function endedEvent(
  { finishReason, stopSequence, usage, times }: OpenAiChunks,
  destination: string,
  estimate: () => TokenUsage,
  measured: { readonly promptMs: number; readonly generationMs: number },
): ModelEvent {
  if (finishReason === undefined) throw cutShort(destination);
  return {
    type: 'ended',
    finishReason,
    ...(stopSequence === undefined ? {} : { stopSequence }),
    usage: usage ?? estimate(),
    ...(times ?? measured),
  };
}

async function* readAnswer(
  response: ExchangeResponse,
  chunks: OpenAiChunks,
  { id, endSeconds }: DestinationConfig,
): AsyncGenerator<readonly ModelEvent[]> {
  if ((response.headers['content-type'] ?? '').includes('json')) {
    // A server that does not stream sends the whole answer at once.
    yield chunks.read(await answerText(response, id, WHOLE_ANSWER_BYTES));
    return;
  }
  requireStream(response, id);
  yield* readStream(response, chunks, { destination: id, endMs: endSeconds * 1000 });
}
