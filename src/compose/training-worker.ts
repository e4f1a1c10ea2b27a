import { CadreError, toCadreError } from '../core/errors.ts';
import type { ObjectRow, ObjectStore } from '../core/objects.ts';
import type { Clock } from '../core/ports.ts';
import type { TrainingEvent, TrainingJobBody } from '../core/training-job.ts';
import type { RunTraining } from './training-run.ts';
import { changeJob, eventOf, listJobs, tell } from './training-story.ts';

export interface WorkerParts {
  readonly objects: ObjectStore;
  readonly clock: Clock;
  /** Resolves when the time is over or the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Names this process among those that share the store. */
  readonly holder: string;
  /** Names this home, whichever process works in it. */
  readonly home: string;
  /** No other process works on this store, so a lease that is there is of a dead one. */
  readonly isAlone: boolean;
  readonly log: (line: string) => void;
  readonly run: RunTraining;
}

/** A job that ended its process this often is not begun again. */
const STARTS_MOST = 3;
const LEASE_MS = 30_000;
const RENEW_MS = 5_000;
/** How often jobs of other nodes are looked at. */
const LOOK_MS = 5_000;
/** Where no job can be found, none of them goes on. */
const LOOKING = 'training jobs';

/** Works on the jobs of the store, one at a time, oldest first, under a lease that it renews. */
export class TrainingWorker {
  readonly #parts: WorkerParts;
  readonly #onChange: () => void;
  readonly #closing = new AbortController();
  #woken = Promise.withResolvers<void>();
  #running: { readonly id: string; readonly stop: AbortController } | undefined;
  #working: Promise<void> | undefined;
  #trouble: { readonly where: string; readonly words: string } | undefined;

  constructor(parts: WorkerParts, onChange: () => void) {
    this.#parts = parts;
    this.#onChange = onChange;
  }

  /** Works until it is closed; a farm that serves one command starts with its first job. */
  start(): void {
    this.#working ??= this.#work(this.#closing.signal);
    this.#woken.resolve();
  }

  /** Why a job does not go on for now, e.g. a full disk, which its story cannot tell; undefined while it does. */
  troubleOf(id: string): string | undefined {
    const { where, words } = this.#trouble ?? {};
    return where === LOOKING || where === id ? words : undefined;
  }

  /** Ends the job's work at once, where it runs here. */
  stop(id: string, words: string): void {
    if (this.#running?.id === id) this.#running.stop.abort(stopped(words));
  }

  /** The job that runs is begun again at the next start. */
  async close(): Promise<void> {
    this.#closing.abort(new CadreError('shutting_down', 'the farm is stopping'));
    this.#woken.resolve();
    await this.#working;
  }

  async #work(signal: AbortSignal): Promise<void> {
    const { sleep } = this.#parts;
    while (!signal.aborted) {
      this.#woken = Promise.withResolvers<void>();
      const next = await this.#orTrouble(LOOKING, () => this.#next());
      if (next !== undefined) {
        const isDone = await this.#orTrouble(next.id, () => this.#run(next, signal));
        // Where not even the failure could be stored, the same at once would be the same again.
        if (!isDone) await sleep(LOOK_MS, signal);
        continue;
      }
      const waited = new AbortController();
      const looked = sleep(LOOK_MS, AbortSignal.any([signal, waited.signal]));
      await Promise.race([this.#woken.promise, looked]);
      waited.abort();
    }
  }

  /** Undefined where it fails, which is logged once and not at every look. */
  async #orTrouble<T>(where: string, work: () => Promise<T>): Promise<T | undefined> {
    const known = this.#trouble;
    try {
      const done = await work();
      if (known?.where === where) this.#trouble = undefined;
      return done;
    } catch (error) {
      const words = toCadreError(error).message;
      if (where !== known?.where || words !== known.words) this.#parts.log(`${where}: ${words}`);
      this.#trouble = { where, words };
      this.#onChange();
      return undefined;
    }
  }

  /** Takes the oldest job that nobody works on. */
  async #next(): Promise<ObjectRow | undefined> {
    const { objects, holder, home, isAlone, clock } = this.#parts;
    for (const row of await listJobs(objects)) {
      let isMine = false;
      const now = clock.now();
      const taken = await changeJob(objects, row.id, (found) => {
        const isFree =
          isAlone ||
          found.lease === null ||
          found.lease.holder === holder ||
          found.lease.until < now;
        const isHere = isAlone || found.home === undefined || found.home === home;
        const isOpen = found.status === 'queued' || found.status === 'running';
        isMine = isOpen && isFree && isHere;
        if (!isMine) return found;
        return {
          ...found,
          status: 'running',
          starts: found.starts + 1,
          times: { ...found.times, running: now },
          lease: { holder, until: now + LEASE_MS },
        };
      });
      if (isMine && taken !== undefined) return taken;
    }
    return undefined;
  }

