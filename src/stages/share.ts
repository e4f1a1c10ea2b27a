import { addUsage } from '../core/chat.ts';
import type { PolicyVerdict } from '../core/decision.ts';
import { CadreError, type ErrorCode, toCadreError } from '../core/errors.ts';
import type { CadreEvent } from '../core/events.ts';
import type { SharedAnswer } from '../core/shared-answer.ts';
import type { KeptAnswer } from '../run/answer-cache.ts';
import { Flight } from '../run/flight.ts';
import { RepetitionGuard } from '../run/repetition-guard.ts';
import type { Ending } from './ending.ts';
import type { Evidence } from './ground.ts';
import type { Life } from './life.ts';
import type { PipelineParts } from './parts.ts';
import { isForAll, isShareable, shareKey } from './share-key.ts';
import { findSimilar, type SimilarQuestion, similarQuestion } from './share-similar.ts';
import type { SharedAnswers } from './shared-answers.ts';

type Answering = () => AsyncGenerator<CadreEvent, Ending>;

/** Errors of a leader that say nothing about the request itself. */
const OWN_ERRORS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'cancelled',
  'deadline_exceeded',
  'shutting_down',
  'budget_exceeded',
  'no_spoke',
]);

/**
 * Gives an equal request's answer again, joins one that is under way, or computes it (`answer`) and
 * lets others join. Whoever did not compute has a receipt of his own and pays nothing.
 */
export async function* shareAnswer(
  parts: PipelineParts,
  life: Life,
  seen: { readonly verdict: PolicyVerdict; readonly evidence: Evidence | undefined },
  answer: Answering,
): AsyncGenerator<CadreEvent, Ending> {
  const { shared } = parts;
  if (shared === undefined || !isShareable(life, shared)) return yield* answer();
  const key = shareKey(parts, shared, life, seen.verdict, seen.evidence);
  const kept =
    life.call.cache === 'refresh' ? undefined : shared.cache.find(key, parts.clock.now());
  if (kept !== undefined) return yield* giveAgain(parts, life, 'hit', kept);
  const question = await similarQuestion(parts, shared, life, seen);
  const like = question && life.call.cache === undefined && findSimilar(parts, shared, question);
  if (like) return yield* giveAgain(parts, life, 'similar', like.kept, like.similarity);
  const mark = life.events.length;
  const guard = new RepetitionGuard();
  for (;;) {
    const flight = shared.flights.get(flightOf(life, key));
    if (flight === undefined)
      return yield* guarded(guard, lead(parts, life, { shared, key, question }, answer));
    const ending = yield* follow(life, flight, guard);
    if (ending === 'alone') return yield* guarded(guard, answer());
    if (ending !== 'left') return ending;
    // What was shown stays shown; the receipt tells of the answer that is now begun again.
    life.forgetFrom(mark);
    guard.restart();
  }
}

/** Replays a complete answer; nothing is computed. */
export async function* giveAgain(
  parts: PipelineParts,
  life: Life,
  kind: SharedAnswer['kind'],
  kept: KeptAnswer,
  similarity?: number,
): AsyncGenerator<CadreEvent, Ending> {
  const shared: SharedAnswer = {
    kind,
    receipt: kept.receipt,
    ageMs: Math.max(0, parts.clock.now() - kept.at),
    usage: kept.usage,
    ...(similarity === undefined ? {} : { similarity }),
  };
  yield life.see({ type: 'answer-shared', shared });
  for (const event of kept.events) yield life.see(event);
  const { confidence } = kept;
  return { outcome: 'answered', shared, ...(confidence === undefined ? {} : { confidence }) };
}

interface LeadWish {
  readonly shared: SharedAnswers;
  readonly key: string;
  readonly question: SimilarQuestion | undefined;
}

