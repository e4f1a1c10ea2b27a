import type { Egress } from '../adapters/egress/egress.ts';
import { createAiSdkModel } from '../adapters/models/ai-sdk-model.ts';
import { createAnthropicModel } from '../adapters/models/anthropic-model.ts';
import { createOllamaModel } from '../adapters/models/ollama-model.ts';
import { createOpenAiModel } from '../adapters/models/openai-model.ts';
import { createVllmModel } from '../adapters/models/vllm-model.ts';
import { lastUserText } from '../core/chat.ts';
import type { Classification } from '../core/classification.ts';
import type { Config, DestinationConfig, SpokeConfig } from '../core/config.ts';
import { CadreError } from '../core/errors.ts';
import type { CallOptions, Classifier, Model, ModelLease } from '../core/ports.ts';
import type { DevicePool } from '../fleet/device-pool.ts';
import { answerByClassifier } from '../run/classifier-spoke.ts';
import type { PipelineParts } from '../stages/parts.ts';
import { classifyOnDevice, deviceModelOf } from './devices.ts';
import { keyOf, type ModelServers } from './model-servers.ts';
import type { Models } from './models.ts';
import { remoteOf } from './spokes.ts';

interface AcquireParts {
  readonly config: Config;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly models: Models;
  readonly egress: Egress;
  readonly servers: Pick<ModelServers, 'vllm'>;
  readonly classifierOf: (spoke: string) => Classifier | undefined;
  readonly devicePool: DevicePool;
}

/** How a spoke gets its model: from memory, from a destination, or from a micro-model. */
export function composeAcquire(parts: AcquireParts): PipelineParts['acquire'] {
  const remotes = new Map<string, Model>();
  return (spoke, options) => {
    if (spoke.kind === 'classifier') return lend(classifierModel(spoke, parts, options.key ?? ''));
    const remote = remoteOf(spoke.model, parts.config.destinations);
    if (remote === undefined)
      return spoke.adapter === undefined
        ? parts.models.acquire(spoke.model, options)
        : parts.models.acquireAdapted(spoke.model, spoke.adapter, options);
    const known = remotes.get(spoke.model) ?? remoteModel(parts, remote);
    remotes.set(spoke.model, known);
    return lend(known);
  };
}

const CREATORS = {
  openai: createOpenAiModel,
  anthropic: createAnthropicModel,
  ollama: createOllamaModel,
  'llama-server': createOpenAiModel,
  'ai-sdk': createAiSdkModel,
  documents: refuseDocuments,
} as const;

function refuseDocuments({ destination }: { readonly destination: DestinationConfig }): never {
  throw new CadreError(
    'config_invalid',
    `destination ${destination.id} has documents, no models; name another one in the spoke`,
    { param: 'spokes' },
  );
}

function lend(model: Model): ModelLease {
  return { model, release: () => undefined };
}

function remoteModel(
  parts: AcquireParts,
  { destination, model }: NonNullable<ReturnType<typeof remoteOf>>,
): Model {
  const key = keyOf(destination, parts.environment);
  const given = { destination, model, key, egress: parts.egress };
  return destination.kind === 'vllm'
    ? createVllmModel({ ...given, server: parts.servers.vllm(destination.id) })
    : CREATORS[destination.kind](given);
}

type Classify = (text: string, options: CallOptions) => Promise<Classification>;

/** What sorts a text for a spoke: a micro-model here, or one in a page of the key. */
function sorter(
  spoke: SpokeConfig,
  { classifierOf, devicePool }: AcquireParts,
  key: string,
): { readonly id: string; readonly doClassify: Classify } {
  const model = deviceModelOf(spoke);
  if (model !== undefined)
    return {
      id: spoke.model,
      doClassify: (text, options) => classifyOnDevice(devicePool, { key, model, text }, options),
    };
  const classifier = classifierOf(spoke.id);
  if (classifier === undefined)
    throw spoke.examples === undefined
      ? new CadreError('specialist_damaged', `${spoke.model} does not serve: it is damaged`)
      : new CadreError('model_unavailable', `the examples of ${spoke.id} are still being learnt`);
  const id = `classifier:${classifier.made?.version ?? spoke.id}`;
  return { id, doClassify: (text, options) => classifier.doClassify(text, options) };
}

function classifierModel(spoke: SpokeConfig, parts: AcquireParts, key: string): Model {
  const { id, doClassify } = sorter(spoke, parts, key);
  return {
    id,
    async *doChat(request, { signal }) {
      const start = performance.now();
      const result = await doClassify(lastUserText(request.messages), { signal });
      const { jsonSchema: schema, logprobs } = request;
      const wanted = logprobs === undefined ? {} : { logprobs };
      const responseFormat =
        schema === undefined
          ? {}
          : {
              responseFormat:
                schema === true
                  ? ({ type: 'json' } as const)
                  : ({ type: 'json-schema', name: 'label', schema } as const),
            };
      for (const event of answerByClassifier(result, { ...responseFormat, ...wanted }))
        yield event.type === 'ended'
          ? { ...event, generationMs: performance.now() - start }
          : event;
    },
  };
}
