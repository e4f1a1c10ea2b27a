import type {
  BatchBody,
  BatchCounts,
  BatchEnd,
  BatchProblem,
  LineProblem,
  LineResult,
} from '../core/batch.ts';
import type { Caller } from '../core/call.ts';
import type { ObjectRow } from '../core/objects.ts';
import { checkInput, inputGone, inputLines, lineTooLong } from './check-input.ts';
import { BatchLease, isOver } from './lease.ts';
import type { InputLine } from './lines.ts';
import type { RunParts } from './parts.ts';
import { Results } from './results.ts';

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
  readonly #lease: BatchLease;
  readonly #cancelled = new AbortController();
  readonly #signal: AbortSignal;
  /** A line was refused because the window is over. */
  #isExpired = false;
  #counts: BatchCounts = { total: 0, completed: 0, failed: 0 };

  constructor(parts: RunParts, row: ObjectRow) {
    this.#parts = parts;
    this.#row = row;
    this.#results = new Results(parts.objects, row.id);
    this.#lease = new BatchLease(parts, row.id, (body) => this.notice(body));
    const left = Math.max(0, (row.body as BatchBody).deadline - parts.clock.now());
    this.#signal = AbortSignal.any([
      parts.stop,
      this.#lease.lost,
      this.#cancelled.signal,
      AbortSignal.timeout(Math.min(left, TIMEOUT_MOST_MS)),
    ]);
  }

  /** Stops the lines that are running when the batch was cancelled. */
  notice(body: BatchBody): void {
    if (body.status === 'cancelling') this.#cancelled.abort();
  }

  /**
   * Runs to the end of the batch, until the farm stops, or until the batch is another node's; rejects
   * when the store fails.
   */
  async run(): Promise<void> {
    const body = await this.#lease.claim();
    if (body === undefined) return;
    const over = new AbortController();
    const kept = this.#lease.keep(over.signal);
    try {
      await this.#runHeld(body);
    } catch (error) {
      // That another node has the batch is no trouble.
      if (!this.#lease.lost.aborted) throw error;
    } finally {
      over.abort();
      await kept;
    }
  }

  async #runHeld(claimed: BatchBody): Promise<void> {
    let body: BatchBody | undefined = claimed;
    if (body.status === 'validating') body = await this.#validate(body);
    if (body === undefined || isOver(body)) return;
    if (body.ending === null) {
      const end = await this.#work(body);
      if (this.#isHalted) return this.#lease.lost.aborted ? undefined : this.#lease.release();
      body = await this.#beginEnd(end);
    }
    if (body?.ending) await this.#finish(body.ending);
  }

  /** Nothing more may be done here; another node, or this one later, goes on. */
  get #isHalted(): boolean {
    return this.#parts.stop.aborted || this.#lease.lost.aborted;
  }

  async #validate(body: BatchBody): Promise<BatchBody | undefined> {
    const { total, problems } = await checkInput(this.#parts, body);
    const status = problems.length > 0 ? 'failed' : 'in_progress';
    return this.#lease.change((found) =>
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
        if (this.#isHalted) return;
        seen += 1;
        if (!done.has(line.index)) await this.#serve(body, caller, line);
      }
    };
    const takers = Array.from({ length: this.#parts.concurrent }, takeLines);
    for (const taker of await Promise.allSettled(takers))
      if (taker.status === 'rejected') throw taker.reason;
    // A file that is deleted while it is read looks shorter than it was.
    if (!this.#isHalted && seen < body.counts.total) return this.#fail(inputGone(body));
    if (this.#cancelled.signal.aborted) return 'cancelled';
    return this.#isExpired ? 'expired' : 'completed';
  }

  async #fail(problem: BatchProblem): Promise<BatchEnd> {
    await this.#lease.change((found) => ({ ...found, problems: [...found.problems, problem] }));
    return 'failed';
  }

  async #serve(
    body: BatchBody,
    caller: Caller,
    { index, line: number, bytes }: InputLine,
  ): Promise<void> {
    const { wire, slots } = this.#parts;
    const line =
      bytes === undefined
        ? { customId: null, problem: lineTooLong(this.#parts) }
        : wire.readLine(bytes, body.endpoint);
    const refused = (problem: LineProblem): LineResult => ({
      isError: true,
      bytes: wire.printProblem(line.customId, { ...problem, line: number }),
    });
    const result =
      'problem' in line
        ? refused(line.problem)
        : await slots.hold(() => this.#runLine(body, caller, line, refused));
    if (result === undefined || this.#lease.lost.aborted) return;
    await this.#results.record(index, result.isError, result.bytes);
    const { total, completed, failed } = this.#counts;
    this.#counts = result.isError
      ? { total, completed, failed: failed + 1 }
      : { total, completed: completed + 1, failed };
    await this.#lease.change((found) => ({ ...found, counts: this.#counts }));
  }

  /** Undefined when the farm stops or the batch is lost: the line is not done. */
  async #runLine(
    body: BatchBody,
    caller: Caller,
    line: { readonly customId: string; readonly body: LineOrderBody },
    refused: (problem: LineProblem) => LineResult,
  ): Promise<LineResult | undefined> {
    const { wire, clock, quietMs, requestMs, sleep } = this.#parts;
    const signal = this.#signal;
    try {
      for (let attempt = 1; ; attempt += 1) {
        await wire.doWaitForQuiet(quietMs, { signal });
        await this.#lease.confirm();
        const deadline = Math.min(clock.now() + requestMs, body.deadline);
        const order = { ...line, batch: this.#row.id, endpoint: body.endpoint, caller, deadline };
        const result = await wire.doRunLine({ ...order, headers: body.headers }, { signal });
        if (result.retryMs === undefined || attempt === TRIES) return result;
        await sleep(Math.min(result.retryMs * attempt, RETRY_MOST_MS), signal);
      }
    } catch (error) {
      if (this.#isHalted) return undefined;
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
    return this.#lease.change((found) => ({
      ...(status === 'cancelled' ? found : this.#entered(found, 'finalizing')),
      ending,
    }));
  }

  async #finish({ status, ...files }: NonNullable<BatchBody['ending']>): Promise<void> {
    const { completed, failed } = await this.#results.count();
    // One after the other: when one fails, the other must not go on writing beside the next try.
    const outputFile = await this.#save(files.outputFile, completed, false);
    const errorFile = await this.#save(files.errorFile, failed, true);
    const ended = await this.#lease.change((found) => ({
      ...this.#entered(found, status),
      counts: { total: Math.max(found.counts.total, completed + failed), completed, failed },
      outputFile,
      errorFile,
      ending: null,
      lease: null,
    }));
    if (ended !== undefined) await this.#results.drop();
  }

  async #save(id: string, count: number, isError: boolean): Promise<string | null> {
    if (count === 0) return null;
    await this.#lease.confirm();
    const { wire, clock } = this.#parts;
    const { outputSeconds } = this.#row.body as BatchBody;
    const file = {
      id,
      key: this.#row.key,
      filename: `${this.#row.id}_${isError ? 'error' : 'output'}.jsonl`,
      expiresAt: clock.now() + outputSeconds * 1000,
    };
    await wire.doSaveFile(file, this.#lines(isError, count));
    return id;
  }

  /** A node that took over may end the batch meanwhile; what it dropped must not look like the end. */
  async *#lines(isError: boolean, count: number): AsyncGenerator<Uint8Array, void, void> {
    let seen = 0;
    for await (const line of this.#results.lines(isError)) {
      this.#lease.lost.throwIfAborted();
      seen += 1;
      yield line;
    }
    if (seen !== count) throw new Error(`${this.#row.id} has ${seen} of ${count} results`);
  }
}

type LineOrderBody = Parameters<RunParts['wire']['doRunLine']>[0]['body'];
