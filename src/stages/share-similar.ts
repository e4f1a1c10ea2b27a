import type { PolicyVerdict } from '../core/decision.ts';
import type { KeptAnswer } from '../run/answer-cache.ts';
import { questionOf } from '../run/similar-questions.ts';
import type { Evidence } from './ground.ts';
import type { Life } from './life.ts';
import type { PipelineParts } from './parts.ts';
import { circumstancesOf } from './share-key.ts';
import type { SharedAnswers } from './shared-answers.ts';

/** A question whose like may have been answered, as the index knows it. */
export interface SimilarQuestion {
  readonly scope: string;
  readonly text: string;
  readonly vector: Float32Array;
  readonly threshold: number;
}

/**
 * The request as a question that may share an answer with one that means the same: only where it
 * names a spoke that has a certificate, and only one question at the end of equal conversations.
 */
export async function similarQuestion(
  parts: PipelineParts,
  shared: SharedAnswers,
  life: Life,
  seen: { readonly verdict: PolicyVerdict; readonly evidence: Evidence | undefined },
): Promise<SimilarQuestion | undefined> {
  const { request } = life.call;
  const threshold = shared.similar?.thresholds.get(request.model);
  if (threshold === undefined) return undefined;
  const found = questionOf(request);
  if (found === undefined) return undefined;
  const [vector] = (await parts.embed([found.question], life.signal)) ?? [];
  // While the embedder is being fetched only equal requests share.
  if (vector === undefined) return undefined;
  const circumstances = circumstancesOf(parts, shared, life, seen.verdict, seen.evidence);
  const scope = shared.hash(`similar ${circumstances}${found.rest}`);
  return { scope, text: found.question, vector, threshold };
}

/** The answer of the nearest question that means the same. */
export function findSimilar(
  parts: PipelineParts,
  { similar, cache }: SharedAnswers,
  question: SimilarQuestion,
): { readonly kept: KeptAnswer; readonly similarity: number } | undefined {
  const found = similar?.index.find(question.scope, question, question.threshold);
  if (found === undefined) return undefined;
  const kept = cache.find(found.key, parts.clock.now());
  return kept && { kept, similarity: found.similarity };
}
