import { z } from 'zod';
import { idSchema, labelSchema } from './config-words.ts';
import { quirksSchema } from './vendor-quirks.ts';
import {
  DESTINATION_KINDS,
  MODEL_SERVER_KINDS,
  PROVIDER_PACKAGES,
  VENDOR_NAMES,
  VENDORS,
  type Vendor,
} from './vendors.ts';

const retrySchema = z.strictObject({
  most: z
    .int()
    .min(0)
    .max(10)
    .default(2)
    .describe('Most repetitions on the same model, before the first byte to the caller.'),
  share: z
    .number()
    .min(0)
    .max(1)
    .default(0.2)
    .describe('Repetitions per request over time, so that they never become a storm.'),
  reserve: z
    .int()
    .min(0)
    .default(10)
    .describe('Repetitions that may be saved up, and that there are at the start.'),
  firstSeconds: z
    .number()
    .positive()
    .default(0.5)
    .describe('Longest wait before the first repetition; doubled each time, drawn from 0 to it.'),
  longestSeconds: z.number().positive().default(8).describe('Longest wait without `retry-after`.'),
  afterSeconds: z
    .number()
    .nonnegative()
    .default(10)
    .describe(
      'Longest `retry-after` that is waited for while a fallback is there; without one, up to the deadline.',
    ),
});

const breakerSchema = z.strictObject({
  failures: z
    .int()
    .positive()
    .default(5)
    .describe('Failures in a row after which nothing is sent for a while.'),
  seconds: z
    .number()
    .positive()
    .default(5)
    .describe('First pause; then one probe is let through, and each that fails doubles the pause.'),
  longestSeconds: z.number().positive().default(60).describe('Longest pause.'),
});

/** A budget sets `input` aside for each token of a prompt: the cache's price may only be lower. */
const priceSchema = z
  .strictObject({
    input: z.number().nonnegative().describe('Per million tokens of the prompt.'),
    output: z.number().nonnegative().describe('Per million tokens of the answer.'),
    cachedInput: z
      .number()
      .nonnegative()
      .optional()
      .describe(
        'Per million tokens of the prompt that the vendor’s cache served, at most `input`; absent = as `input`.',
      ),
    contextLength: z
      .int()
      .positive()
      .default(128000)
      .describe('Most tokens of prompt and answer together.'),
  })
  .refine(({ input, cachedInput = input }) => cachedInput <= input, {
    path: ['cachedInput'],
    message: 'must be at most `input`, the price of a token that no cache served',
  });

const fieldsSchema = z.strictObject({
  id: idSchema.describe('Name used in permits, receipts and `spokes[].model`.'),
  vendor: z
    .enum(VENDOR_NAMES)
    .optional()
    .describe('A known server: its wire format, URL and departures from the dialect.'),
  kind: z
    .enum(DESTINATION_KINDS)
    .optional()
    .describe(
      'Wire format that the server speaks, where no `vendor` says it; `ollama` is its own, `llama-server` and `vllm` are OpenAI’s with what these servers tell and do beyond it, `ai-sdk` loads `package`; from `documents` only documents are read (web pages, feeds, Git repositories below its URL).',
    ),
  url: z
    .url()
    .optional()
    .describe('Base URL, for example http://127.0.0.1:11434/v1; default that of the vendor.'),
  package: z
    .enum(PROVIDER_PACKAGES)
    .optional()
    .describe('Kind `ai-sdk` only: the optional package that speaks to the server.'),
  apiVersion: z
    .string()
    .regex(/^[\w.-]+$/)
    .default('2024-10-21')
    .describe('Version in the path, where the vendor has one (Azure).'),
  quirks: quirksSchema
    .default({})
    .describe('Departures from OpenAI’s dialect, over those of the vendor.'),
  keyEnv: z
    .string()
    .regex(/^[A-Z_][A-Z0-9_]*$/)
    .optional()
    .describe('Name of the environment variable that holds the key.'),
  contextTokens: z
    .int()
    .positive()
    .optional()
    .describe(
      'Longest prompt and answer together; Ollama loads its models with it. Absent = what `prices` says, and Ollama’s own.',
    ),
  adapters: z
    .record(z.string().regex(/^[\w.-]+$/), z.string().min(1))
    .default({})
    .describe(
      'LoRA adapters that vLLM loads when one is first asked for as `DESTINATION/NAME`: name → folder or repository as the server sees it.',
    ),
  keepSeconds: z
    .int()
    .min(0)
    .optional()
    .describe('How long Ollama keeps a model in memory after a request; absent = its own time.'),
  clearance: labelSchema.default('public').describe('Most sensitive label that may be sent there.'),
  prices: z
    .record(z.string(), priceSchema)
    .default({})
    .describe(
      'US dollars per million tokens, by model name; what is written into Anthropic’s cache counts 1.25 or 2 times `input`.',
    ),
  connectSeconds: z.number().positive().default(5).describe('Longest wait for a connection.'),
  firstByteSeconds: z
    .number()
    .positive()
    .default(60)
    .describe('Longest wait for the first byte of an answer.'),
  betweenBytesSeconds: z
    .number()
    .positive()
    .default(30)
    .describe('Longest silence within an answer.'),
  totalSeconds: z.number().positive().default(600).describe('Longest time for a whole answer.'),
  endSeconds: z
    .number()
    .positive()
    .default(1)
    .describe('Wait for usage and the end mark once the answer has said that it is finished.'),
  retry: retrySchema.prefault({}).describe('When the same model is asked again.'),
  breaker: breakerSchema.prefault({}).describe('When a failing destination is left alone.'),
});

type Fields = z.infer<typeof fieldsSchema>;

/** A destination of `destinations`, with everything that its vendor's row says filled in. */
export const destinationSchema = fieldsSchema.transform((fields, context) => {
  const vendor: Vendor | undefined = fields.vendor && VENDORS[fields.vendor];
  const kind = fields.kind ?? vendor?.kind;
  const url = fields.url ?? vendor?.url;
  const provider = fields.package ?? vendor?.package;
  const missing = kind === undefined ? 'kind' : missingField(kind, url, provider);
  if (kind === undefined || url === undefined || missing !== undefined) {
    const message = missing === 'kind' ? 'give a kind or a vendor' : 'has no default here; give it';
    context.addIssue({ code: 'custom', path: [missing ?? 'url'], message });
    return z.NEVER;
  }
  return {
    ...fields,
    kind,
    ...(provider === undefined ? {} : { package: provider }),
    ...dialectOf(kind, url, { ...vendor?.quirks, ...fields.quirks }),
  };
});

/** A server that is asked more than chats is named by its root, with or without `/v1` behind it. */
function dialectOf(kind: Fields['kind'], url: string, quirks: Fields['quirks']) {
  if (!MODEL_SERVER_KINDS.some((one) => one === kind)) return { url, quirks };
  const root = url.replace(/\/v1\/*$/, '');
  return { url: root, quirks: { chatPath: '/v1/chat/completions', ...quirks } };
}

function missingField(kind: Fields['kind'], url: string | undefined, provider: unknown) {
  if (kind === 'ai-sdk' && provider === undefined) return 'package';
  return url === undefined ? 'url' : undefined;
}

export type DestinationConfig = z.infer<typeof destinationSchema>;
