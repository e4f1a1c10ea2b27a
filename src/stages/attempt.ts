import { lastUserText } from '../core/chat.ts';
import type { CheckResult } from '../core/decision.ts';
import { CadreError } from '../core/errors.ts';
import type { CadreEvent } from '../core/events.ts';
import type { Permit } from '../core/permit.ts';
import type { ModelEvent, ModelLease, ModelRequest } from '../core/ports.ts';
import { buildModelRequest } from '../run/prompt.ts';
import { CheckedRelease } from '../verify/release.ts';
import { askedRequest } from './asked-parts.ts';
import type { AttemptPlan, AttemptResult } from './attempt-plan.ts';
import { showCall } from './call-deltas.ts';
import { conclude, refusalDelta, show, showThoughts, wantedLogprobs } from './conclude.ts';
import { faultOf } from './fault-of.ts';
import type { Life } from './life.ts';
import { acquireShown } from './loading.ts';
import { Outlet } from './outlet.ts';
import type { PipelineParts } from './parts.ts';
import { readAnswerable } from './reading.ts';
import { relayWish, watched } from './relaying.ts';
import { sentenceHelp } from './sentence-help.ts';
import { allStand, FALLEN_SOURCE, requireStanding, standingPlan } from './standing-sources.ts';
import { collect, newTranscript, noteAttempt, type Transcript } from './transcript.ts';
import { workOut } from './work-out.ts';

/**
 * Lets one spoke answer once; its text is checked on the way out as the route demands. Trouble
 * before the first shown word is a result; after it, and when the request itself ends, it is thrown.
 */
export async function* attempt(
  parts: PipelineParts,
  life: Life,
  plan: AttemptPlan,
): AsyncGenerator<CadreEvent, AttemptResult> {
  const said = newTranscript();
  const isWhole = plan.passages.length > 0 && parts.config.verify.unsupported === 'decline';
  const outlet = new Outlet(life, plan, isWhole, () => {
    // A probe has found out as soon as the model speaks; nobody has to wait for its last word.
    if (plan.probe !== true) return;
    for (const change of parts.upstreams.answered(plan.spoke.gate.modelId, undefined))
      life.see(change);
  });
  let lease: ModelLease | undefined;
  let result: AttemptResult | undefined;
  let failure: CadreError | undefined;
  try {
    const found = await standingPlan(parts, life, plan);
    const reading = await readTimed(parts, life, found);
    const loadStart = life.elapsed();
    lease = yield* acquireShown(parts, life, plan);
    life.builder.addStage('load', life.elapsed() - loadStart);
    const shown = await standingPlan(parts, life, found);
    await requireStanding(parts, life);
    const runStart = life.elapsed();
    let rejected: CheckResult | undefined;
    try {
      if (shown.passages.length === 0 && plan.passages.length > 0) rejected = FALLEN_SOURCE;
      else rejected = yield* answer(parts, life, shown, { lease, said, outlet, reading });
    } finally {
      life.builder.addStage('run', life.elapsed() - runStart);
    }
    if (plan.spoke.config.output === 'calculation') {
      rejected ??= workOut(said, life.call.request);
      if (rejected !== undefined) yield life.see({ type: 'check-failed', result: rejected });
    }
    if (rejected !== undefined) result = { outcome: 'refused', reason: rejected.detail };
    else if (said.relayed) result = relayedResult(plan, said);
    else result = yield* conclude(parts, life, shown, said, outlet);
    return result;
  } catch (thrown) {
    failure = faultOf(plan.signal, thrown);
    if (outlet.released || life.signal.aborted) throw failure;
    result = { outcome: 'failed', error: failure };
    return result;
  } finally {
    lease?.release();
    for (const change of reportTo(parts, plan, said, failure)) life.see(change);
    noteAttempt(parts, life, plan, said, result, failure);
  }
}

/** What nobody read is as probable to be right as it was before. */
function relayedResult(
  { prior }: AttemptPlan,
  { finishReason = 'stop' }: Transcript,
): AttemptResult {
  return { outcome: 'released', finishReason, confidence: prior };
}

