import { CadreError } from '../../core/errors.ts';
import type { ProviderPackage } from '../../core/vendors.ts';
import type { VendorFetch } from '../egress/vendor-fetch.ts';

/** The part of the AI SDK's language model (specification v4) that is called. */
export interface ProviderModel {
  readonly specificationVersion: string;
  doStream(call: ProviderCall): PromiseLike<{ readonly stream: ReadableStream<unknown> }>;
}

/** Options of `doStream`; what the packages read of them is theirs to check. */
export type ProviderCall = { prompt: never[]; [option: string]: unknown };

export interface ProviderSettings {
  readonly baseURL: string;
  readonly apiKey: string;
  readonly fetch: VendorFetch;
}

type CreateModel = (settings: ProviderSettings, model: string) => ProviderModel;

interface Provider {
  /** The version that the adapter was tested or read against. */
  readonly version: string;
  /** Under this name a package reads `providerOptions` and writes `providerMetadata`. */
  readonly key: string;
  /** Field of the metadata that proves where a thought comes from. */
  readonly signature?: string;
  /** The package can be told to make one tool call at a time. */
  readonly parallelOption?: true;
  readonly load: () => Promise<CreateModel>;
}

/** A literal import each: no configuration can load any other code. */
const PROVIDERS: Readonly<Record<ProviderPackage, Provider>> = {
  '@ai-sdk/google': {
    version: '4.0.121',
    key: 'google',
    signature: 'thoughtSignature',
    load: async () => {
      const { createGoogle } = await import('@ai-sdk/google');
      return (settings, model) => createGoogle(settings).languageModel(model);
    },
  },
  '@ai-sdk/mistral': {
    version: '4.0.87',
    key: 'mistral',
    parallelOption: true,
    load: async () => {
      const { createMistral } = await import('@ai-sdk/mistral');
      return (settings, model) => createMistral(settings).languageModel(model);
    },
  },
  '@ai-sdk/cohere': {
    version: '4.0.52',
    key: 'cohere',
    load: async () => {
      const { createCohere } = await import('@ai-sdk/cohere');
      return (settings, model) => createCohere(settings).languageModel(model);
    },
  },
  '@ai-sdk/amazon-bedrock': {
    version: '5.0.101',
    key: 'bedrock',
    signature: 'signature',
    load: async () => {
      const { createAmazonBedrock } = await import('@ai-sdk/amazon-bedrock');
      return (settings, model) => createAmazonBedrock(settings).languageModel(model);
    },
  },
};

export function providerOf(name: ProviderPackage): Provider {
  return PROVIDERS[name];
}

/** Rejects with `config_invalid` that names the package and how to install it. */
export async function loadProvider(
  name: ProviderPackage,
  destination: string,
): Promise<CreateModel> {
  const { load, version } = PROVIDERS[name];
  try {
    return await load();
  } catch (cause) {
    const isMissing = cause instanceof Error && cause.message.includes(name);
    if (!isMissing) throw cause;
    throw new CadreError(
      'config_invalid',
      `destination ${destination} needs the optional package ${name}; install it with \`npm install --no-save ${name}@${version}\``,
      { param: `destinations.${destination}.package`, cause },
    );
  }
}
