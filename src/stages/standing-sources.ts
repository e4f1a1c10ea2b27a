import { readersOf } from '../core/call.ts';
import type { CheckResult } from '../core/decision.ts';
import { CadreError } from '../core/errors.ts';
import type { DocumentEdition, Passage } from '../core/evidence.ts';
import { fatesOf } from '../ground/document-fate.ts';
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

/** Rejects with `conflict` where earlier answers in the messages quote what is no longer in force. */
export async function requireStanding(parts: PipelineParts, life: Life): Promise<void> {
  if (await allStand(parts, life, life.call.standsOn ?? [])) return;
  throw new CadreError(
    'conflict',
    'a document that the conversation stands on was changed, deleted or closed while the request waited; send it again',
  );
}

/** Whether all of the documents are still in force for the caller. */
export async function allStand(
  parts: PipelineParts,
  life: Life,
  editions: readonly DocumentEdition[],
): Promise<boolean> {
  return editions.every(await standingOf(parts, life, editions));
}

async function standingOf(
  { knowledge }: PipelineParts,
  { call, signal }: Life,
  editions: readonly DocumentEdition[],
): Promise<(edition: DocumentEdition) => boolean> {
  const fate = await fatesOf(knowledge, editions, readersOf(call.caller));
  signal.throwIfAborted();
  return (edition) => fate(edition) === 'stands';
}