/** Tells the fleet how the remote model did. */
function reportTo(
  { upstreams }: PipelineParts,
  { spoke, probe = false }: AttemptPlan,
  said: Transcript,
  failure: CadreError | undefined,
): readonly CadreEvent[] {
  const model = spoke.gate.modelId;
  if (failure?.fault !== undefined) {
    const { fault, retryAfter } = failure;
    return upstreams.failed(model, fault, retryAfter === undefined ? undefined : retryAfter * 1000);
  }
  // What the checks say of an answer is nothing about the server that gave it.
  if (said.finishReason !== undefined)
    return upstreams.answered(model, said.cameWhole ? undefined : said.promptMs);
  upstreams.left(model, probe);
  return [];
}

interface Speaking {
  readonly lease: ModelLease;
  readonly said: Transcript;
  readonly outlet: Outlet;
  /** P(the passages answer the question) by a reading beforehand; undefined where there was none. */
  readonly reading: number | undefined;
}

/** Asks beforehand whether the passages answer the question, where each sentence is checked. */
async function readTimed(
  parts: PipelineParts,
  life: Life,
  plan: AttemptPlan,
): Promise<number | undefined> {
  if (plan.release !== 'by-sentence' || plan.passages.length === 0) return undefined;
  const start = life.elapsed();
  const reading = await readAnswerable(parts, life, plan);
  if (reading !== undefined) life.builder.addStage('verify', life.elapsed() - start);
  return reading;
}

/** Streams the model's events; returns the check that refused the answer before anything was shown. */
async function* answer(
  parts: PipelineParts,
  life: Life,
  plan: AttemptPlan,
  { lease, said, outlet, reading }: Speaking,
): AsyncGenerator<CadreEvent, CheckResult | undefined> {
  const { spoke } = plan;
  const { model } = lease;
  const options = { signal: plan.signal, ...permitOf(parts, life, plan) };
  const release =
    plan.release === 'by-sentence' ? await releaseOf(parts, life, plan, reading) : undefined;
  const wish = model.doRelay === undefined ? undefined : relayWish(parts, life, plan);
  const relayed = wish && model.doRelay?.(watched(wish, life, plan, said, outlet), options);
  const stream = relayed ?? model.doChat(requestOf(life, plan), options);
  for await (const event of stream) {
    collect(said, event);
    if (event.type === 'text' || event.type === 'thinking' || event.type === 'tool-call')
      outlet.hear();
    if (event.type === 'text' && plan.release === 'at-once') {
      const shown = textDelta(life, plan, event);
      if (!outlet.holds(shown)) yield life.see(shown);
    } else if (event.type === 'tool-call' && plan.release === 'at-once')
      yield* showCall(life, plan, said, event, outlet);
    else if (event.type === 'refusal' && plan.release === 'at-once')
      yield* show(life, outlet, refusalDelta(plan, event.text));
    else if (event.type === 'prompt-read')
      yield life.see({
        type: 'prompt-read',
        spoke: spoke.config.id,
        promptTokens: event.promptTokens,
        cachedTokens: event.cachedTokens,
        ms: event.ms,
      });
    else if (event.type === 'thinking') {
      said.heldThoughts.push(event);
      // Thought that was shown cannot be taken back, so a checked route shows it with the answer.
      if (plan.release === 'at-once') yield* showThoughts(life, plan, said, outlet);
    } else if (event.type === 'text' && release !== undefined) {
      const rejected = yield* releaseText(
        parts,
        life,
        plan,
        said,
        outlet,
        release.push(event.text),
      );
      if (rejected) return rejected;
    }
  }
  if (said.finishReason === undefined)
    throw new CadreError(
      'upstream_failed',
      `${spoke.config.id} ended without an end of its answer`,
    );
  return release === undefined
    ? undefined
    : yield* releaseText(parts, life, plan, said, outlet, release.flush());
}

