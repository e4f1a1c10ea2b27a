import { type Caller, OPERATOR } from '../core/call.ts';
import type { JsonObject } from '../core/chat.ts';
import { idSchema } from '../core/config-words.ts';
import { CadreError } from '../core/errors.ts';
import type { ObjectRow } from '../core/objects.ts';
import {
  isOfOneHome,
  isOverJob,
  type TrainingEvent,
  type TrainingJobBody,
  type TrainingJobs,
  type TrainingOrderWords,
  type TrainingStatus,
} from '../core/training-job.ts';
import {
  changeJob,
  eventOf,
  listJobs,
  readStory,
  tell,
  troubleEvent,
  waitingEvent,
} from './training-story.ts';
import { requireWay } from './training-ways.ts';
import { TrainingWorker, type WorkerParts } from './training-worker.ts';

export interface JobParts extends WorkerParts {
  readonly newId: () => string;
  /** Rejects where an adapter could not be made now. */
  readonly requireAdapter: (order: TrainingOrderWords) => Promise<void>;
  /** Whose the name is, or why nobody may take it. */
  readonly nameTaken: (name: string) => string | undefined;
  /** Id of the key that made the newest version of a name. */
  readonly ownerOf: (name: string) => Promise<string | undefined>;
}

/** Jobs that wait, over all keys and of one. */
const WAITING_MOST = 200;
const WAITING_PER_KEY = 20;
const FOLLOW_MS = 1_000;
const NAME_LENGTH = 64;

const OPEN: ReadonlySet<TrainingStatus> = new Set(['queued', 'running', 'paused']);

/**
 * Training jobs, one at a time, oldest first; their state lies in the store. A job that a process left
 * is begun again from its rows, which gives the same bytes.
 */
export class TrainingQueue implements TrainingJobs {
  readonly #parts: JobParts;
  readonly #worker: TrainingWorker;
  #changed = Promise.withResolvers<void>();

  constructor(parts: JobParts) {
    this.#parts = parts;
    this.#worker = new TrainingWorker(parts, () => this.#tellFollowers());
  }

  async create(order: TrainingOrderWords, caller: Caller, wire: JsonObject): Promise<ObjectRow> {
    const { objects, clock, newId, home } = this.#parts;
    await this.#requireName(order.name, caller);
    requireWay(order);
    if (order.kind === 'adapter') await this.#parts.requireAdapter(order);
    const before = await this.#requireTurn(order.name, caller);
    const at = clock.now();
    const body: TrainingJobBody = {
      order,
      ...(caller.principals.includes(OPERATOR) ? {} : { isPrivate: true }),
      ...(isOfOneHome(order) ? { home } : {}),
      status: 'queued',
      times: { queued: at },
      error: null,
      result: null,
      rows: null,
      starts: 0,
      wire,
      lease: null,
    };
    const row: ObjectRow = {
      kind: 'fine_tuning_job',
      id: newId(),
      key: caller.key,
      createdAt: at,
      body,
    };
    await objects.doPutObject(row);
    await tell(objects, row.id, eventOf(at, `Created fine-tuning job: ${row.id}`, { job: row.id }));
    const last = before.at(-1);
    if (last !== undefined)
      await tell(objects, row.id, waitingEvent(at, last, before.length, caller));
    const unused = wire['unused'];
    if (Array.isArray(unused) && unused.length > 0)
      await tell(objects, row.id, eventOf(at, unusedWords(unused.map(String)), {}, 'warn'));
    this.start();
    return row;
  }

  cancel(id: string): Promise<TrainingJobBody | undefined> {
    return this.#set(id, 'cancelled', ['queued', 'running', 'paused'], 'The job was cancelled.');
  }

  pause(id: string): Promise<TrainingJobBody | undefined> {
    return this.#set(id, 'paused', ['queued', 'running'], 'The job was paused.');
  }

  resume(id: string): Promise<TrainingJobBody | undefined> {
    return this.#set(id, 'queued', ['paused'], 'The job was resumed; it waits for its turn.');
  }

