import { z } from 'zod';

export const cacheSchema = z.strictObject({
  exact: z
    .boolean()
    .default(false)
    .describe(
      'An equal request of a caller with equal rights gets the equal answer again, and equal requests that run at once share one. Held in memory only; `x-cadre-cache: off` keeps a request out, `refresh` has it answered anew.',
    ),
  sampled: z
    .boolean()
    .default(false)
    .describe(
      'Also for requests that are answered at a temperature above 0 without a seed, which otherwise differ each time.',
    ),
  bytes: z
    .int()
    .min(1_000_000)
    .default(64_000_000)
    .describe('Most memory of kept answers; the one unused for longest goes first.'),
  seconds: z.number().positive().default(3600).describe('Longest time that an answer is kept.'),
});
export type CacheConfig = z.infer<typeof cacheSchema>;