function textDelta(
  life: Life,
  plan: AttemptPlan,
  event: Extract<ModelEvent, { type: 'text' }>,
): CadreEvent {
  return {
    type: 'text-delta',
    choice: plan.choice,
    text: event.text,
    ...wantedLogprobs(life.call.request.logprobs, event.logprobs),
  };
}

/** What the spoke is asked; every choice after the first has a seed of its own. */
function requestOf(life: Life, { spoke, passages, choice, parts }: AttemptPlan): ModelRequest {
  const built = buildModelRequest(spoke.config, askedRequest(life.call.request, parts), {
    passages,
    contextLength: spoke.gate.contextLength,
    bare: life.call.bare === true,
  });
  const { sampling } = built;
  if (choice === 0 || sampling.seed === undefined) return built;
  return { ...built, sampling: { ...sampling, seed: sampling.seed + choice } };
}

/** The leave to send the request out of the building, where the spoke is not in it. */
function permitOf(parts: PipelineParts, life: Life, plan: AttemptPlan): { permit?: Permit } {
  const { destination } = plan.spoke.gate;
  if (destination === 'local') return {};
  const ttlMs = life.call.deadline - parts.clock.now();
  if (ttlMs <= 0) throw new CadreError('deadline_exceeded', 'the deadline passed');
  const permit = parts.permits.issue({
    verdict: plan.verdict,
    destination,
    requestId: life.call.id,
    budget: parts.config.policy.budgetPerRequest,
    ttlMs,
  });
  return { permit };
}

async function releaseOf(
  parts: PipelineParts,
  life: Life,
  plan: AttemptPlan,
  reading: Speaking['reading'],
): Promise<CheckedRelease> {
  const threshold = parts.config.verify.answerability;
  const collection = plan.passages[0]?.sentences[0]?.collection;
  const { key } = life.call.caller;
  return new CheckedRelease({
    passages: plan.passages,
    ...(await parts.grounding(collection === undefined ? undefined : { collection, key })),
    answerability: { threshold, ...(reading === undefined ? {} : { reading }) },
    ...sentenceHelp(parts, life, plan),
    elapsed: () => life.elapsed(),
    isLast: plan.last,
    ...(plan.contradictions === undefined ? {} : { contradictions: plan.contradictions }),
    ...(parts.embed
      ? { embed: (texts: readonly string[]) => parts.embed(texts, plan.signal) }
      : {}),
    ...(plan.passages.length > 0
      ? { question: lastUserText(askedRequest(life.call.request, plan.parts).messages) }
      : {}),
    ...(plan.parts === undefined ? {} : { parts: plan.parts }),
  });
}

/** What was said before is no reason to give the whole answer up. */
function isUnsupported({ check }: CheckResult): boolean {
  return check !== 'repetition';
}

/** Emits checked sentences; a rejected one before the first shown byte stops the attempt. */
async function* releaseText(
  parts: PipelineParts,
  life: Life,
  plan: AttemptPlan,
  said: Transcript,
  outlet: Outlet,
  pieces: ReturnType<CheckedRelease['push']>,
): AsyncGenerator<CadreEvent, CheckResult | undefined> {
  for await (const piece of pieces) {
    for (const check of piece.checks)
      yield life.see({ type: check.passed ? 'check-passed' : 'check-failed', result: check });
    if ('release' in piece) {
      const cited = piece.release.citations.map((citation) => citation.sentence);
      if (!(await allStand(parts, life, cited))) {
        yield life.see({ type: 'check-failed', result: FALLEN_SOURCE });
        if (!outlet.begun) return FALLEN_SOURCE;
        continue;
      }
      yield* showThoughts(life, plan, said, outlet);
      if (piece.contradictions !== undefined)
        yield* show(life, outlet, {
          type: 'sources-differ',
          contradictions: piece.contradictions,
        });
      yield* show(life, outlet, {
        type: 'text-delta',
        choice: plan.choice,
        text: piece.release.text,
        ...(piece.release.citations.length > 0 ? { citations: piece.release.citations } : {}),
      });
    } else if (!outlet.begun || (outlet.isWhole && isUnsupported(piece.reject)))
      return piece.reject;
  }
  return undefined;
}
