import { z } from 'zod';
import { LABELS } from './label.ts';

export const labelSchema = z.enum(LABELS);
const idSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]*$/, 'lower-case letters, digits, dot, dash and underscore');

const samplingSchema = z.strictObject({
  temperature: z.number().min(0).max(2).optional(),
  topP: z.number().gt(0).max(1).optional(),
  topK: z.int().positive().optional(),
  seed: z.int().optional(),
});

const hedgeSchema = z.strictObject({
  spoke: idSchema.describe('The second spoke; the first to speak wins, the other is stopped.'),
  afterSeconds: z
    .number()
    .positive()
    .optional()
    .describe(
      'Silence after which it is asked; absent = the time within which 95 % of this model’s answers began, once 20 were seen.',
    ),
});

export const spokeSchema = z.strictObject({
  id: idSchema.describe('Name that clients may use as `model`.'),
  description: z
    .string()
    .default('')
    .describe('One sentence for people; the gate does not read it.'),
  model: z.string().describe('A model of models.lock.json, or DESTINATION/MODEL for a remote one.'),
  kind: z
    .enum(['chat', 'grounded', 'classifier'])
    .default('chat')
    .describe(
      '`grounded` answers only from numbered sentences; `classifier` is a micro-model trained from `examples`.',
    ),
  system: z.string().optional().describe('System prompt, put before the messages of the caller.'),
  sampling: samplingSchema.default({}).describe('Used where the request is silent.'),
  maxTokens: z
    .int()
    .positive()
    .max(32768)
    .default(512)
    .describe('Most tokens per answer where the request is silent.'),
  output: z
    .enum(['text', 'json'])
    .default('text')
    .describe('`json` binds the answer to compact JSON.'),
  tools: z.boolean().default(false).describe('The spoke may be given tools.'),
  tasks: z
    .array(z.string())
    .default([])
    .describe('Tasks it may be chosen for; empty = all that its kind can do.'),
  examples: z
    .string()
    .optional()
    .describe('Classifier only: folder with one file of examples (one per line) for each label.'),
  fallback: z.array(idSchema).default([]).describe('Spokes to try when this one fails, in order.'),
  hedge: hedgeSchema
    .optional()
    .describe('A second spoke that is asked beside this one when it is slow to begin.'),
});
export type SpokeConfig = z.infer<typeof spokeSchema>;

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

export const destinationSchema = z.strictObject({
  id: idSchema.describe('Name used in permits, receipts and `spokes[].model`.'),
  kind: z.enum(['openai', 'anthropic']).describe('Wire format that the server speaks.'),
  url: z.url().describe('Base URL, for example http://127.0.0.1:11434/v1.'),
  keyEnv: z
    .string()
    .regex(/^[A-Z_][A-Z0-9_]*$/)
    .optional()
    .describe('Name of the environment variable that holds the key.'),
  clearance: labelSchema.default('public').describe('Most sensitive label that may be sent there.'),
  prices: z
    .record(
      z.string(),
      z.strictObject({
        input: z.number().nonnegative(),
        output: z.number().nonnegative(),
        contextLength: z.int().positive().default(128000),
      }),
    )
    .default({})
    .describe('US dollars per million tokens, by model name.'),
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
export type DestinationConfig = z.infer<typeof destinationSchema>;

export const collectionSchema = z.strictObject({
  name: idSchema.describe('Name used in `knowledge:NAME`.'),
  folder: z.string().describe('Folder to read, relative to the file that names it.'),
  watch: z.boolean().default(true).describe('Follow later changes.'),
  principals: z
    .array(z.string())
    .min(1)
    .default(['public'])
    .describe('Groups that may read it; `public` = everyone.'),
  label: labelSchema.default('internal').describe('Label of everything read from this collection.'),
});
export type CollectionConfig = z.infer<typeof collectionSchema>;