  events(id: string): Promise<readonly TrainingEvent[]> {
    return readStory(this.#parts.objects, id);
  }

  async *follow(id: string, signal: AbortSignal): AsyncGenerator<TrainingEvent, void, void> {
    const { objects, sleep, clock } = this.#parts;
    // By place: of two that are told at once the later place may be filled first.
    const told = new Set<number>();
    let known: string | undefined;
    while (!signal.aborted) {
      const changed = this.#changed.promise;
      const trouble = this.#worker.troubleOf(id);
      if (trouble !== undefined && trouble !== known) yield troubleEvent(clock.now(), trouble);
      known = trouble;
      // The state first: what was told before it ended is in the story that is read after.
      const row = await objects.doGetObject('fine_tuning_job', id);
      for (const event of await readStory(objects, id)) {
        if (told.has(event.place)) continue;
        told.add(event.place);
        yield event;
      }
      if (row === undefined || isOverJob(bodyOf(row))) return;
      const waited = new AbortController();
      await Promise.race([changed, sleep(FOLLOW_MS, AbortSignal.any([signal, waited.signal]))]);
      waited.abort();
    }
  }

  /** Begins to work on what waits. */
  start(): void {
    this.#worker.start();
    this.#tellFollowers();
  }

  close(): Promise<void> {
    return this.#worker.close();
  }

  #tellFollowers(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }

  async #set(
    id: string,
    status: TrainingStatus,
    from: readonly TrainingStatus[],
    words: string,
  ): Promise<TrainingJobBody | undefined> {
    const { objects, clock } = this.#parts;
    const at = clock.now();
    let isChanged = false;
    const row = await changeJob(objects, id, (found) => {
      isChanged = from.includes(found.status);
      return isChanged
        ? // Who stops a job by hand has not seen it end the farm.
          { ...found, status, starts: 0, lease: null, times: { ...found.times, [status]: at } }
        : found;
    });
    if (row === undefined) return undefined;
    if (isChanged) {
      this.#worker.stop(id, words);
      await tell(objects, id, eventOf(at, words));
    }
    this.#tellFollowers();
    return bodyOf(row);
  }

  /** A place in the line, and a name that no other key's job waits for; the jobs that are begun before. */
  async #requireTurn(name: string, caller: Caller): Promise<readonly ObjectRow[]> {
    const waiting = (await listJobs(this.#parts.objects)).filter((row) =>
      OPEN.has(bodyOf(row).status),
    );
    const own = waiting.filter((row) => row.key === caller.key);
    if (waiting.length >= WAITING_MOST || own.length >= WAITING_PER_KEY)
      throw new CadreError(
        'overloaded',
        own.length >= WAITING_PER_KEY
          ? `${own.length} training jobs of this key wait already`
          : `${waiting.length} training jobs wait already`,
        { retryAfter: 60 },
      );
    const isForeign = waiting.some(
      (row) => row.key !== caller.key && bodyOf(row).order.name === name,
    );
    if (isForeign && !caller.principals.includes(OPERATOR)) throw foreignName(name);
    return waiting.filter((row) => bodyOf(row).status !== 'paused');
  }

  async #requireName(name: string, caller: Caller): Promise<void> {
    const isName = idSchema.safeParse(name).success && name.length <= NAME_LENGTH;
    if (!isName)
      throw new CadreError(
        'invalid_request',
        `“${name.slice(0, 100)}” is no name: lower-case letters, digits, dot, dash and underscore, at most ${NAME_LENGTH}`,
        { param: 'name' },
      );
    const holder = this.#parts.nameTaken(name);
    if (holder !== undefined)
      throw new CadreError('conflict', `“${name}” is ${holder}; choose another name`, {
        param: 'name',
      });
    const owner = await this.#parts.ownerOf(name);
    if (owner === undefined || owner === caller.key) return;
    if (caller.principals.includes(OPERATOR)) return;
    throw foreignName(name);
  }
}

function foreignName(name: string): CadreError {
  return new CadreError('conflict', `“${name}” is another key’s; choose another name`, {
    param: 'name',
  });
}

function unusedWords(names: readonly string[]): string {
  return `${names.join(', ')} ${names.length === 1 ? 'has' : 'have'} no effect: the ladder chooses by itself`;
}

function bodyOf(row: ObjectRow): TrainingJobBody {
  return row.body as TrainingJobBody;
}
