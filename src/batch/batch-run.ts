import type {
  BatchBody,
  BatchCounts,
  BatchEnd,
  BatchProblem,
  LineProblem,
  LineResult,
} from '../core/batch.ts';
import type { Caller } from '../core/call.ts';
import type { ObjectRow } from '../core/stores.ts';
import { checkInput, inputGone, inputLines } from './check-input.ts';
import type { InputLine } from './lines.ts';
import type { RunParts } from './parts.ts';
import { changeBatch, Results } from './results.ts';

/** A lease outlives the longest line by this. */
const LEASE_MS = 60_000;
/** Tries of a line whose failure may pass. */
const TRIES = 3;
const RETRY_MOST_MS = 30_000;
/** What AbortSignal.timeout can hold. */
const TIMEOUT_MOST_MS = 2_147_483_647;

const CANCELLED: LineProblem = {
  code: 'batch_cancelled',
  message: 'The batch was cancelled before this request was run.',
};
const EXPIRED: LineProblem = {
  code: 'batch_expired',
  message: 'The completion window ended before this request was run.',
};

/**
 * One batch from wherever it stands to its end. Every result is recorded before the next step, so a
 * process that is killed at any place leaves a batch that another one can go on with.
 */
export class BatchRun {
  readonly #parts: RunParts;
  readonly #row: ObjectRow;
  readonly #results: Results;
  readonly #cancelled = new AbortController();
  readonly #signal: AbortSignal;
  /** A line was refused because the window is over. */
  #isExpired = false;
  #counts: BatchCounts = { total: 0, completed: 0, failed: 0 };