async function* lead(
  parts: PipelineParts,
  life: Life,
  { shared, key, question }: LeadWish,
  answer: Answering,
): AsyncGenerator<CadreEvent, Ending> {
  const usage = () => addUsage(life.builder.usage, life.delegated.usage);
  const place = flightOf(life, key);
  const work = outlive(life, () => flight.hasFollowers);
  const flight: Flight<Ending> = new Flight(answer(), {
    most: shared.cache.largest,
    isOwnError: (error) => life.signal.aborted || OWN_ERRORS.has(toCadreError(error).code),
    isForAll: (event) => event.type !== 'route-decided' || isForAll(life, shared, event.decision),
    onAnswered(events, { outcome, confidence }) {
      const { model } = life.call.request;
      if (outcome !== 'answered' || events.some((one) => isPassing(one, model))) return;
      const isKept = shared.cache.put(key, {
        receipt: life.call.id,
        events,
        usage: usage(),
        at: parts.clock.now(),
        ...(confidence === undefined ? {} : { confidence }),
      });
      if (question && isKept) shared.similar?.index.add(question.scope, question, key);
    },
    onClosed() {
      if (shared.flights.get(place) === flight) shared.flights.delete(place);
    },
    onDeserted: work.release,
    tell: () => ({ kind: 'shared', receipt: life.call.id, ageMs: 0, usage: usage() }),
  });
  shared.flights.set(place, flight);
  try {
    const landing = yield* flight.read('leader', (promise) => promise);
    if (landing.end === 'failed') throw landing.error;
    // The answer is paid here and was finished for others: its own caller did not hear it.
    work.caller.throwIfAborted();
    return landing.end === 'answered' ? landing.ending : { outcome: 'cancelled' };
  } finally {
    await flight.leave();
    // How the request ended is its caller's story again, not that of the work.
    life.signal = work.caller;
  }
}

/**
 * Lets the work of a request go on when its caller leaves, as long as somebody else wants it and its
 * deadline allows. `release`: nobody else wants it any more.
 */
function outlive(life: Life, isWanted: () => boolean) {
  const caller = life.signal;
  const work = new AbortController();
  const end = () => work.abort(caller.reason);
  const leave = () => {
    if (toCadreError(caller.reason).code !== 'cancelled' || !isWanted()) return end();
    const left = AbortSignal.timeout(Math.max(1, life.leftMs));
    const late = () => work.abort(new CadreError('deadline_exceeded', 'the deadline passed'));
    left.addEventListener('abort', late, { once: true });
  };
  if (caller.aborted) end();
  else caller.addEventListener('abort', leave, { once: true });
  life.signal = work.signal;
  const release = (isLeft: boolean) => {
    if (caller.aborted) end();
    else if (isLeft) work.abort(new CadreError('cancelled', 'nobody reads the answer'));
  };
  return { caller, release };
}

async function* follow(
  life: Life,
  flight: Flight<Ending>,
  guard: RepetitionGuard,
): AsyncGenerator<CadreEvent, Ending | 'left' | 'alone'> {
  yield life.see({ type: 'answer-shared', shared: flight.tell() });
  const events = flight.read('follower', (promise) => untilAborted(promise, life.signal));
  for (;;) {
    const step = await events.next();
    if (step.done !== true) {
      const event = guard.pass(life.see(step.value));
      if (event !== undefined) yield event;
      continue;
    }
    const landing = step.value;
    if (landing.end === 'failed') throw landing.error;
    if (landing.end !== 'answered') return landing.end;
    return { ...landing.ending, shared: flight.tell() };
  }
}

/** The events without what the guard knows was shown before. */
async function* guarded(
  guard: RepetitionGuard,
  events: AsyncGenerator<CadreEvent, Ending>,
): AsyncGenerator<CadreEvent, Ending> {
  if (!guard.hasShown) return yield* events;
  try {
    for (;;) {
      const step = await events.next();
      if (step.done === true) return step.value;
      const event = guard.pass(step.value);
      if (event !== undefined) yield event;
    }
  } finally {
    await events.return({ outcome: 'cancelled' });
  }
}

/** What a filter stopped, or a stand-in answered, is not what an equal request gets tomorrow. */
function isPassing(event: CadreEvent, model: string): boolean {
  if (event.type === 'route-decided')
    return event.decision.rejected.some((one) => one.id === model);
  if (event.type === 'route-escalated') return event.failed === true;
  return event.type === 'choice-ended' && event.finishReason === 'content-filter';
}

/** A whole answer is held to its end: who reads a stream does not wait for one. */
function flightOf({ call }: Life, key: string): string {
  return call.whole === true ? `${key} whole` : key;
}

async function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const stop = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
