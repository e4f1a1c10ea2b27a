import type { DestinationConfig } from '../../core/config.ts';
import type { Permit } from '../../core/permit.ts';
import type { CallOptions, Model, ModelEvent, ModelRequest } from '../../core/ports.ts';
import type { Egress } from '../egress/egress.ts';
import { LineParser } from './line-parser.ts';
import { OllamaLines } from './ollama-lines.ts';
import { toOllamaBody } from './ollama-request.ts';
import { statusError } from './remote-error.ts';
import { cutShort, readStream, requireStream } from './remote-stream.ts';
import { estimateUsage } from './remote-usage.ts';

/** Types of a body that is one JSON text per line. */
const LINE_TYPES = ['application/x-ndjson', 'application/json'];

/** A model of an Ollama server, in its own dialect; rejects like `createOpenAiModel`. */
export function createOllamaModel(options: {
  readonly destination: DestinationConfig;
  readonly model: string;
  readonly key: string | undefined;
  readonly egress: Egress;
}): Model {
  const { destination, model, key, egress } = options;
  const headers = {
    'content-type': 'application/json',
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
  };

  async function* doChat(
    request: ModelRequest,
    { signal, permit }: CallOptions & { readonly permit?: Permit },
  ): AsyncGenerator<ModelEvent> {
    const startedAt = performance.now();
    let firstAt = 0;
    const response = await egress.send({
      permit,
      destination: destination.id,
      path: '/api/chat',
      headers,
      body: JSON.stringify(toOllamaBody(model, request, destination)),
      signal,
    });
    if (response.status !== 200) throw await statusError(response, destination.id, key);
    requireStream(response, destination.id, LINE_TYPES);
    const reader = new OllamaLines(destination.id, key, (count) => estimateUsage(request, count));
    const reading = { destination: destination.id, endMs: destination.endSeconds * 1000 };
    for await (const events of readStream(response, reader, reading, new LineParser())) {
      if (firstAt === 0 && events.length > 0) firstAt = performance.now();
      yield* events;
    }
    const { finishReason, usage } = reader;
    if (finishReason === undefined || usage === undefined) throw cutShort(destination.id);
    const endedAt = performance.now();
    yield {
      type: 'ended',
      finishReason,
      usage,
      promptMs: reader.promptMs ?? (firstAt || endedAt) - startedAt,
      generationMs: reader.generationMs ?? (firstAt === 0 ? 0 : endedAt - firstAt),
    };
  }

  return { id: `${destination.id}/${model}`, doChat };
}
