import { readersOf } from '../core/call.ts';
import type { CheckResult } from '../core/decision.ts';
import type { EvidenceSentence, Passage } from '../core/evidence.ts';
import { failed } from '../verify/checks.ts';
import type { AttemptPlan } from './attempt-plan.ts';
import type { Life } from './life.ts';
import type { PipelineParts } from './parts.ts';

/** What becomes of an answer whose document is not there any more as it was read. */
export const FALLEN_SOURCE: CheckResult = failed(
  'support',
  0,
  'a document that it stands on was changed, deleted or closed meanwhile',
);

/** The passages whose documents are still as they were found, and still open to the caller. */
export async function standingPassages(
  parts: PipelineParts,
  life: Life,
  passages: readonly Passage[],
): Promise<readonly Passage[]> {
  const sentences = passages.flatMap((passage) => passage.sentences);
  const stands = await standingOf(parts, life, sentences);
  return passages.filter((passage) => passage.sentences.every(stands));
}

/** What was deleted, replaced or closed since it was found is shown to no spoke. */
export async function standingPlan(
  parts: PipelineParts,
  life: Life,
  plan: AttemptPlan,
): Promise<AttemptPlan> {
  if (plan.passages.length === 0) return plan;
  return { ...plan, passages: await standingPassages(parts, life, plan.passages) };
}

/** Whether all of the sentences are still in force for the caller. */
export async function allStand(
  parts: PipelineParts,
  life: Life,
  sentences: readonly EvidenceSentence[],
): Promise<boolean> {
  return sentences.every(await standingOf(parts, life, sentences));
}

/** One look at the store per collection. */
async function standingOf(
  { knowledge }: PipelineParts,
  { call, signal }: Life,
  sentences: readonly EvidenceSentence[],
): Promise<(sentence: EvidenceSentence) => boolean> {
  const principals = readersOf(call.caller);
  const versions = new Map<string, ReadonlyMap<string, number>>();
  for (const [collection, group] of Map.groupBy(sentences, (one) => one.collection)) {
    const ids = [...new Set(group.map((one) => one.documentId))];
    versions.set(collection, await knowledge.versions({ collection, ids, principals }));
  }
  signal.throwIfAborted();
  return ({ collection, documentId, documentVersion }) =>
    versions.get(collection)?.get(documentId) === documentVersion;
}
