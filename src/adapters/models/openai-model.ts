import type { DestinationConfig } from '../../core/config.ts';
import { CadreError } from '../../core/errors.ts';
import type { Permit } from '../../core/permit.ts';
import type { CallOptions, Model, ModelEvent, ModelRequest } from '../../core/ports.ts';
import type { Egress } from '../egress/egress.ts';
import type { ExchangeResponse } from '../egress/exchange.ts';
import { OpenAiChunks } from './openai-chunks.ts';
import { type TokenLimitField, toOpenAiBody } from './openai-request.ts';
import { parseFields, statusError, streamError } from './remote-answer.ts';
import { estimateUsage } from './remote-usage.ts';
import { SseParser } from './sse-parser.ts';

/** Bound of an answer that comes at once; a longer one arrives cut and is refused as broken JSON. */
const WHOLE_ANSWER_BYTES = 16 * 1024 * 1024;

type Options = CallOptions & { readonly permit?: Permit };

/**
 * A model of any OpenAI-compatible server (vendors, vLLM, llama-server, Ollama). Rejects with
 * `upstream_failed` for a stream that is cut, is not a stream, or is not JSON; `upstream_timeout`;
 * `context_length_exceeded`; `invalid_request` and `config_invalid` for what the server refuses.
 */
export function createOpenAiModel(options: {
  readonly destination: DestinationConfig;
  readonly model: string;
  readonly key: string | undefined;
  readonly egress: Egress;
}): Model {
  const { destination, model, key, egress } = options;
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'text/event-stream',
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
  };
  // Newer vendor models take only `max_completion_tokens`, most servers only `max_tokens`: the
  // server's own refusal teaches which.
  let limitField: TokenLimitField = 'max_tokens';

  const post = (request: ModelRequest, { signal, permit }: Options) =>
    egress.send({
      permit,
      destination: destination.id,
      path: '/chat/completions',
      headers,
      body: JSON.stringify(toOpenAiBody(model, request, limitField)),
      signal,
    });

  async function open(request: ModelRequest, callOptions: Options): Promise<ExchangeResponse> {
    const response = await post(request, callOptions);
    if (response.status === 200) return response;
    const error = await statusError(response, destination.id, key);
    const wantsOtherField =
      response.status === 400 && error.message.includes('max_completion_tokens');
    if (limitField === 'max_completion_tokens' || !wantsOtherField) throw error;
    limitField = 'max_completion_tokens';
    const second = await post(request, callOptions);
    if (second.status === 200) return second;
    throw await statusError(second, destination.id, key);
  }

  async function* doChat(request: ModelRequest, callOptions: Options): AsyncGenerator<ModelEvent> {
    const startedAt = performance.now();
    let firstAt = 0;
    const chunks = new OpenAiChunks();
    const response = await open(request, callOptions);
    for await (const events of readAnswer(response, chunks, destination.id, key)) {
      if (firstAt === 0 && events.length > 0) firstAt = performance.now();
      yield* events;
    }
    const endedAt = performance.now();
    yield {
      type: 'ended',
      finishReason: finishOf(chunks, destination.id),
      usage: chunks.usage ?? estimateUsage(request, chunks.deltaCount),
      promptMs: (firstAt || endedAt) - startedAt,
      generationMs: firstAt === 0 ? 0 : endedAt - firstAt,
    };
  }

  return { id: `${destination.id}/${model}`, doChat };
}

function finishOf(chunks: OpenAiChunks, destination: string) {
  if (chunks.finishReason !== undefined) return chunks.finishReason;
  throw new CadreError('upstream_failed', `${destination} cut the answer short`);
}

async function* readAnswer(
  response: ExchangeResponse,
  chunks: OpenAiChunks,
  destination: string,
  key: string | undefined,
): AsyncGenerator<ModelEvent[]> {
  const type = response.headers['content-type'] ?? '';
  const read = (data: string): ModelEvent[] => {
    const fields = parseFields(data, destination);
    if (fields['error']) throw streamError(fields, destination, key);
    return chunks.read(fields);
  };
  if (type.includes('json')) {
    // A server that does not stream sends the whole answer at once.
    yield read(await response.body.text(WHOLE_ANSWER_BYTES));
    return;
  }
  if (!type.includes('text/event-stream')) {
    const message = `${destination} answered with ${type || 'no content type'} instead of a stream`;
    throw new CadreError('upstream_failed', message);
  }
  try {
    yield* readStream(response, read, chunks);
  } catch (error) {
    // A connection that breaks after the finish reason took nothing of the answer with it.
    const isComplete = chunks.finishReason !== undefined && isNetworkFault(error);
    if (!isComplete) throw error;
  }
}

/** The events of each arriving run of bytes; ends at `[DONE]` or with the body. */
async function* readStream(
  response: ExchangeResponse,
  read: (data: string) => ModelEvent[],
  chunks: OpenAiChunks,
): AsyncGenerator<ModelEvent[]> {
  const parser = new SseParser();
  for await (const bytes of response.body) {
    const events: ModelEvent[] = [];
    for (const { data } of parser.push(bytes)) {
      if (data === '[DONE]') {
        response.body.finish();
        chunks.finishReason ??= 'stop';
        yield events;
        return;
      }
      events.push(...read(data));
    }
    if (events.length > 0) yield events;
  }
  const tail = parser.end().filter(({ data }) => data !== '[DONE]');
  yield tail.flatMap(({ data }) => read(data));
}

function isNetworkFault(error: unknown): boolean {
  return (
    error instanceof CadreError &&
    (error.code === 'upstream_timeout' || error.code === 'upstream_failed')
  );
}
