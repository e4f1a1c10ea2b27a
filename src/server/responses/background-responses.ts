import { CadreError, toCadreError } from '../../core/errors.ts';
import type { CadreEvent } from '../../core/events.ts';
import type { Farm } from '../../core/farm.ts';
import type { Admission } from '../admission.ts';
import { newObjectId } from '../identifiers.ts';
import { EventLog } from './event-log.ts';
import { keepResponse } from './keep-response.ts';
import type { ResponseRow, StoredResponse } from './response-row.ts';
import type { ResponseRun } from './response-run.ts';

/** A run that was to end by its deadline may take this long to be written down. */
const GRACE_MS = 30_000;
/** Events of an ended run stay this long for a reader who comes back. */
const REPLAY_MS = 300_000;
/** Logs of ended runs that are kept side by side; one of 4,000 tokens takes about a megabyte. */
const REPLAYS = 16;

interface LiveResponse {
  readonly controller: AbortController;
  readonly run: ResponseRun;
  readonly done: Promise<void>;
}

export interface BackgroundWork {
  /** As it was stored, queued. */
  readonly row: ResponseRow;
  readonly run: ResponseRun;
  readonly ask: (signal: AbortSignal) => AsyncIterable<CadreEvent>;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  /** Keep the events, for readers of its stream. */
  readonly isStreamed: boolean;
}

/**
 * Responses that run without a caller who waits. Each has its place among the running requests, so
 * that the farm's bounds and its orderly end hold for them too; each step is stored, and one whose
 * process is gone is found to have failed.
 */
export class BackgroundResponses {
  readonly #farm: Pick<Farm, 'objects' | 'config'>;
  readonly #admission: Admission;
  readonly #node = newObjectId('node_');
  readonly #live = new Map<string, LiveResponse>();
  readonly #logs = new Map<string, EventLog>();

  constructor(farm: Pick<Farm, 'objects' | 'config'>, admission: Admission) {
    this.#farm = farm;
    this.#admission = admission;
  }

  /** The mark of this process on a response that it is about to run. */
  markOf(deadline: number): { readonly node: string; readonly until: number } {
    return { node: this.#node, until: deadline + GRACE_MS };
  }

  /** Rejects with `shutting_down`; else the work runs on its own. */
  start(work: BackgroundWork): void {
    const controller = new AbortController();
    this.#admission.enterBehind(controller, work.row.key);
    const { id } = work.row;
    if (work.isStreamed) this.#logs.set(id, new EventLog());
    const timer = setTimeout(
      () => controller.abort(new CadreError('deadline_exceeded', 'the deadline passed')),
      Math.max(0, work.deadline - Date.now()),
    );
    const done = this.#perform(work, controller).finally(() => {
      clearTimeout(timer);
      this.#live.delete(id);
      this.#admission.leave(controller);
      this.#endLog(id);
    });
    this.#live.set(id, { controller, run: work.run, done });
  }

  /** The events of a run of this process that is streamed, now or a short time ago. */
  logOf(id: string): EventLog | undefined {
    return this.#logs.get(id);
  }

  /** A deleted response leaves no words behind. */
  forget(id: string): void {
    this.#logs.delete(id);
  }

  /** Stops a run of this process and waits until that is stored; false when it has none. */
  async cancel(id: string): Promise<boolean> {
    const live = this.#live.get(id);
    if (live === undefined) return false;
    live.run.cancel();
    live.controller.abort(new CadreError('cancelled', 'the response was cancelled'));
    await live.done;
    return true;
  }

  /**
   * A row as it stands: one that nobody can be running any more has failed. Only this process can
   * run what lies in the home's own database; elsewhere another node may, until the deadline.
   */
  async settled(row: ResponseRow): Promise<ResponseRow> {
    const { response, run } = row.body;
    if (run === undefined || this.#live.has(row.id)) return row;
    const isAlone = this.#farm.config.store.postgresEnv === undefined;
    const isForeign = run.node !== this.#node;
    if (!(isAlone && isForeign) && Date.now() < run.until) return row;
    const error = { code: 'server_error', message: 'the farm stopped while the response ran' };
    return this.#change(row, { response: { ...response, status: 'failed', error } });
  }

  /** Marks a response that another node runs as cancelled: what it finds will not be stored. */
  cancelElsewhere(row: ResponseRow): Promise<ResponseRow> {
    return this.#change(row, { response: { ...row.body.response, status: 'cancelled' } });
  }

  /** Where another was faster, what he wrote is told. */
  async #change(row: ResponseRow, change: Pick<StoredResponse, 'response'>): Promise<ResponseRow> {
    const { run: _over, ...rest } = row.body;
    const changed: ResponseRow = { ...row, body: { ...rest, ...change } };
    if (await this.#farm.objects.doChangeObject(changed, row.body)) return changed;
    const found = await this.#farm.objects.doGetObject('response', row.id);
    return (found as ResponseRow | undefined) ?? changed;
  }

  /** Never rejects: what goes wrong is the response's own failure. */
  async #perform(work: BackgroundWork, controller: AbortController): Promise<void> {
    const { run } = work;
    let { row } = work;
    const log = this.#logs.get(row.id);
    const pass = () => {
      const events = run.take();
      log?.push(events);
    };
    const keep = async (isOver: boolean) => {
      const { run: mark, input } = row.body;
      const body: StoredResponse = {
        response: run.response,
        input,
        ...(isOver || mark === undefined ? {} : { run: mark }),
      };
      const next: ResponseRow = { ...row, body };
      // False = deleted or cancelled meanwhile: then nobody may see what was found.
      if (await this.#farm.objects.doChangeObject(next, row.body)) row = next;
      else controller.abort(new CadreError('cancelled', 'the response is no longer wanted'));
    };
    pass();
    try {
      const events = keepResponse(work.ask(controller.signal), run, () => keep(true));
      for await (const event of events) {
        if (event.type === 'request-accepted') await keep(false);
        if (event.type === 'request-failed') break;
        pass();
      }
    } catch (thrown) {
      run.fail(toCadreError(thrown));
    }
    if (!run.isOver) run.fail(new CadreError('internal', 'the stream ended without an answer'));
    pass();
    // What cannot be stored now is found to have failed when somebody asks.
    if (row.body.run !== undefined) await keep(true).catch(() => undefined);
  }

  #endLog(id: string): void {
    const log = this.#logs.get(id);
    if (log === undefined) return;
    log.end();
    setTimeout(() => this.#logs.delete(id), REPLAY_MS).unref();
    const ended = [...this.#logs].filter(([, one]) => one.isOver);
    for (const [oldest] of ended.slice(0, -REPLAYS)) this.#logs.delete(oldest);
  }
}
