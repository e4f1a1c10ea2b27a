import { z } from 'zod';

/**
 * What was shown about a threshold on labelled pairs: at or above it, at most `bound` of the pairs
 * that would share an answer mean different things, with the given confidence.
 */
export const similarityCertificateSchema = z.strictObject({
  version: z.literal(1),
  /** Id of the embedder; similarities of another one mean something else. */
  embedder: z.string().min(1),
  /** Least cosine of two questions that share an answer. */
  threshold: z.number().gt(0).max(1),
  /** Most of the shared answers that may be wrong, 0 … 1. */
  bound: z.number().gt(0).lt(1),
  confidence: z.number().gt(0.5).lt(1),
  pairs: z.int().positive(),
  /** Pairs that would share an answer, and those of them that mean different things. */
  hits: z.int().positive(),
  falseHits: z.int().nonnegative(),
  /** Of the pairs that mean the same, the share that the threshold finds. */
  recall: z.number().min(0).max(1),
  /** SHA-256 of the file of pairs. */
  data: z.string().regex(/^[0-9a-f]{64}$/),
  /** ISO 8601. */
  madeAt: z.string(),
});
export type SimilarityCertificate = z.infer<typeof similarityCertificateSchema>;
