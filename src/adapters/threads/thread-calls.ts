import { Worker } from 'node:worker_threads';
import { CadreError } from '../../core/errors.ts';

export interface ThreadCall {
  readonly call: number;
  readonly name: string;
  readonly values: readonly unknown[];
}

export type ThreadReply =
  | { readonly call: number; readonly value: unknown }
  | { readonly call: number; readonly error: string };

export interface ThreadCalls {
  /** Rejects with `worker_crashed` when the thread dies or takes too long; the next call starts a fresh one. */
  call(name: string, values: readonly unknown[]): Promise<unknown>;
  /** Ends the thread and what it holds; later calls reject with `shutting_down`. */
  doClose(): Promise<void>;
}

export interface ThreadOptions {
  /** File of the worker, which answers every ThreadCall with one ThreadReply. */
  readonly workerFile: URL;
  /** What the worker finds as its `workerData`. */
  readonly data?: unknown;
  /** A call may take so long; 120 when absent. */
  readonly seconds?: number;
  /** Heap of the thread; 2048 when absent. */
  readonly megabytes?: number;
}

/**
 * For what lives but for a moment. A thread does not give it back: with the runtime's own 48 it would
 * always hold some 20 MB more after the first busy minute. Indexing takes 5 % more processor time.
 */
const YOUNG_MEGABYTES = 12;

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

/** Calls into one worker thread, which starts with the first call and does not keep the process alive. */
export function createThreadCalls(options: ThreadOptions): ThreadCalls {
  const host = new ThreadHost(options);
  return {
    call: (name, values) => host.call(name, values),
    doClose: () => host.close(),
  };
}

class ThreadHost {
  readonly #options: ThreadOptions;
  readonly #pending = new Map<number, Pending>();
  #worker: Worker | undefined;
  #calls = 0;
  #isClosed = false;

  constructor(options: ThreadOptions) {
    this.#options = options;
  }

  call(name: string, values: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) throw new CadreError('shutting_down', 'the thread is closed');
      this.#worker ??= this.#start();
      const worker = this.#worker;
      const seconds = this.#options.seconds ?? 120;
      this.#calls += 1;
      worker.postMessage({ call: this.#calls, name, values } satisfies ThreadCall);
      worker.ref();
      const overdue = () => this.#fail(worker, `${name} took longer than ${seconds} s`);
      this.#pending.set(this.#calls, {
        resolve,
        reject,
        timer: setTimeout(overdue, seconds * 1000),
      });
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const worker = this.#worker;
    if (worker === undefined) return;
    this.#fail(worker, 'the thread was ended');
    worker.ref();
    await worker.terminate();
  }

  #start(): Worker {
    const worker = new Worker(this.#options.workerFile, {
      env: {},
      workerData: this.#options.data,
      resourceLimits: {
        maxOldGenerationSizeMb: this.#options.megabytes ?? 2048,
        maxYoungGenerationSizeMb: YOUNG_MEGABYTES,
      },
    });
    worker.on('message', (reply: ThreadReply) => this.#settle(worker, reply));
    worker.on('error', (error) => this.#fail(worker, `the thread stopped: ${error.message}`));
    worker.on('exit', () => this.#fail(worker, 'the thread stopped'));
    worker.unref();
    return worker;
  }

  #settle(worker: Worker, reply: ThreadReply): void {
    const one = this.#pending.get(reply.call);
    if (one === undefined) return;
    this.#pending.delete(reply.call);
    clearTimeout(one.timer);
    if (this.#pending.size === 0) worker.unref();
    if ('error' in reply) one.reject(new CadreError('internal', reply.error));
    else one.resolve(reply.value);
  }

  #fail(worker: Worker, reason: string): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    void worker.terminate();
    for (const one of this.#pending.values()) {
      clearTimeout(one.timer);
      one.reject(new CadreError('worker_crashed', reason));
    }
    this.#pending.clear();
  }
}
