import type { Call } from '../core/call.ts';
import type { ShadowSettings } from '../core/config-shadow.ts';
import type { CadreEvent } from '../core/events.ts';
import type { Clock, Random } from '../core/ports.ts';
import type { Receipt } from '../core/receipt.ts';
import { SHADOW_KEY, type ShadowStatus, type ShadowWish } from '../core/shadow.ts';
import type { ReceiptStore, SpendStore } from '../core/stores.ts';
import { watchedTask } from '../gate/graded-table.ts';
import { pickShadow, type ShadowChoice, type ShadowQuestion } from '../gate/shadow-choice.ts';
import { dayOf, ShadowTally } from '../gate/shadow-tally.ts';
import { openSpokes } from '../stages/open-spokes.ts';
import { estimateTokens } from '../stages/prompt-length.ts';
import { isComparable } from '../verify/same-answer.ts';
import type { Generations } from './generations.ts';
import { shadowCall, shadowOrder } from './shadow-call.ts';
import { type ShadowJob, ShadowQueue } from './shadow-queue.ts';
import { ShadowRunner } from './shadow-runner.ts';
import { changedSettings, requireShadowSpokes, type ShadowFile } from './shadow-settings.ts';
import { canShadow, watchAnswer } from './shadow-watch.ts';
import { notesOf } from './shadow-words.ts';

export interface ShadowParts {
  readonly file: ShadowFile;
  readonly generations: Pick<Generations, 'current' | 'activeCount' | 'ask' | 'shadow'>;
  readonly store: Pick<ReceiptStore, 'doListReceipts'> & Pick<SpendStore, 'doSpent'>;
  readonly models: { readonly threads: number; readonly mayLoad: (model: string) => boolean };
  readonly clock: Clock;
  readonly random: Random;
  /** Uniform in [0, 1). */
  readonly draw: () => number;
  /** Of the fitted gate in force. */
  readonly reference: () => string | undefined;
  readonly learn: (receipt: Receipt) => void;
  readonly isDraining: () => boolean;
  readonly log: (line: string) => void;
}

/** One answer takes no longer than this. */
const ANSWER_MS = 120_000;
/** Receipts that are read again after a start. */
const RECEIPTS_MOST = 10_000;
const PAGE = 500;
/** Part of the requests of a kind that is answered in free text that are asked again all the same: it may change. */
const FREE_TEXT_AGAIN = 0.1;

/**
 * Asks some answered `auto` requests again of another spoke, unseen, while the farm is idle (of a
 * remote one at last also while it is not), so that the gate learns of both. What was used and found is in the receipts alone; what waits is lost with
 * the process.
 */
export class ShadowRoom {
  readonly #parts: ShadowParts;
  readonly #tally = new ShadowTally();
  readonly #dropped = new Map<string, number>();
  readonly #queue = new ShadowQueue((reason) => this.#drop(reason));
  readonly #runner: ShadowRunner;
  #sampled = 0;
  #loading: Promise<void> | undefined;

