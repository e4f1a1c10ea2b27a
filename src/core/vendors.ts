import type { VendorQuirks } from './vendor-quirks.ts';

/** Packages of the AI SDK that a destination of the kind `ai-sdk` may be served by. */
export const PROVIDER_PACKAGES = [
  '@ai-sdk/google',
  '@ai-sdk/amazon-bedrock',
  '@ai-sdk/cohere',
  '@ai-sdk/mistral',
] as const;
export type ProviderPackage = (typeof PROVIDER_PACKAGES)[number];

/** Wire formats of models, and servers that only documents are read from. */
export const DESTINATION_KINDS = [
  'openai',
  'anthropic',
  'ollama',
  'llama-server',
  'vllm',
  'ai-sdk',
  'documents',
] as const;

/** Servers that hold models of their own; their URL is the root, without `/v1`. */
export const MODEL_SERVER_KINDS = ['ollama', 'llama-server', 'vllm'] as const;

export interface Vendor {
  readonly kind: (typeof DESTINATION_KINDS)[number];
  /** Base URL; absent where every customer or machine has its own. */
  readonly url?: string;
  readonly package?: ProviderPackage;
  readonly quirks?: VendorQuirks;
}

/**
 * What the vendors' own documents say, so that a destination needs no more than `vendor` and
 * `keyEnv`. Servers on this machine have their default port.
 */
export const VENDORS = {
  openai: hosted('https://api.openai.com/v1', {
    limitField: 'max_completion_tokens',
    systemRole: 'developer',
    schemas: 'strict',
    thoughtField: 'none',
    refuses: ['top_k'],
  }),
  'azure-openai': {
    kind: 'openai',
    quirks: {
      chatPath: '/openai/deployments/{model}/chat/completions?api-version={apiVersion}',
      keyHeader: 'api-key',
      schemas: 'strict',
      thoughtField: 'none',
      refuses: ['top_k'],
    },
  },
  anthropic: { kind: 'anthropic', url: 'https://api.anthropic.com' },
  openrouter: hosted('https://openrouter.ai/api/v1', { thoughtField: 'reasoning' }),
  groq: hosted('https://api.groq.com/openai/v1', {
    limitField: 'max_completion_tokens',
    thoughtField: 'reasoning',
    refuses: ['logprobs', 'top_logprobs', 'logit_bias', 'top_k'],
  }),
  together: hosted('https://api.together.xyz/v1', { limitField: 'max_tokens' }),
  fireworks: hosted('https://api.fireworks.ai/inference/v1', {
    limitField: 'max_tokens',
  }),
  deepseek: hosted('https://api.deepseek.com', {
    limitField: 'max_tokens',
    schemas: 'prompt',
    refuses: ['top_k', 'parallel_tool_calls'],
  }),
  // Refuses every field that it does not know.
  mistral: hosted('https://api.mistral.ai/v1', {
    limitField: 'max_tokens',
    seedField: 'random_seed',
    requiredChoice: 'any',
    thoughtField: 'none',
    refuses: ['stream_options', 'top_k', 'logprobs', 'top_logprobs', 'logit_bias', 'user', 'store'],
  }),
  xai: hosted('https://api.x.ai/v1', {
    limitField: 'max_completion_tokens',
    // Its reasoning models, which are all current ones, answer penalties with an error.
    refuses: ['presence_penalty', 'frequency_penalty', 'top_k'],
    thoughtField: 'none',
  }),
  perplexity: hosted('https://api.perplexity.ai', {
    limitField: 'max_tokens',
    thoughtField: 'none',
    refuses: ['tools', 'tool_choice', 'parallel_tool_calls', 'seed', 'logprobs', 'top_logprobs'],
  }),
  cerebras: hosted('https://api.cerebras.ai/v1', {
    limitField: 'max_completion_tokens',
    schemas: 'strict',
    thoughtField: 'reasoning',
    refuses: [
      'presence_penalty',
      'frequency_penalty',
      'logit_bias',
      'parallel_tool_calls',
      'service_tier',
      'top_k',
    ],
  }),
  sambanova: hosted('https://api.sambanova.ai/v1', {
    limitField: 'max_tokens',
    thoughtField: 'none',
    refuses: ['presence_penalty', 'frequency_penalty', 'logit_bias', 'logprobs', 'top_logprobs'],
  }),
  'nvidia-nim': hosted('https://integrate.api.nvidia.com/v1', { limitField: 'max_tokens' }),
  huggingface: hosted('https://router.huggingface.co/v1', { limitField: 'max_tokens' }),
  ollama: { kind: 'ollama', url: 'http://127.0.0.1:11434' },
  vllm: {
    kind: 'vllm',
    url: 'http://127.0.0.1:8000',
    quirks: { limitField: 'max_tokens', thoughtField: 'reasoning' },
  },
  'llama-server': {
    kind: 'llama-server',
    url: 'http://127.0.0.1:8080',
    quirks: { limitField: 'max_tokens' },
  },
  'lm-studio': local(1234),
  sglang: local(30000),
  tgi: local(3000, { refuses: ['parallel_tool_calls'] }),
  gemini: provided('@ai-sdk/google', 'https://generativelanguage.googleapis.com/v1beta'),
  bedrock: provided('@ai-sdk/amazon-bedrock'),
  cohere: provided('@ai-sdk/cohere', 'https://api.cohere.com/v2'),
  'mistral-native': provided('@ai-sdk/mistral', 'https://api.mistral.ai/v1'),
} as const satisfies Record<string, Vendor>;

export type VendorName = keyof typeof VENDORS;
export const VENDOR_NAMES = Object.keys(VENDORS) as VendorName[];

function hosted(url: string, quirks: VendorQuirks = {}): Vendor {
  return { kind: 'openai', url, quirks };
}

function local(port: number, quirks: VendorQuirks = {}): Vendor {
  return {
    kind: 'openai',
    url: `http://127.0.0.1:${port}/v1`,
    quirks: { limitField: 'max_tokens', ...quirks },
  };
}

function provided(name: ProviderPackage, url?: string): Vendor {
  return { kind: 'ai-sdk', package: name, ...(url === undefined ? {} : { url }) };
}
