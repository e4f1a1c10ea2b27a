import { CadreError, toCadreError } from '../core/errors.ts';
import type { Clock } from '../core/ports.ts';
import type { ShadowJob, ShadowQueue } from './shadow-queue.ts';

/** What was begun: whether it works on this machine, and its end: false where it was stopped. */
interface Begun {
  readonly isLocal: boolean;
  readonly done: Promise<boolean>;
}

interface RunnerParts<Job extends ShadowJob> {
  readonly queue: ShadowQueue<Job>;
  readonly clock: Pick<Clock, 'now' | 'elapsed'>;
  /** How many requests of callers run. */
  readonly generations: { readonly activeCount: number };
  readonly isDraining: () => boolean;
  /**
   * Undefined where nobody is asked. While the farm is not idle only what works elsewhere is begun;
   * the rest is to be asked `later`.
   */
  readonly begin: (
    job: Job,
    options: { readonly signal: AbortSignal; readonly isIdle: boolean },
  ) => Promise<Begun | 'later' | undefined>;
  readonly onDrop: (reason: 'gave-way' | 'failed') => void;
  readonly log: (line: string) => void;
}

/** Looks that often while something waits, and not at all otherwise. */
const LOOK_MS = 200;
/** Time without a request after which a farm is idle. */
const QUIET_MS = 500;
/** Begun so often, it gives up. */
const TRIES = 3;
/** A farm that is never idle asks other machines all the same, after this time and now and then. */
const PATIENCE_MS = 60_000;
const BUSY_LOOK_MS = 1000;
const LOG_MS = 60_000;

/** Works on one waiting request at a time, on this machine only while the farm is idle. */
export class ShadowRunner<Job extends ShadowJob = ShadowJob> {
  readonly #parts: RunnerParts<Job>;
  #signal: AbortSignal | undefined;
  #timer: NodeJS.Timeout | undefined;
  #busyAt = Number.NEGATIVE_INFINITY;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #loggedAt = Number.NEGATIVE_INFINITY;
  #running: Promise<void> | undefined;
  #stop: AbortController | undefined;
  #isLocal = true;

  constructor(parts: RunnerParts<Job>) {
    this.#parts = parts;
  }

  /** Whether it works at all; a farm without a port does not. */
  get isOpen(): boolean {
    return this.#signal !== undefined && !this.#signal.aborted;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** Until the signal aborts; what runs then is ended. */
  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    if (!signal.aborted)
      await new Promise<void>((ended) =>
        signal.addEventListener('abort', () => ended(), { once: true }),
      );
    clearTimeout(this.#timer);
    this.#parts.queue.clear();
    this.#stop?.abort(new CadreError('cancelled', 'the farm is stopping'));
    await this.#running;
  }

  /** A request came: what works on this machine stops, what waits goes on waiting. */
  giveWay(): void {
    this.#busyAt = this.#parts.clock.elapsed();
    if (this.#isLocal) this.#stop?.abort(new CadreError('cancelled', 'a request came'));
  }

  /** Something waits. */
  wake(): void {
    if (this.#timer !== undefined || this.isRunning || !this.isOpen) return;
    if (this.#parts.queue.length === 0) return;
    this.#timer = setTimeout(() => this.#look(), LOOK_MS).unref();
  }

  get #isBusy(): boolean {
    return this.#parts.generations.activeCount > 0;
  }

  #look(): void {
    this.#timer = undefined;
    const { clock, isDraining, queue } = this.#parts;
    const now = clock.elapsed();
    if (this.#isBusy) this.#busyAt = now;
    const isIdle = now - this.#busyAt >= QUIET_MS;
    const isPatient = clock.now() - (queue.oldestAt ?? clock.now()) < PATIENCE_MS;
    const isLooking = isIdle || (!isPatient && now - this.#lookedAt >= BUSY_LOOK_MS);
    const job = isLooking && !isDraining() ? queue.take(clock.now()) : undefined;
    if (job === undefined) {
      this.wake();
      return;
    }
    this.#lookedAt = now;
    this.#running = this.#work(job, isIdle).finally(() => {
      this.#running = undefined;
      this.wake();
    });
  }

  async #work(job: Job, isIdle: boolean): Promise<void> {
    const { begin, queue, isDraining, onDrop } = this.#parts;
    const stop = new AbortController();
    this.#stop = stop;
    // Until it is known to work elsewhere.
    this.#isLocal = isIdle;
    const watch = setInterval(() => {
      if (this.#isLocal && (this.#isBusy || isDraining())) this.giveWay();
    }, LOOK_MS).unref();
    let isDone = true;
    try {
      const begun = await begin(job, { signal: stop.signal, isIdle });
      if (begun === 'later') queue.push(job);
      else {
        this.#isLocal = begun?.isLocal ?? true;
        isDone = (await begun?.done) ?? true;
      }
    } catch (error) {
      onDrop('failed');
      this.#tell(toCadreError(error).message);
    } finally {
      clearInterval(watch);
      this.#stop = undefined;
      if (!isDone && this.isOpen) this.#giveBack(job);
    }
  }

  #giveBack(job: Job): void {
    const tries = job.tries + 1;
    if (tries < TRIES) this.#parts.queue.putBack({ ...job, tries });
    else this.#parts.onDrop('gave-way');
  }

  #tell(message: string): void {
    const now = this.#parts.clock.elapsed();
    if (now - this.#loggedAt < LOG_MS) return;
    this.#loggedAt = now;
    this.#parts.log(`a shadow run failed: ${message}`);
  }
}
