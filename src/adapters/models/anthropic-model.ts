import type { DestinationConfig } from '../../core/config.ts';
import { CadreError } from '../../core/errors.ts';
import type { Permit } from '../../core/permit.ts';
import type { CallOptions, Model, ModelEvent, ModelRequest } from '../../core/ports.ts';
import type { Egress } from '../egress/egress.ts';
import type { ExchangeResponse } from '../egress/exchange.ts';
import { AnthropicEvents } from './anthropic-events.ts';
import { answersByTool, toAnthropicBody } from './anthropic-request.ts';
import { parseFields, statusError, streamError } from './remote-answer.ts';
import { SseParser } from './sse-parser.ts';

const DIALECT_VERSION = '2023-06-01';

/** A model of a server that speaks the Messages API; rejects like `createOpenAiModel`. */
export function createAnthropicModel(options: {
  readonly destination: DestinationConfig;
  readonly model: string;
  readonly key: string | undefined;
  readonly egress: Egress;
}): Model {
  const { destination, model, key, egress } = options;
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'text/event-stream',
    'anthropic-version': DIALECT_VERSION,
    ...(key === undefined ? {} : { 'x-api-key': key }),
  };
  // The vendor's documents name the base URL with and without the version.
  const path = new URL(destination.url).pathname === '/' ? '/v1/messages' : '/messages';

  async function* doChat(
    request: ModelRequest,
    { signal, permit }: CallOptions & { readonly permit?: Permit },
  ): AsyncGenerator<ModelEvent> {
    const startedAt = performance.now();
    let firstAt = 0;
    const body = JSON.stringify(toAnthropicBody(model, request));
    const response = await egress.send({
      permit,
      destination: destination.id,
      path,
      headers,
      body,
      signal,
    });
    if (response.status !== 200) throw await statusError(response, destination.id, key);
    const reader = new AnthropicEvents(answersByTool(request));
    for await (const events of readAnswer(response, reader, destination.id, key)) {
      if (firstAt === 0 && events.length > 0) firstAt = performance.now();
      yield* events;
    }
    if (reader.finishReason === undefined)
      throw new CadreError('upstream_failed', `${destination.id} cut the answer short`);
    const endedAt = performance.now();
    yield {
      type: 'ended',
      finishReason: reader.finishReason,
      usage: reader.usage,
      promptMs: (firstAt || endedAt) - startedAt,
      generationMs: firstAt === 0 ? 0 : endedAt - firstAt,
    };
  }

  return { id: `${destination.id}/${model}`, doChat };
}

async function* readAnswer(
  response: ExchangeResponse,
  reader: AnthropicEvents,
  destination: string,
  key: string | undefined,
): AsyncGenerator<ModelEvent[]> {
  const type = response.headers['content-type'] ?? '';
  if (!type.includes('text/event-stream')) {
    const message = `${destination} answered with ${type || 'no content type'} instead of a stream`;
    throw new CadreError('upstream_failed', message);
  }
  const parser = new SseParser();
  for await (const bytes of response.body) {
    const events: ModelEvent[] = [];
    for (const { data } of parser.push(bytes)) {
      const fields = parseFields(data, destination);
      if (fields['type'] === 'error') throw streamError(fields, destination, key);
      events.push(...reader.read(fields));
    }
    if (events.length > 0) yield events;
    if (!reader.stopped) continue;
    response.body.finish();
    return;
  }
}
