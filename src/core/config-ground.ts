import { z } from 'zod';
import { READING_MODES } from './reading.ts';

/** Weight of the dense leg, where none is configured. */
export const DENSE_WEIGHT = 0.8;

/** Who looks again without a spoke. */
export const RERANK_TOKENS = 'tokens';

export const groundSchema = z.strictObject({
  evidenceTokens: z
    .int()
    .min(64)
    .max(8000)
    .default(600)
    .describe('Most tokens of numbered sentences in a prompt.'),
  reading: z
    .strictObject({
      mode: z
        .enum(READING_MODES)
        .default('auto')
        .describe(
          '`auto`: questions with several parts, questions about what another document names, and passages that point elsewhere are read on after the first search; `deep`: whatever is still missing is followed.',
        ),
      steps: z.int().min(1).max(16).default(4).describe('Most steps after the first search.'),
      tokens: z
        .int()
        .min(64)
        .max(8000)
        .default(900)
        .describe('Most tokens of numbered sentences in a prompt after such steps.'),
    })
    .prefault({})
    .describe('Reading on where one search is not enough.'),
  promise: z
    .number()
    .gt(0)
    .lt(1)
    .optional()
    .describe(
      'Most of the shown sentences that may be unsupported. Needs the certificate that `cadre eval grounding --certify … --use` made; without a valid one only sentences are shown that the check is sure of (0.9), and each check says that nothing is promised.',
    ),
  denseWeight: z
    .number()
    .min(0)
    .max(1)
    .default(DENSE_WEIGHT)
    .describe(
      'Weight of the dense leg where words and meaning are added, each in standard deviations over the collection; the rest is the weight of the words.',
    ),
  rerankMs: z
    .int()
    .nonnegative()
    .max(60_000)
    .default(0)
    .describe(
      'Time in milliseconds for a second look at the best 30 passages, by what `rerankBy` says; 0 = none. Token by token a passage that was not compared lately takes about 40 ms, one that was 1 or 2: 1500 reach 30 new ones.',
    ),
  rerankBy: z
    .string()
    .min(1)
    .default(RERANK_TOKENS)
    .describe(
      '`tokens` = the embedder compares passage and question token by token; else the id of a spoke that answers in free text, which is asked of one passage after the other, best first, whether it answers the question (yes or no, one token), for searches (not those in the shape of vector stores) and for questions to a named collection. Each is a request with receipt and cost, never to a spoke that may not have the collection. It needs a server that gives log-probabilities and is for machines with a fast spoke: that it finds more was not shown. A model of 0.5 billion parameters gave P(yes) of .34 to .58 on seven queries, hardly telling passages apart, and took about 55 CPU seconds for 30.',
    ),
  debounceMs: z
    .int()
    .nonnegative()
    .default(300)
    .describe('Quiet time after a change before a folder is read again.'),
  reconcileSeconds: z
    .number()
    .positive()
    .default(3600)
    .describe(
      'Comparison of watched folders with their index without any event; sources that send none are looked at this often.',
    ),
  nightlyAt: z
    .string()
    .regex(/^(([01]\d|2[0-3]):[0-5]\d|never)$/, 'must be a time like 03:00, or never')
    .default('03:00')
    .describe(
      'Local time of the nightly run, which reads every byte of followed collections again, whatever their times say; `never` = none.',
    ),
});
