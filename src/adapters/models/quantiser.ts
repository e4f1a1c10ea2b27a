import { rm } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { CadreError, type ErrorCode } from '../../core/errors.ts';
import type { CallOptions } from '../../core/ports.ts';
import type { Quantisation } from '../../core/quantisation.ts';

const WORKER_FILE = new URL('../../workers/quantise.ts', import.meta.url);
/** 500 million weights take 20 seconds of one core; what takes longer than this is stuck. */
const DEADLINE_MS = 7_200_000;

export interface QuantiseOrder {
  /** Path of a GGUF file that was verified. */
  readonly source: string;
  /** Path that is written; removed when it does not end well. */
  readonly target: string;
  readonly format: Quantisation;
  /** Path of a LoRA adapter that was compared with the model: what it changes is written in. */
  readonly adapter?: string;
}

export interface MadeFile {
  readonly sha256: string;
  readonly bytes: number;
  /** Root of the mean squared error ÷ root of the mean square, 0 … 1. */
  readonly weightError: number;
}

export type QuantiseReply =
  | { readonly type: 'progress'; readonly done: number; readonly total: number }
  | ({ readonly type: 'made' } & MadeFile)
  | { readonly type: 'failed'; readonly code: ErrorCode; readonly message: string };

/**
 * Writes a model in another format, in a thread; the same file in the same format gives the same
 * bytes. Rejects with `model_damaged`, `invalid_request` (a type that cannot be read), `adapter_refused`,
 * `disk_full`, `worker_crashed` or the signal's reason.
 */
export async function quantiseFile(
  order: QuantiseOrder,
  {
    signal,
    onProgress,
  }: CallOptions & { readonly onProgress: (done: number, total: number) => void },
): Promise<MadeFile> {
  signal.throwIfAborted();
  const worker = new Worker(WORKER_FILE, { workerData: order, env: {}, execArgv: [] });
  const bound = AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]);
  try {
    return await new Promise<MadeFile>((resolve, reject) => {
      bound.addEventListener('abort', () => reject(bound.reason), { once: true });
      const end = (words: string) =>
        reject(new CadreError('worker_crashed', `the quantising thread ended: ${words}`));
      worker.on('error', (error) => end(error.message));
      worker.on('exit', (code) => end(`code ${code}`));
      worker.on('message', (reply: QuantiseReply) => {
        if (reply.type === 'progress') onProgress(reply.done, reply.total);
        else if (reply.type === 'made') resolve(reply);
        else reject(new CadreError(reply.code, reply.message));
      });
    });
  } catch (error) {
    await worker.terminate();
    await rm(order.target, { force: true });
    throw error;
  } finally {
    await worker.terminate();
  }
}
