import { z } from 'zod';
import { halfLifeSchema, rulesSchema } from './collection-settings.ts';
import { type ConfiguredSource, sourceSchema } from './config-source.ts';
import {
  idSchema,
  labelSchema,
  principalSchema,
  principalsSchema,
  VECTOR_STORE,
} from './config-words.ts';

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
  model: z
    .string()
    .describe(
      'A model of models.lock.json, DESTINATION/MODEL for a remote one, or, of a classifier, device/NAME for a specialist that a page of whoever asks runs (“This device” in the console).',
    ),
  adapter: z
    .string()
    .min(1)
    .optional()
    .describe(
      'File of a LoRA adapter (GGUF) over the local model, relative to the file that names it. Spokes of one model with different adapters share its weights.',
    ),
  kind: z
    .enum(['chat', 'grounded', 'classifier'])
    .default('chat')
    .describe(
      '`grounded` answers only from numbered sentences; `classifier` is a micro-model trained from `examples`.',
    ),
  system: z.string().optional().describe('System prompt, put before the messages of the caller.'),
  demonstrations: z
    .array(z.strictObject({ user: z.string().min(1), assistant: z.string().min(1) }))
    .max(16)
    .optional()
    .describe(
      'Turns that show the model how to answer; put before a conversation that has no system message of its own.',
    ),
  sampling: samplingSchema.default({}).describe('Used where the request is silent.'),
  maxTokens: z
    .int()
    .positive()
    .max(32768)
    .default(512)
    .describe('Most tokens per answer where the request is silent.'),
  output: z
    .enum(['text', 'json', 'calculation'])
    .default('text')
    .describe(
      '`json` binds the answer to compact JSON; with `calculation` the model writes assignments, and the house calculates them and answers with working and result.',
    ),
  tools: z.boolean().default(false).describe('The spoke may be given tools.'),
  vision: z.boolean().optional().describe('The remote model of the spoke reads images.'),
  tasks: z
    .array(z.string())
    .default([])
    .describe('Tasks it may be chosen for; empty = all that its kind can do.'),
  examples: z
    .string()
    .optional()
    .describe('Classifier only: folder with one file of examples (one per line) for each label.'),
  similarAnswers: z
    .string()
    .min(1)
    .optional()
    .describe(
      'File of the certificate that `cadre eval cache-threshold` made: requests that name this spoke get the kept answer of a question that means the same. Needs `cache.exact`.',
    ),
  fallback: z.array(idSchema).default([]).describe('Spokes to try when this one fails, in order.'),
  hedge: hedgeSchema
    .optional()
    .describe('A second spoke that is asked beside this one when it is slow to begin.'),
});
export type SpokeConfig = z.infer<typeof spokeSchema>;

const collectionFields = z.strictObject({
  name: idSchema
    .refine((name) => !name.startsWith(VECTOR_STORE), 'names with vs_ are those of vector stores')
    .describe('Name used in `knowledge:NAME`; may not begin with `vs_`.'),
  folder: z
    .string()
    .min(1)
    .optional()
    .describe('Folder to read, relative to the file that names it; short for one source.'),
  sources: z
    .array(sourceSchema)
    .max(100)
    .default([])
    .describe('Where its documents come from, besides `folder`.'),
  watch: z.boolean().default(true).describe('Follow later changes.'),
  principals: principalsSchema
    .optional()
    .describe(
      'Groups that may read it; `public` = everyone. Absent = as it was stored before, `public` for a new one.',
    ),
  owner: principalSchema
    .optional()
    .describe('The user or group that answers for it and reads all of it.'),
  rules: rulesSchema
    .optional()
    .describe(
      'Readers of its folders and files, of those in `principals`; the last that fits counts. Absent = as they were stored before.',
    ),
  halfLifeDays: halfLifeSchema
    .optional()
    .describe(
      'Days after which a document counts half when passages are ranked; absent = age does not count.',
    ),
  context: idSchema
    .optional()
    .describe(
      'Spoke that writes one sentence about each passage in the background; it is indexed with the passage and never shown. Absent = none.',
    ),
  label: labelSchema.default('internal').describe('Label of everything read from this collection.'),
});

export const collectionSchema = collectionFields.transform(
  ({ folder, sources, ...rest }, context) => {
    const all: ConfiguredSource[] = [
      ...(folder === undefined ? [] : [{ kind: 'folder' as const, folder }]),
      ...sources,
    ];
    if (all.length === 0)
      context.addIssue({
        code: 'custom',
        path: ['folder'],
        message: 'has no default; give it, or `sources`',
      });
    return { ...rest, sources: all };
  },
);
export type CollectionConfig = z.infer<typeof collectionSchema>;
