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
  /** Ends the thread and what it holds; the next call starts a fresh one. */
  doEnd(): Promise<void>;
  doClose(): Promise<void>;
}

export interface ThreadOptions {
  /** File of the worker, which answers every ThreadCall with one ThreadReply. */
  readonly workerFile: URL;
  /** A call may take so long; 120 when absent. */
  readonly seconds?: number;
  /** Heap of the thread; 2048 when absent. */
  readonly megabytes?: number;
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

/** Calls into one worker thread, which starts with the first call and does not keep the process alive. */
export function createThreadCalls(options: ThreadOptions): ThreadCalls {
  const seconds = options.seconds ?? 120;
  const pending = new Map<number, Pending>();
  let worker: Worker | undefined;
  let calls = 0;
  let isClosed = false;

  const fail = (died: Worker, reason: string) => {
    if (worker !== died) return;
    worker = undefined;
    void died.terminate();
    for (const one of pending.values()) {
      clearTimeout(one.timer);
      one.reject(new CadreError('worker_crashed', reason));
    }
    pending.clear();
  };
  const start = () => {
    const started = new Worker(options.workerFile, {
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: options.megabytes ?? 2048 },
    });
    started.on('message', (reply: ThreadReply) => settle(reply));
    started.on('error', (error) => fail(started, `the thread stopped: ${error.message}`));
    started.on('exit', () => fail(started, 'the thread stopped'));
    started.unref();
    return started;
  };
  const settle = (reply: ThreadReply) => {
    const one = pending.get(reply.call);
    if (one === undefined) return;
    pending.delete(reply.call);
    clearTimeout(one.timer);
    if (pending.size === 0) worker?.unref();
    if ('error' in reply) one.reject(new CadreError('internal', reply.error));
    else one.resolve(reply.value);
  };

  const end = async () => {
    const current = worker;
    if (current === undefined) return;
    fail(current, 'the thread was ended');
    await current.terminate();
  };

  return {
    call: (name, values) =>
      new Promise((resolve, reject) => {
        if (isClosed) throw new CadreError('shutting_down', 'the thread is closed');
        worker ??= start();
        const current = worker;
        current.ref();
        calls += 1;
        const timer = setTimeout(
          () => fail(current, `${name} took longer than ${seconds} s`),
          seconds * 1000,
        );
        pending.set(calls, { resolve, reject, timer });
        current.postMessage({ call: calls, name, values } satisfies ThreadCall);
      }),
    doEnd: end,
    async doClose() {
      isClosed = true;
      await end();
    },
  };
}
