import type { DestinationConfig } from '../../core/config.ts';
import { CadreError } from '../../core/errors.ts';
import type { Permit } from '../../core/permit.ts';
import type { CallOptions, Model, ModelEvent, ModelRequest } from '../../core/ports.ts';
import type { ProviderPackage } from '../../core/vendors.ts';
import type { Egress } from '../egress/egress.ts';
import { createVendorFetch } from '../egress/vendor-fetch.ts';
import { loadProvider, type ProviderCall, providerOf } from './ai-sdk-packages.ts';
import { ProviderParts } from './ai-sdk-parts.ts';
import { toProviderCall } from './ai-sdk-request.ts';
import { answerBytes } from './answer-bytes.ts';
import { cleanMessage } from './remote-answer.ts';
import { statusError } from './remote-error.ts';
import { cutShort } from './remote-stream.ts';
import { estimateUsage } from './remote-usage.ts';

type Options = CallOptions & { readonly permit?: Permit };

/** The specification that the packages must speak. */
const SPECIFICATION = 'v4';

interface Remote {
  readonly destination: DestinationConfig;
  readonly model: string;
  readonly key: string | undefined;
  readonly egress: Egress;
}

/**
 * A model of a vendor with a wire format of its own, spoken by an optional package of the AI SDK.
 * Rejects like `createOpenAiModel`, and with `config_invalid` where the package is missing or speaks
 * another version of the specification.
 */
export function createAiSdkModel(remote: Remote): Model {
  const { destination, model, key } = remote;
  const name = destination.package;
  if (name === undefined)
    throw new CadreError('config_invalid', `destination ${destination.id} names no package`);
  const doChat = async function* (
    request: ModelRequest,
    callOptions: Options,
  ): AsyncGenerator<ModelEvent> {
    const startedAt = performance.now();
    let firstAt = 0;
    const parts = new ProviderParts(providerOf(name), destination.id, key);
    try {
      for await (const part of await openAnswer(remote, name, request, callOptions)) {
        const events = parts.read(part);
        if (firstAt === 0 && events.length > 0) firstAt = performance.now();
        yield* events;
      }
    } catch (error) {
      callOptions.signal.throwIfAborted();
      throw ownError(error, destination.id, key);
    }
    if (parts.finishReason === undefined) throw cutShort(destination.id);
    const endedAt = performance.now();
    yield {
      type: 'ended',
      finishReason: parts.finishReason,
      usage: parts.usage ?? estimateUsage(request, parts.deltaCount),
      promptMs: (firstAt || endedAt) - startedAt,
      generationMs: firstAt === 0 ? 0 : endedAt - firstAt,
    };
  };

  return { id: `${destination.id}/${model}`, doChat };
}

async function openAnswer(
  { destination, model, key, egress }: Remote,
  name: ProviderPackage,
  request: ModelRequest,
  { signal, permit }: Options,
): Promise<ReadableStream<unknown>> {
  const create = await loadProvider(name, destination.id);
  const fetch = createVendorFetch({
    egress,
    destination,
    permit,
    signal,
    open: async (response) => {
      if (response.status !== 200) throw await statusError(response, destination.id, key);
      return answerBytes(response, destination.id);
    },
  });
  const remote = create({ baseURL: destination.url, apiKey: key ?? '', fetch }, model);
  const { specificationVersion: spoken } = remote;
  const { version } = providerOf(name);
  if (spoken !== SPECIFICATION)
    throw new CadreError(
      'config_invalid',
      `${name} speaks ${spoken} of the AI SDK, Cadre ${SPECIFICATION}; version ${version} fits`,
      { param: `destinations.${destination.id}.package` },
    );
  const call = toProviderCall(request, providerOf(name), signal);
  return (await remote.doStream(call as ProviderCall)).stream;
}

/** The error that was thrown inside the package's fetch, or the package's own as a failed answer. */
function ownError(error: unknown, destination: string, key: string | undefined): CadreError {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof CadreError) return cause;
  const words = cleanMessage(error instanceof Error ? error.message : String(error), key);
  return new CadreError('upstream_failed', `${destination} could not be understood: ${words}`, {
    fault: 'malformed',
    cause: error,
  });
}
