import { z } from 'zod';

/** The micro-model behind /v1/moderations. */
export const moderationSchema = z.strictObject({
  model: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]*$/)
    .default('cadre-moderation-starter')
    .describe('Its name in answers; change it with the examples.'),
  examples: z
    .string()
    .default('starter/moderation')
    .describe(
      'Folder of labelled examples as of a classifier; each label is a category. The starter’s are 380 short English sentences: a beginning to be replaced, not a filter to rely on.',
    ),
  safeLabel: z.string().default('safe').describe('The label that is no category.'),
  threshold: z
    .number()
    .gt(0)
    .max(1)
    .default(0.6)
    .describe('P(any category) from which a text is flagged.'),
});
