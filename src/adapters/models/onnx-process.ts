import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { CadreError } from '../../core/errors.ts';
import type { OnnxReply, OnnxRequest } from './onnx-protocol.ts';

type Unnumbered<T> = T extends { readonly call: number } ? Omit<T, 'call'> : never;
export type OnnxCall = Unnumbered<Exclude<OnnxRequest, { type: 'cancel' }>>;
export type OnnxAnswer = Exclude<OnnxReply, { type: 'failed' | 'progress' }>;

export interface OnnxProcessOptions {
  /** Entry point of the child; the ONNX worker when absent. */
  readonly workerFile?: string;
  /** A child with work and without a sign of life for this long is ended; 60 when absent. */
  readonly stallSeconds?: number;
  /** Called when calls are under way, and when none is any more. */
  readonly onBusy?: (isBusy: boolean) => void;
  /** Milliseconds of a clock that never goes back. */
  readonly elapsed?: () => number;
}

interface Pending {
  resolve(answer: OnnxAnswer): void;
  reject(error: unknown): void;
}

const WORKER_FILE = fileURLToPath(new URL('../../workers/onnx.ts', import.meta.url));
const BACKOFF_FIRST_MS = 500;
const BACKOFF_MOST_MS = 30_000;
const STDERR_KEPT = 2000;

/**
 * The child process of all ONNX models. It starts with the first call and again with the next call
 * after a crash: at once after the first, then after 0.5, 1, 2 … 30 s; a call in that time rejects
 * with `worker_crashed` and the seconds to wait, as do the calls that were under way.
 */
export class OnnxProcess {
  readonly #workerFile: string;
  readonly #stallMs: number;
  readonly #elapsed: () => number;
  readonly #onBusy: (isBusy: boolean) => void;
  readonly #pending = new Map<number, Pending>();
  #child: ChildProcess | undefined;
  #watchdog: NodeJS.Timeout | undefined;
  #memoryBytes = 0;
  #callCount = 0;
  #crashCount = 0;
  #startAfter = 0;
  #closed = false;
  #isBusy = false;

  constructor(options: OnnxProcessOptions = {}) {
    this.#workerFile = options.workerFile ?? WORKER_FILE;
    this.#stallMs = (options.stallSeconds ?? 60) * 1000;
    this.#elapsed = options.elapsed ?? (() => performance.now());
    this.#onBusy = options.onBusy ?? (() => undefined);
  }

  /** Resident bytes at the last report; 0 while no child runs. */
  get memoryBytes(): number {
    return this.#memoryBytes;
  }

  /** Process id; undefined while no child runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  doCall(call: OnnxCall, signal: AbortSignal): Promise<OnnxAnswer> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const child = this.#running();
      this.#callCount += 1;
      const number = this.#callCount;
      const onAbort = () => {
        this.#pending.delete(number);
        this.#watch();
        if (this.#child === child) child.send({ type: 'cancel', call: number }, ignoreFailure);
        reject(signal.reason);
      };
      const settled = () => signal.removeEventListener('abort', onAbort);
      signal.addEventListener('abort', onAbort, { once: true });
      this.#pending.set(number, {
        resolve: (answer) => {
          settled();
          resolve(answer);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      });
      if (this.#pending.size === 1) this.#watch();
      child.send({ ...call, call: number }, ignoreFailure);
    });
  }

  async doClose(): Promise<void> {
    this.#closed = true;
    const child = this.#child;
    if (child === undefined) return;
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  #running(): ChildProcess {
    if (this.#closed) throw new CadreError('shutting_down', 'the ONNX process was stopped');
    if (this.#child !== undefined) return this.#child;
    const wait = this.#startAfter - this.#elapsed();
    if (wait > 0) {
      throw new CadreError(
        'worker_crashed',
        `the ONNX process ended ${this.#crashCount} times in a row`,
        { retryAfter: Math.ceil(wait / 1000) },
      );
    }
    const child = spawnWorker(this.#workerFile, (reason) => {
      if (this.#child === child) this.#onEnd(reason);
    });
    child.on('message', (reply: OnnxReply) => this.#onReply(reply));
    this.#child = child;
    return child;
  }

  #onReply(reply: OnnxReply): void {
    const waiting = this.#pending.get(reply.call);
    if (reply.type !== 'progress') this.#pending.delete(reply.call);
    this.#watch();
    if (reply.type === 'progress') return;
    if (reply.type === 'failed') {
      waiting?.reject(new CadreError(reply.code, reply.message));
      return;
    }
    this.#crashCount = 0;
    this.#memoryBytes = reply.memoryBytes;
    waiting?.resolve(reply);
  }

  #onEnd(reason: string): void {
    this.#child = undefined;
    this.#memoryBytes = 0;
    this.#crashCount += 1;
    const wait = this.#crashCount < 2 ? 0 : BACKOFF_FIRST_MS * 2 ** (this.#crashCount - 2);
    this.#startAfter = this.#elapsed() + Math.min(BACKOFF_MOST_MS, wait);
    const error = this.#closed
      ? new CadreError('shutting_down', 'the ONNX process was stopped')
      : new CadreError('worker_crashed', `the ONNX process ended: ${reason}`, { retryAfter: 1 });
    for (const waiting of this.#pending.values()) waiting.reject(error);
    this.#pending.clear();
    this.#watch();
  }

  #watch(): void {
    clearTimeout(this.#watchdog);
    this.#watchdog = undefined;
    const isBusy = this.#pending.size > 0;
    if (isBusy !== this.#isBusy) this.#onBusy(isBusy);
    this.#isBusy = isBusy;
    if (!isBusy) return;
    this.#watchdog = setTimeout(() => this.#child?.kill('SIGKILL'), this.#stallMs);
    this.#watchdog.unref();
  }
}

/** The channel of a dying child refuses messages; its end rejects the calls, so nothing is lost. */
function ignoreFailure(_error: Error | null): void {}

function spawnWorker(file: string, onEnd: (reason: string) => void): ChildProcess {
  const child = fork(file, {
    serialization: 'advanced',
    execArgv: [],
    env: {},
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-STDERR_KEPT);
  });
  child.on('error', (error) => onEnd(error.message));
  child.on('close', (code, signal) => {
    const line = complaint.split('\n').findLast((text) => /error/i.test(text)) ?? '';
    onEnd(`${signal ?? `exit code ${code}`}${line === '' ? '' : `, ${line.trim()}`}`);
  });
  return child;
}
