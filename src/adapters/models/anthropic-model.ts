import type { DestinationConfig } from '../../core/config.ts';
import type { Permit } from '../../core/permit.ts';
import type { CallOptions, Model, ModelEvent, ModelRequest } from '../../core/ports.ts';
import type { Egress } from '../egress/egress.ts';
import { AnthropicEvents } from './anthropic-events.ts';
import { answersByTool, toAnthropicBody } from './anthropic-request.ts';
import { statusError } from './remote-error.ts';
import { cutShort, readStream, requireStream } from './remote-stream.ts';

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
      headers: request.betas?.length
        ? { ...headers, 'anthropic-beta': request.betas.join(',') }
        : headers,
      body,
      signal,
    });
    if (response.status !== 200) throw await statusError(response, destination.id, key);
    requireStream(response, destination.id);
    const reader = new AnthropicEvents({
      answersByTool: answersByTool(request),
      destination: destination.id,
      key,
    });
    const reading = { destination: destination.id, endMs: destination.endSeconds * 1000 };
    for await (const events of readStream(response, reader, reading)) {
      if (firstAt === 0 && events.length > 0) firstAt = performance.now();
      yield* events;
    }
    if (reader.finishReason === undefined) throw cutShort(destination.id);
    const endedAt = performance.now();
    yield {
      type: 'ended',
      finishReason: reader.finishReason,
      ...(reader.stopSequence === undefined ? {} : { stopSequence: reader.stopSequence }),
      usage: reader.usage,
      promptMs: (firstAt || endedAt) - startedAt,
      generationMs: firstAt === 0 ? 0 : endedAt - firstAt,
    };
  }

  return { id: `${destination.id}/${model}`, doChat };
}