  constructor(parts: RunParts, row: ObjectRow) {
    this.#parts = parts;
    this.#row = row;
    this.#results = new Results(parts.objects, row.id);
    const left = Math.max(0, (row.body as BatchBody).deadline - parts.clock.now());
    this.#signal = AbortSignal.any([
      parts.stop,
      this.#cancelled.signal,
      AbortSignal.timeout(Math.min(left, TIMEOUT_MOST_MS)),
    ]);
  }

  /** Stops the lines that are running when the batch was cancelled. */
  notice(body: BatchBody): void {
    if (body.status === 'cancelling') this.#cancelled.abort();
  }

  /** Runs to the end of the batch, or until the farm stops; rejects when the store fails. */
  async run(): Promise<void> {
    let body = await this.#claim();
    if (body?.status === 'validating') body = await this.#validate(body);
    if (body === undefined || isOver(body)) return;
    this.notice(body);
    if (body.ending === null) {
      const end = await this.#work(body);
      if (this.#parts.stop.aborted) {
        await changeBatch(this.#parts.objects, this.#row.id, (found) => ({
          ...found,
          lease: null,
        }));
        return;
      }
      body = await this.#beginEnd(end);
    }
    if (body?.ending) await this.#finish(body.ending);
  }

  /** Takes the lease; undefined when another process was faster. */
  async #claim(): Promise<BatchBody | undefined> {
    const { objects, clock, holder } = this.#parts;
    const lease = this.#lease();
    const body = await changeBatch(objects, this.#row.id, (found) =>
      isFree(found, this.#parts, clock.now()) ? { ...found, lease } : found,
    );
    return body?.lease?.holder === holder ? body : undefined;
  }

  #lease(): NonNullable<BatchBody['lease']> {
    const { clock, holder, requestMs } = this.#parts;
    return { holder, until: clock.now() + requestMs + LEASE_MS };
  }

  /** Keeps the lease with every change, and hears of a cancellation. */
  async #change(change: (body: BatchBody) => BatchBody): Promise<BatchBody | undefined> {
    const lease = this.#lease();
    const body = await changeBatch(this.#parts.objects, this.#row.id, (found) => ({
      ...change(found),
      lease,
    }));
    if (body !== undefined) this.notice(body);
    return body;
  }

  async #validate(body: BatchBody): Promise<BatchBody | undefined> {
    const { total, problems } = await checkInput(this.#parts, body);
    const status = problems.length > 0 ? 'failed' : 'in_progress';
    return this.#change((found) =>
      // Cancelled in the meantime: it ends without a line run.
      found.status === 'validating'
        ? { ...this.#entered(found, status), problems, counts: { ...found.counts, total } }
        : { ...found, counts: { ...found.counts, total } },
    );
  }

  #entered(body: BatchBody, status: BatchBody['status']): BatchBody {
    return { ...body, status, times: { ...body.times, [status]: this.#parts.clock.now() } };
  }

  /** Gives every line without a result one; says how the batch ends. */
  async #work(body: BatchBody): Promise<BatchEnd> {
    const caller = await this.#parts.callerOf(this.#row.key);
    const lines = await inputLines(this.#parts, body);
    if (lines === undefined) return this.#fail(inputGone(body));
    if (caller === undefined)
      return this.#fail({ code: 'key_revoked', message: 'its key was revoked', line: null });
    const done = await this.#results.places();
    this.#counts = { total: body.counts.total, ...(await this.#results.count()) };
    let seen = 0;
    const takeLines = async () => {
      for await (const line of lines) {
        if (this.#parts.stop.aborted) return;
        seen += 1;
        if (!done.has(line.index)) await this.#serve(body, caller, line);
      }
    };
    const takers = Array.from({ length: this.#parts.concurrent }, takeLines);
    for (const taker of await Promise.allSettled(takers))
      if (taker.status === 'rejected') throw taker.reason;
    // A file that is deleted while it is read looks shorter than it was.
    if (!this.#parts.stop.aborted && seen < body.counts.total) return this.#fail(inputGone(body));
    if (this.#cancelled.signal.aborted) return 'cancelled';
    return this.#isExpired ? 'expired' : 'completed';
  }

  async #fail(problem: BatchProblem): Promise<BatchEnd> {
    await this.#change((found) => ({ ...found, problems: [...found.problems, problem] }));
    return 'failed';
  }

  async #serve(body: BatchBody, caller: Caller, { index, bytes }: InputLine): Promise<void> {
    const { wire, lineBytes, slots } = this.#parts;
    const line =
      bytes === undefined
        ? {
            customId: null,
            problem: { code: 'line_too_long', message: `A line has at most ${lineBytes} bytes.` },
          }
        : wire.readLine(bytes, body.endpoint);
    const refused = (problem: LineProblem): LineResult => ({
      isError: true,
      bytes: wire.printProblem(line.customId, problem),
    });
    const result =
      'problem' in line
        ? refused(line.problem)
        : await slots.hold(() => this.#runLine(body, caller, line, refused));
    if (result === undefined) return;
    await this.#results.record(index, result.isError, result.bytes);
    const { total, completed, failed } = this.#counts;
    this.#counts = result.isError
      ? { total, completed, failed: failed + 1 }
      : { total, completed: completed + 1, failed };
    await this.#change((found) => ({ ...found, counts: this.#counts }));
  }

  /** Undefined when the farm stops: the line is not done. */
  async #runLine(
    body: BatchBody,
    caller: Caller,
    line: { readonly customId: string; readonly body: LineOrderBody },
    refused: (problem: LineProblem) => LineResult,
  ): Promise<LineResult | undefined> {
    const { wire, clock, quietMs, requestMs, sleep, stop } = this.#parts;
    const signal = this.#signal;
    try {
      for (let attempt = 1; ; attempt += 1) {
        await wire.doWaitForQuiet(quietMs, { signal });
        const deadline = Math.min(clock.now() + requestMs, body.deadline);
        const order = { ...line, batch: this.#row.id, endpoint: body.endpoint, caller, deadline };
        const result = await wire.doRunLine({ ...order, headers: body.headers }, { signal });
        if (result.retryMs === undefined || attempt === TRIES) return result;
        await sleep(Math.min(result.retryMs * attempt, RETRY_MOST_MS), signal);
      }
    } catch (error) {
      if (stop.aborted) return undefined;
      if (!signal.aborted) throw error;
      if (this.#cancelled.signal.aborted) return refused(CANCELLED);
      this.#isExpired = true;
      return refused(EXPIRED);
    }
  }

  /** Names the files before they are written, so that a second try writes the same ones. */
  #beginEnd(status: BatchEnd): Promise<BatchBody | undefined> {
    const { wire } = this.#parts;
    const ending = { status, outputFile: wire.newFileId(), errorFile: wire.newFileId() };
    return this.#change((found) => ({
      ...(status === 'cancelled' ? found : this.#entered(found, 'finalizing')),
      ending,
    }));
  }

  async #finish({ status, ...files }: NonNullable<BatchBody['ending']>): Promise<void> {
    const { completed, failed } = await this.#results.count();
    // One after the other: when one fails, the other must not go on writing beside the next try.
    const outputFile = await this.#save(files.outputFile, completed, false);
    const errorFile = await this.#save(files.errorFile, failed, true);
    await changeBatch(this.#parts.objects, this.#row.id, (found) => ({
      ...this.#entered(found, status),
      counts: { total: Math.max(found.counts.total, completed + failed), completed, failed },
      outputFile,
      errorFile,
      ending: null,
      lease: null,
    }));
    await this.#results.drop();
  }

  async #save(id: string, count: number, isError: boolean): Promise<string | null> {
    if (count === 0) return null;
    const { wire, clock } = this.#parts;
    const { outputSeconds } = this.#row.body as BatchBody;
    const file = {
      id,
      key: this.#row.key,
      filename: `${this.#row.id}_${isError ? 'error' : 'output'}.jsonl`,
      expiresAt: clock.now() + outputSeconds * 1000,
    };
    await wire.doSaveFile(file, this.#results.lines(isError));
    return id;
  }
}

type LineOrderBody = Parameters<RunParts['wire']['doRunLine']>[0]['body'];

/** Nobody else works on it. */
export function isFree(
  { lease }: BatchBody,
  { isAlone, holder }: Pick<RunParts, 'isAlone' | 'holder'>,
  now: number,
): boolean {
  return isAlone || lease === null || lease.holder === holder || lease.until < now;
}

export function isOver({ status }: BatchBody): boolean {
  return (
    status === 'completed' || status === 'failed' || status === 'expired' || status === 'cancelled'
  );
}
