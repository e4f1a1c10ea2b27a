import { OPERATOR } from '../core/call.ts';
import type { JsonValue } from '../core/chat.ts';
import type { PolicyVerdict, RouteDecision } from '../core/decision.ts';
import { canonical, requestText } from '../run/request-key.ts';
import type { Evidence } from './ground.ts';
import type { Life } from './life.ts';
import type { PipelineParts, SpokeRuntime } from './parts.ts';
import { pinOf } from './pin.ts';
import type { SharedAnswers } from './shared-answers.ts';

/** Whether requests like this one may share an answer at all; the route may still forbid it. */
export function isShareable({ call }: Life, { config }: SharedAnswers): boolean {
  const { request } = call;
  if (!config.exact || call.cache === 'off' || request.model === 'hub') return false;
  const { temperature, seed } = request.sampling;
  return config.sampled || seed !== undefined || temperature === undefined || temperature === 0;
}

/**
 * Equal for requests that would be answered alike: what is asked, who may read what, the label, the
 * very sentences that were found for it, the configuration, and which spokes there are.
 */
export function shareKey(
  parts: PipelineParts,
  shared: SharedAnswers,
  life: Life,
  verdict: PolicyVerdict,
  evidence: Evidence | undefined,
): string {
  const circumstances = circumstancesOf(parts, shared, life, verdict, evidence);
  return shared.hash(`${circumstances}${requestText(life.call.request)}`);
}

/** All of that but what is asked, as text. */
export function circumstancesOf(
  parts: PipelineParts,
  shared: SharedAnswers,
  life: Life,
  verdict: PolicyVerdict,
  evidence: Evidence | undefined,
): string {
  const { call } = life;
  const pin = pinOf(parts, call);
  const circumstances: JsonValue = [
    shared.version,
    // Without the key itself: what it alone may read shows in what was found.
    call.caller.principals.includes(OPERATOR) ? ['*'] : [...call.caller.principals].sort(),
    [verdict.label, call.labelDeclared ?? null, call.collection ?? null, call.depth],
    (call.filter ?? null) as JsonValue,
    evidence === undefined ? null : foundText(evidence),
    life.spokes.filter((spoke) => spoke.gate.installed).map(sharedName),
    (pin ?? null) as JsonValue,
  ];
  return canonical(circumstances);
}

/** The file of an adapter may change while the configuration stays; what it said before is not shared. */
function sharedName({ config, gate }: SpokeRuntime): string {
  return config.adapter === undefined ? config.id : `${config.id} ${gate.modelId}`;
}

function foundText({ collection, passages, required }: Evidence): JsonValue {
  const places = passages.flatMap((passage) =>
    passage.sentences.map((one) => [
      one.documentId,
      one.documentVersion,
      one.path,
      one.start,
      one.end,
    ]),
  );
  return [collection, required, places];
}

/**
 * Whether the route's answer is for others too: not where the leader's money decided it, where
 * chance does, or where it is made of delegated requests, which share among themselves.
 */
export function isForAll(life: Life, { config }: SharedAnswers, decision: RouteDecision): boolean {
  if (decision.spoke === 'hub') return false;
  if (decision.rejected.some((one) => one.code === 'budget')) return false;
  const { spoke, cascade, fallback = [], hedge } = decision;
  const ids = new Set([spoke, ...cascade, ...fallback, ...(hedge === undefined ? [] : [hedge])]);
  const rungs = life.spokes.filter((spoke) => ids.has(spoke.config.id));
  // A micro-model takes microseconds and may have been trained anew.
  if (rungs.some((spoke) => spoke.config.kind === 'classifier')) return false;
  const { temperature, seed } = life.call.request.sampling;
  if (config.sampled || seed !== undefined || temperature === 0) return true;
  return rungs.every(({ config: { sampling } }) => sampling.temperature === 0);
}
