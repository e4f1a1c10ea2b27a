import { z } from 'zod';

const share = (least: number) => z.number().min(0).max(1).default(least);

export const verifySchema = z.strictObject({
  supportThreshold: share(0.5).describe('Least support a grounded sentence needs to be shown.'),
  answerThreshold: share(0.4).describe(
    'Least score of a checked answer before it is escalated or declined.',
  ),
  answerability: share(0.6).describe(
    'Least P(the documents answer the question) of an answer from documents; below it the next spoke is asked, or the answer declined. Higher = fewer inventions and fewer answers: `cadre eval answers` measures the curve.',
  ),
  contradictions: z
    .enum(['both', 'newest'])
    .default('both')
    .describe(
      'Where the sentence behind an answer is contradicted by another document: `both` shows both with their dates; `newest` keeps what a newer document contradicts from the spoke.',
    ),
  reading: z
    .enum(['auto', 'always', 'off'])
    .default('auto')
    .describe(
      '`auto` asks the local model that answers from documents first whether they answer the question at all, where it is the one whose word was measured (the starter farm’s 1.5B): one token behind the sentences that it reads anyway. `always` asks any local model, `off` none; then the other signs decide.',
    ),
  judge: z
    .enum(['off', 'undecided'])
    .default('off')
    .describe(
      '`undecided` asks a local model about a sentence of an answer from documents of which the scorer is not sure (P(supported) between 0.3 and 0.7), with its nearest sentences; what it says is weighed into P(supported). A wrong number or name, or the opposite of a source, is never overruled.',
    ),
  judgeMost: z
    .int()
    .min(1)
    .max(32)
    .default(4)
    .describe('Most sentences of one answer about which `judge` asks.'),
  unsupported: z
    .enum(['remove', 'rewrite', 'decline'])
    .default('remove')
    .describe(
      'What is done with an unsupported sentence of an answer from documents: `remove` leaves it out; `rewrite` first asks a local model once to say it as its nearest sentences do, for at most two sentences of an answer of which most was supported, and checks the result like any sentence; `decline` shows nothing before the whole answer passed, and asks the next spoke or declines where a sentence did not. Where the first sentence is not supported the next spoke is asked in any case.',
    ),
});