  constructor(parts: ShadowParts) {
    this.#parts = parts;
    this.#runner = new ShadowRunner({
      ...parts,
      queue: this.#queue,
      begin: (job, options) => this.#begin(job, options),
      onDrop: (reason) => this.#drop(reason),
    });
  }

  get settings(): ShadowSettings {
    return this.#parts.file.settings ?? this.#configured;
  }

  get #configured(): ShadowSettings {
    return this.#parts.generations.current.settings.config.gate.shadow;
  }

  /** Every request of the farm comes by here; what runs unseen on this machine gives way to it. */
  ask(call: Call, signal: AbortSignal): AsyncIterable<CadreEvent> {
    const { generations, draw } = this.#parts;
    this.#runner.giveWay();
    const { rate } = this.settings;
    const isDrawn = rate > 0 && this.#runner.isOpen && draw() < rate;
    const model = call.request.model;
    if (!isDrawn || !canShadow(call, generations.current.names.targetOf(model)))
      return generations.ask(call, signal);
    // What passes as it comes is read by nobody, and so could not be compared.
    const { relay: _, ...read } = call;
    return watchAnswer(call.request, generations.ask(read, signal), (job) => {
      this.#sampled += 1;
      this.#queue.push(job);
      this.#runner.wake();
    });
  }

  /** Works until the signal aborts; what is under way ends with it. */
  run(signal: AbortSignal): Promise<void> {
    return this.#runner.run(signal);
  }

  /** Throws `invalid_request` for what cannot be done, and nothing is changed then. */
  async change(wish: ShadowWish): Promise<ShadowStatus> {
    const { file, generations } = this.#parts;
    const next = wish.reset ? undefined : changedSettings(this.settings, wish);
    if (next !== undefined) {
      const spokes = generations.current.spokes().map((one) => one.gate);
      requireShadowSpokes(next, spokes, 'invalid_request');
    }
    file.write(next);
    if (this.settings.rate === 0) this.#queue.clear();
    return this.status();
  }

  async status(): Promise<ShadowStatus> {
    await this.#load();
    const { file, store, clock, generations } = this.#parts;
    const { settings } = this;
    const tally = this.#tally;
    const day = dayOf(clock.now());
    const dollars = await store.doSpent(SHADOW_KEY, day);
    const used = { dollars, seconds: tally.secondsOn(day) };
    const spokes = generations.current.spokes().map((one) => one.gate);
    return {
      ...settings,
      setBy: file.settings === undefined ? 'configuration' : 'command',
      today: { day, ...used },
      sampled: this.#sampled,
      waiting: this.#queue.length + (this.#runner.isRunning ? 1 : 0),
      dropped: Object.fromEntries(this.#dropped),
      answers: tally.answers,
      graded: tally.graded,
      failed: tally.failed,
      agreements: tally.agreements(),
      notes: notesOf({
        settings,
        used,
        spokes,
        reference: this.#parts.reference(),
        problem: file.problem,
      }),
    };
  }

  /** Asks somebody; undefined where nobody is to be asked. */
  async #begin(
    job: ShadowJob,
    { signal, isIdle }: { readonly signal: AbortSignal; readonly isIdle: boolean },
  ) {
    await this.#load();
    const { generations, learn } = this.#parts;
    const wanted = this.settings.rate === 0 ? undefined : await this.#wantedFor(job, isIdle);
    if (wanted === undefined || wanted === 'later') return wanted;
    const { call, order, isLocal } = wanted;
    const work = async (): Promise<boolean> => {
      if (signal.aborted) return false;
      const receipt = await generations.shadow(call, order, signal);
      this.#tally.add(receipt);
      if (receipt.outcome === 'answered') learn(receipt);
      return receipt.outcome !== 'cancelled';
    };
    return { isLocal, done: work() };
  }

  /** Whom to ask, and how. */
  async #wantedFor(job: ShadowJob, isIdle: boolean) {
    const { clock, random, models, store } = this.#parts;
    const { settings } = this;
    const now = clock.now();
    const day = dayOf(now);
    const left = {
      dollars: settings.budget - (await store.doSpent(SHADOW_KEY, day)),
      seconds: settings.seconds - this.#tally.secondsOn(day),
    };
    const task = watchedTask(job.decision.tasks);
    const choice = this.#choose(job, task, left, isIdle);
    if (choice === 'later') return choice;
    if ('reason' in choice) {
      this.#drop(choice.reason);
      return undefined;
    }
    const isLocal = choice.spoke.destination === 'local';
    const mostMs = isLocal ? (1000 * left.seconds) / models.threads : ANSWER_MS;
    const call = shadowCall(job, choice.spoke.id, {
      id: `req_${random.id(24)}`,
      budget: settings.budget,
      deadline: now + Math.min(ANSWER_MS, mostMs),
    });
    return { call, order: shadowOrder(job, choice, task), isLocal };
  }

  #choose(
    job: ShadowJob,
    task: string,
    left: ShadowQuestion['left'],
    isIdle: boolean,
  ): ShadowChoice | 'later' | { readonly reason: 'free-text' } {
    const { generations, models, reference, draw } = this.#parts;
    const inForce = reference();
    const choice = pickShadow({
      ...job,
      promptTokens: estimateTokens(job.request),
      settings: this.settings,
      left,
      // What one key's specialist is good for is no other key's business.
      spokes: openSpokes(generations.current.spokes(), []).map((one) => one.gate),
      isReady: ({ destination, resident, modelId }) =>
        destination !== 'local' || resident || models.mayLoad(modelId),
      ...(inForce === undefined ? {} : { reference: inForce }),
      answersOf: (spoke) => this.#tally.answersOf(spoke, task),
    });
    if ('reason' in choice) return choice;
    if (choice.spoke.destination === 'local' && !isIdle) return 'later';
    // The yardstick's form tells whether there will be anything to compare; the other's must not.
    const isFree =
      choice.reference === job.served
        ? !isComparable(job.request, job.text)
        : this.#tally.isFreeText(task) && draw() >= FREE_TEXT_AGAIN;
    return isFree ? { reason: 'free-text' } : choice;
  }

  #drop(reason: string): void {
    this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + 1);
  }

  /** What was used and found before this start, once. */
  #load(): Promise<void> {
    this.#loading ??= this.#readReceipts().catch((error: unknown) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }

  async #readReceipts(): Promise<void> {
    const receipts: Receipt[] = [];
    for (let isMore = true; isMore && receipts.length < RECEIPTS_MOST; ) {
      const last = receipts.at(-1);
      const place = last === undefined ? {} : { before: last.at, beforeId: last.id };
      const page = await this.#parts.store.doListReceipts({
        limit: PAGE,
        key: SHADOW_KEY,
        ...place,
      });
      receipts.push(...page);
      isMore = page.length === PAGE;
    }
    for (const receipt of receipts) this.#tally.add(receipt);
  }
}
