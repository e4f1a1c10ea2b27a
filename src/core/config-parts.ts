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
});
export type SpokeConfig = z.infer<typeof spokeSchema>;

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
