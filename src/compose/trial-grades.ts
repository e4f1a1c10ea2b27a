import type { Attempt, Receipt } from '../core/receipt.ts';
import type { TrialArm } from '../learn/canary-test.ts';
import type { StoredVersion } from '../learn/version-keeping.ts';
import { isModelOf, specialistOf } from './specialist-answer.ts';

/** An answer of one of the two versions of a trial, shown or not. */
export interface TrialAnswer {
  readonly arm: TrialArm;
  readonly attempt: Attempt;
}

/**
 * What is known of an answer without a person. `tool`: whether its tool call passed the checks.
 * `escalation`: it gave way to another spoke, or its caller asked another for the same. `judge`: what
 * the spoke that was asked again unseen said. `left`: nothing of these, so that it was left as it is.
 */
export interface SeenGrade {
  readonly source: 'tool' | 'escalation' | 'judge' | 'left';
  /** 0 … 1. */
  readonly score: number;
}

/**
 * The answer that a request got of a trial; undefined where it is none. What counts is the draw alone:
 * requests for one version by its number, answers to what another spoke gave up, second opinions, kept
 * answers and unseen ones meet one of the two only, and would compare unlike requests.
 */
export function trialAnswer(
  receipt: Receipt,
  tried: StoredVersion,
  live: StoredVersion,
): TrialAnswer | undefined {
  const { name } = tried.body.manifest;
  const since = tried.body.trial?.since ?? Number.POSITIVE_INFINITY;
  const isDrawn =
    receipt.at >= since &&
    receipt.cache === undefined &&
    receipt.shadow === undefined &&
    receipt.requestedModel !== tried.row.id &&
    receipt.requestedModel !== live.row.id;
  if (!isDrawn) return undefined;
  const attempt = receipt.attempts.find(
    (one) => (one.cause ?? 'route') === 'route' && specialistOf(one) === name && isAnswer(one),
  );
  if (attempt === undefined) return undefined;
  if (isModelOf(tried, attempt.model)) return { arm: 'own', attempt };
  return isModelOf(live, attempt.model) ? { arm: 'live', attempt } : undefined;
}

/** A spoke that was in trouble, or was stopped, gave none; one that called a tool wrongly did. */
function isAnswer({ outcome }: Attempt): boolean {
  return outcome === 'released' || outcome === 'escalated' || outcome === 'failed';
}

/**
 * The best that is known of an answer without a person, by the same rules for both versions. Every
 * answer of either gets a grade of the last three kinds together, so that how often there is one cannot
 * differ: a rule that graded only what gave way would compare the hard requests of a version that gives
 * way seldom with the easy ones of a version that does often. Undefined where the spoke was in trouble.
 */
export function seenGrade(
  { checks }: Pick<Receipt, 'checks'>,
  { attempt }: TrialAnswer,
  known: { readonly isAskedElsewhere: boolean; readonly shadows: readonly Receipt[] },
): SeenGrade | undefined {
  const calls = checks.filter((one) => one.check === 'tool-call');
  const isReleased = attempt.outcome === 'released';
  if (isReleased && calls.some((one) => one.passed)) return { source: 'tool', score: 1 };
  if (!isReleased && calls.some((one) => !one.passed)) return { source: 'tool', score: 0 };
  if (attempt.outcome === 'failed') return undefined;
  if (!isReleased || known.isAskedElsewhere) return { source: 'escalation', score: 0 };
  for (const { shadow } of known.shadows)
    for (const { spoke, score } of shadow?.grades ?? [])
      if (spoke === attempt.spoke) return { source: 'judge', score };
  return { source: 'left', score: 1 };
}

/** For how long asking another spoke for the same says that the first answer was not enough. */
export const AGAIN_MS = 600_000;

/** Which of the receipts, newest first, are of requests whose words their key asked elsewhere soon after. */
export function askedElsewhere(newestFirst: readonly Receipt[]): ReadonlySet<string> {
  const found = new Set<string>();
  /** By key and words: when each name was asked next. */
  const later = new Map<string, Map<string, number>>();
  for (const { id, at, key, depth, requestedModel, featureHashes } of newestFirst) {
    if (depth > 0 || featureHashes.length === 0) continue;
    const words = `${key} ${featureHashes.join()}`;
    const names = later.get(words) ?? new Map<string, number>();
    for (const [name, next] of names)
      if (name !== requestedModel && next > at && next - at <= AGAIN_MS) found.add(id);
    later.set(words, names.set(requestedModel, at));
  }
  return found;
}
