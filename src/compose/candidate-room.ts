import type { Call } from '../core/call.ts';
import { CANDIDATE_KEY, type ShadowRoute } from '../core/candidate-shadow.ts';
import type { CadreEvent } from '../core/events.ts';
import type { ObjectStore } from '../core/objects.ts';
import type { Clock, Random } from '../core/ports.ts';
import { watchedTask } from '../gate/graded-table.ts';
import { learnShadowed } from '../learn/candidate-shadow.ts';
import type { SpecialistRegistry } from '../learn/specialist-registry.ts';
import type { Generations } from './generations.ts';
import { keepAnswer } from './shadow-answers.ts';
import { shadowCall } from './shadow-call.ts';
import { type ShadowJob, ShadowQueue } from './shadow-queue.ts';
import { ShadowRunner } from './shadow-runner.ts';
import { isRepeatable, runMs, watchAnswer } from './shadow-watch.ts';

interface CandidateParts {
  readonly generations: Pick<Generations, 'current' | 'activeCount' | 'shadow'>;
  readonly registry: Pick<SpecialistRegistry, 'learnShadow'>;
  readonly objects: Pick<ObjectStore, 'doPutObject'>;
  readonly clock: Clock;
  readonly random: Random;
  /** Days that text is kept. */
  readonly textDays: () => number;
  readonly isDraining: () => boolean;
  readonly log: (line: string) => void;
}

interface CandidateJob extends ShadowJob {
  readonly candidate: ShadowRoute;
  /** Of the request. */
  readonly key: string;
  readonly keepsText: boolean;
}

/** One answer takes no longer than this. */
const ANSWER_MS = 120_000;
/** Answers of one candidate that are kept for people's labels. */
const KEPT_MOST = 5000;
const DAY_MS = 86_400_000;

/**
 * Asks candidates in the stage `shadow` what the live version of their name has answered, after its
 * caller has the answer and while the farm is idle. What comes of it is in the candidate's row after
 * each answer; what waits, 32 requests at most, is lost with the process.
 */
export class CandidateRoom {
  readonly #parts: CandidateParts;
  readonly #queue = new ShadowQueue<CandidateJob>(() => undefined);
  readonly #runner: ShadowRunner<CandidateJob>;
  /** Answers of candidates that are kept, as far as this process knows. */
  readonly #kept = new Map<string, number>();

  constructor(parts: CandidateParts) {
    this.#parts = parts;
    this.#runner = new ShadowRunner({
      ...parts,
      queue: this.#queue,
      begin: async (job, { signal, isIdle }) => (isIdle ? this.#begin(job, signal) : 'later'),
      onDrop: () => undefined,
    });
  }

  /** The events of a request as they are; what runs unseen gives way to it. */
  watch(call: Call, events: AsyncIterable<CadreEvent>): AsyncIterable<CadreEvent> {
    this.#runner.giveWay();
    const { specialists } = this.#parts.generations.current;
    if (!specialists.isShadowed || !this.#runner.isOpen || !isRepeatable(call)) return events;
    return watchAnswer(call.request, events, (job) => {
      const candidate = specialists.shadowOf(job.served);
      if (candidate === undefined) return;
      const { key, keepsText } = call.caller;
      this.#queue.push({ ...job, candidate, key, keepsText });
      this.#runner.wake();
    });
  }

  /** Works until the signal aborts; what is under way ends with it. */
  run(signal: AbortSignal): Promise<void> {
    return this.#runner.run(signal);
  }

  /** Undefined where the candidate that was to be asked is one no more. */
  #begin(job: CandidateJob, signal: AbortSignal) {
    const { specialists } = this.#parts.generations.current;
    const isStill = specialists.shadowOf(job.served)?.spoke === job.candidate.spoke;
    return isStill ? { isLocal: true, done: this.#ask(job, signal) } : undefined;
  }

  async #ask(job: CandidateJob, signal: AbortSignal): Promise<boolean> {
    const { generations, registry, clock, random } = this.#parts;
    const { of, served, text, finishReason, candidate } = job;
    const { readers: principals, ...route } = candidate;
    const { spoke } = route;
    const call = shadowCall(job, spoke, {
      id: `req_${random.id(24)}`,
      key: CANDIDATE_KEY,
      ...(principals && { principals }),
      budget: 0,
      deadline: clock.now() + ANSWER_MS,
    });
    const task = watchedTask(job.decision.tasks);
    const order = { of, served, text, finishReason, task, isVersion: true, ...route } as const;
    let own: string | undefined;
    const receipt = await generations.shadow(call, order, signal, (answer) => {
      own = answer;
    });
    if (receipt.outcome === 'cancelled') return false;
    const agreement = receipt.shadow?.agreement;
    const isKept =
      own !== undefined && agreement !== undefined && (await this.#keep(job, own, receipt.at));
    const answer = { agreement, isKept, ownMs: runMs(receipt), liveMs: job.runMs };
    const known = await registry.learnShadow(spoke, (before) => learnShadowed(before, answer));
    if (known !== undefined) this.#kept.set(spoke, known.kept);
    return true;
  }

  async #keep(job: CandidateJob, own: string, at: number): Promise<boolean> {
    const { objects, textDays } = this.#parts;
    const { candidate, of: receipt, key, text: live } = job;
    const { spoke: version, tolerance } = candidate;
    // Nobody is asked for the number of a row.
    if (!job.keepsText || tolerance !== undefined || (this.#kept.get(version) ?? 0) >= KEPT_MOST)
      return false;
    const expiresAt = job.at + textDays() * DAY_MS;
    return keepAnswer(objects, { version, receipt, key, own, live, at, expiresAt });
  }
}
