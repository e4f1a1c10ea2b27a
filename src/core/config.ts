import { z } from 'zod';
import { cacheSchema } from './config-cache.ts';
import { destinationSchema } from './config-destination.ts';
import { groundSchema } from './config-ground.ts';
import { batchesSchema, limitsSchema } from './config-limits.ts';
import { moderationSchema } from './config-moderation.ts';
import { collectionSchema, spokeSchema } from './config-parts.ts';
import { shadowSchema } from './config-shadow.ts';
import { trainerSchema } from './config-trainer.ts';
import { verifySchema } from './config-verify.ts';
import { labelSchema } from './config-words.ts';
import { CadreError } from './errors.ts';
import { issueWords } from './issue-words.ts';
import { nearestName } from './nearest.ts';

export type { DestinationConfig } from './config-destination.ts';
export type { CollectionConfig, SpokeConfig } from './config-parts.ts';

export const configSchema = z.strictObject({
  server: z
    .strictObject({
      host: z
        .string()
        .default('127.0.0.1')
        .describe('Address to listen on; beyond loopback at least one key must exist.'),
      port: z
        .int()
        .min(0)
        .max(65535)
        .default(4117)
        .describe('Port of endpoint and console; 0 picks a free one.'),
      allowedHosts: z
        .array(z.string())
        .default([])
        .describe('Host headers accepted besides loopback names (with this port or none).'),
    })
    .prefault({}),
  limits: limitsSchema.prefault({}),
  batches: batchesSchema.prefault({}),
  moderation: moderationSchema.prefault({}),
  policy: z
    .strictObject({
      defaultLabel: labelSchema
        .default('internal')
        .describe('Label of a request that no rule matches.'),
      rules: z
        .array(
          z.strictObject({
            name: z.string(),
            label: labelSchema,
            words: z
              .array(z.string().min(1))
              .default([])
              .describe('Words or phrases, matched without case at word bounds.'),
            shapes: z
              .array(z.enum(['email', 'phone', 'iban', 'card', 'ip', 'secret-key']))
              .default([])
              .describe('Shapes found by linear scanners with validators.'),
          }),
        )
        .default([
          { name: 'secrets', label: 'secret', words: [], shapes: ['secret-key'] },
          {
            name: 'personal data',
            label: 'personal',
            words: [],
            shapes: ['email', 'phone', 'iban', 'card'],
          },
        ]),
      budgetPerRequest: z
        .number()
        .nonnegative()
        .default(0.5)
        .describe('US dollars that one request may cost at most.'),
    })
    .prefault({}),
  fleet: z
    .strictObject({
      memoryBudget: z
        .int()
        .positive()
        .optional()
        .describe(
          'Bytes for all models together; default 60 % of the memory that is free at start.',
        ),
      threads: z
        .int()
        .positive()
        .optional()
        .describe('Threads of all that computes, ≤ cores; default cores − 1, at least 1.'),
      batchTokens: z
        .int()
        .min(16)
        .max(2048)
        .default(256)
        .describe('Prompt tokens per step; a cancelled request stops after one step.'),
      slots: z
        .int()
        .min(1)
        .max(16)
        .default(2)
        .describe('Conversations a model keeps in memory side by side.'),
      contextTokens: z
        .int()
        .min(512)
        .max(32768)
        .default(4096)
        .describe('Longest prompt and answer together, per conversation.'),
      adapterContexts: z
        .int()
        .min(1)
        .max(8)
        .default(2)
        .describe(
          'Contexts that the adapters of a model share, made when they are asked for, each with all `slots`; one works with one adapter at a time.',
        ),
      adapterMemory: z
        .int()
        .positive()
        .optional()
        .describe(
          'Bytes that the adapters of one model may take together, those longest unused leave; default a quarter of `memoryBudget`.',
        ),
      prefixBytes: z
        .int()
        .min(0)
        .default(256_000_000)
        .describe(
          'Bytes of nameless temporary files in which each local model keeps what it made of beginnings that prompts share, per adapter, so that it need not read them again; 0 = none; they count as its memory where /tmp is a tmpfs. Linux only.',
        ),
      queueLength: z.int().positive().default(64).describe('Requests that may wait for one model.'),
      patienceSeconds: z
        .number()
        .min(0.5)
        .max(300)
        .default(5)
        .describe(
          'How long a request may be passed over so that others of a model in memory are served together; more = fewer loads and longer waits where the models do not fit together. Lines of a batch wait 12 times as long.',
        ),
      pinned: z
        .array(z.string())
        .default([])
        .describe('Models that are loaded at the start and stay in memory.'),
      starter: z.boolean().default(true).describe('Fetch the starter models in the background.'),
      offline: z.boolean().default(false).describe('Never open a connection for models.'),
      stallSeconds: z
        .number()
        .positive()
        .default(60)
        .describe('A model without a token for so long, or 10 × its usual time, is restarted.'),
    })
    .prefault({}),
  gate: z
    .strictObject({
      promise: z
        .number()
        .min(0)
        .max(1)
        .default(0.6)
        .describe('P(right) that `auto` looks for; `auto:cheap` and `auto:best` move it.'),
      promiseCheap: z
        .number()
        .min(0)
        .max(1)
        .default(0.3)
        .describe('P(right) that `auto:cheap` looks for.'),
      explore: z
        .number()
        .min(0)
        .max(0.1)
        .default(0)
        .describe(
          'Share of the `auto` requests that may go to another spoke that reaches the promise, to learn how good it is; never where a certificate is in force.',
        ),
      shadow: shadowSchema
        .prefault({})
        .describe('Shadow runs; what `cadre gate shadow` sets takes the place of this.'),
    })
    .prefault({}),
  ground: groundSchema.prefault({}),
  verify: verifySchema.prefault({}),
  record: z
    .strictObject({
      retentionDays: z.number().positive().default(90).describe('Days that receipts are kept.'),
      textRetentionDays: z
        .number()
        .positive()
        .default(7)
        .describe('Days that text kept by opt-in is kept.'),
      responses: z
        .boolean()
        .default(true)
        .describe(
          'Keep the responses of /v1/responses, so that `previous_response_id` works; false = none, whatever a request says.',
        ),
      responseRetentionDays: z
        .number()
        .positive()
        .default(7)
        .describe('Days that a stored response is kept after a conversation last used it.'),
      files: z
        .boolean()
        .default(true)
        .describe(
          'Take uploads to /v1/files and, with them, batches; false = none. What is stored stays until it is deleted or expires.',
        ),
      watts: z
        .number()
        .positive()
        .default(15)
        .describe('Power of one busy core, for modelled energy.'),
      electricityPrice: z
        .number()
        .nonnegative()
        .default(0.3)
        .describe('US dollars per kWh, for the cost of local answers.'),
      reference: z
        .strictObject({
          name: z.string(),
          input: z.number().nonnegative(),
          output: z.number().nonnegative(),
        })
        .default({ name: 'GPT-4o list price', input: 2.5, output: 10 })
        .describe('US dollars per million tokens of the price that answers are compared with.'),
    })
    .prefault({}),
  cache: cacheSchema.prefault({}),
  store: z
    .strictObject({
      postgresEnv: z
        .string()
        .regex(/^[A-Z_][A-Z0-9_]*$/)
        .optional()
        .describe(
          'Name of the environment variable with a Postgres URL; without it state lives in SQLite under the home.',
        ),
    })
    .prefault({}),
  destinations: z
    .array(destinationSchema)
    .default([])
    .describe('Remote servers; nothing is sent anywhere that is not named here.'),
  spokes: z
    .array(spokeSchema)
    .default([])
    .describe('Added to the starter spokes; one with the same id replaces it.'),
  trainers: z
    .array(trainerSchema)
    .default([])
    .describe('Programs that make adapters of local models; `lora` is there without a word.'),
  aliases: z
    .record(z.string().min(1).max(200), z.string())
    .default({})
    .describe(
      'Further names for `model`, each with the name of the farm it stands for (`gpt-4o: auto`); a name that ends in `*` covers all that begin so (`claude-*: auto:best`).',
    ),
  collections: z
    .array(collectionSchema)
    .default([])
    .describe('Documents that are indexed at start, besides those added by `cadre index`.'),
});

export type Config = z.infer<typeof configSchema>;

/**
 * Parses a configuration; the first problem is thrown as `config_invalid` with the path of the key
 * and, for a typo, the nearest valid key.
 */
export function parseConfig(value: unknown): Config {
  const parsed = configSchema.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = (issue?.path ?? []).map(String);
  if (issue?.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    const nearest = nearestName(key, keysAt(path));
    const full = [...path, key].join('.');
    throw new CadreError(
      'config_invalid',
      `unknown key \`${full}\`${nearest ? `; did you mean \`${[...path, nearest].join('.')}\`?` : ''}`,
      { param: full },
    );
  }
  throw new CadreError(
    'config_invalid',
    `\`${path.join('.') || 'the file'}\` ${issueWords(issue)}`,
    { param: path.join('.') },
  );
}

function keysAt(path: readonly string[]): string[] {
  let node: unknown = z.toJSONSchema(configSchema, { io: 'input' });
  for (const step of path) {
    if (typeof node !== 'object' || node === null) return [];
    const schema = node as { properties?: Record<string, unknown>; items?: unknown };
    node = schema.properties?.[step] ?? schema.items;
  }
  return Object.keys((node as { properties?: object } | undefined)?.properties ?? {});
}