  async #run(row: ObjectRow, stop: AbortSignal): Promise<true> {
    const { objects, clock, run } = this.#parts;
    const own = new AbortController();
    this.#running = { id: row.id, stop: own };
    const ended = new AbortController();
    const kept = this.#keep(row.id, own, ended.signal);
    // One after the other, so that each finds its place.
    let telling = Promise.resolve();
    const say = (event: Omit<TrainingEvent, 'place'>) => {
      telling = telling
        .then(() => tell(objects, row.id, event))
        .then(() => this.#onChange())
        .catch(() => undefined);
      return telling;
    };
    try {
      if (bodyOf(row).starts > STARTS_MOST)
        throw new CadreError(
          'worker_crashed',
          `the farm ended ${STARTS_MOST} times while it ran; try fewer rows, or more memory`,
        );
      await say(eventOf(clock.now(), 'Fine-tuning job started'));
      const signal = AbortSignal.any([stop, own.signal]);
      const requireOwn = () => this.#requireOwn(row.id, own);
      const { result, rows } = await run(row, { signal, requireOwn, say });
      await telling;
      await this.#finish(row.id, { status: 'succeeded', result, rows });
      await say(eventOf(clock.now(), 'The job has successfully completed', { result }));
    } catch (error) {
      await telling;
      // The farm stops, or somebody else has said what becomes of the job.
      if (stop.aborted) await this.#putBack(row.id).catch(() => undefined);
      if (stop.aborted || own.signal.aborted) return true;
      const { code, message, param = null } = toCadreError(error);
      await say(eventOf(clock.now(), message, { code }, 'error'));
      await this.#finish(row.id, { status: 'failed', error: { code, message, param } });
    } finally {
      this.#running = undefined;
      ended.abort();
      await kept;
      this.#onChange();
    }
    return true;
  }

  /** A farm that stops in order leaves the job to the next one. */
  async #putBack(id: string): Promise<void> {
    const { objects } = this.#parts;
    await changeJob(objects, id, (found) =>
      this.#isOwn(found)
        ? { ...found, status: 'queued', starts: found.starts - 1, lease: null }
        : found,
    );
  }

  async #finish(
    id: string,
    change: Pick<TrainingJobBody, 'status'> & Partial<TrainingJobBody>,
  ): Promise<void> {
    const { objects, clock } = this.#parts;
    const at = clock.now();
    await changeJob(objects, id, (found) =>
      this.#isOwn(found)
        ? { ...found, ...change, lease: null, times: { ...found.times, [change.status]: at } }
        : found,
    );
  }

  /** Rejects where the job was cancelled, or taken over, by any process. */
  async #requireOwn(id: string, own: AbortController): Promise<void> {
    const row = await this.#parts.objects.doGetObject('fine_tuning_job', id);
    if (row === undefined || !this.#isOwn(bodyOf(row)))
      own.abort(stopped('the job was taken away'));
    own.signal.throwIfAborted();
  }

  #isOwn({ status, lease }: TrainingJobBody): boolean {
    return status === 'running' && lease?.holder === this.#parts.holder;
  }

  /** Renews the lease; a job that was cancelled elsewhere, or is another's, is let go. */
  async #keep(id: string, own: AbortController, ended: AbortSignal): Promise<void> {
    const { objects, clock, holder, sleep } = this.#parts;
    for (;;) {
      await sleep(RENEW_MS, ended);
      if (ended.aborted) return;
      const until = clock.now() + LEASE_MS;
      const row = await changeJob(objects, id, (found) =>
        this.#isOwn(found) ? { ...found, lease: { holder, until } } : found,
      ).catch(() => undefined);
      const body = row && bodyOf(row);
      if (body !== undefined && !this.#isOwn(body)) own.abort(stopped('the job was taken away'));
    }
  }
}

function bodyOf(row: ObjectRow): TrainingJobBody {
  return row.body as TrainingJobBody;
}

function stopped(words: string): CadreError {
  return new CadreError('cancelled', words);
}
