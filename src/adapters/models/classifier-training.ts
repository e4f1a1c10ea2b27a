import { Worker } from 'node:worker_threads';
import { CadreError } from '../../core/errors.ts';
import type { Embedder } from '../../core/ports.ts';
import type { TrainingOrder, TrainingReply, VectorsMessage } from './classifier-protocol.ts';

const WORKER_FILE = new URL('../../workers/train.ts', import.meta.url);
/** A training beyond this is stuck: 15,000 rows of 150 labels take 1 – 2 minutes of one core. */
const DEADLINE_MS = 1_800_000;
/** Texts per call of the embedder, so that others get their turn. */
const EMBED_BATCH = 64;

/**
 * Trains a micro-model in a thread; with an embedder it gets both heads. Rejects with
 * `config_invalid` (bad examples), `worker_crashed`, the embedder's error, or the signal's reason;
 * the thread is ended in every case.
 */
export async function trainInThread(
  order: Omit<TrainingOrder, 'wantsVectors'>,
  embedder: Embedder | undefined,
  signal: AbortSignal,
): Promise<Extract<TrainingReply, { type: 'trained' }>> {
  signal.throwIfAborted();
  const workerData: TrainingOrder = { ...order, wantsVectors: embedder !== undefined };
  const worker = new Worker(WORKER_FILE, { workerData, env: {}, execArgv: [] });
  const bound = AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]);
  try {
    return await new Promise((resolve, reject) => {
      bound.addEventListener('abort', () => reject(bound.reason), { once: true });
      worker.on('error', (error) =>
        reject(new CadreError('worker_crashed', `the training thread ended: ${error.message}`)),
      );
      worker.on('exit', (code) =>
        reject(new CadreError('worker_crashed', `the training thread ended with ${code}`)),
      );
      worker.on('message', (reply: TrainingReply) => {
        if (reply.type === 'trained') resolve(reply);
        else if (reply.type === 'failed') reject(new CadreError(reply.code, reply.message));
        else if (embedder !== undefined) {
          embedAll(embedder, reply.texts, bound).then(
            (message) => worker.postMessage(message),
            reject,
          );
        }
      });
    });
  } finally {
    await worker.terminate();
  }
}

async function embedAll(
  embedder: Embedder,
  texts: readonly string[],
  signal: AbortSignal,
): Promise<VectorsMessage> {
  const vectors: Float32Array[] = [];
  for (let start = 0; start < texts.length; start += EMBED_BATCH) {
    const batch = texts.slice(start, start + EMBED_BATCH);
    vectors.push(...(await embedder.doEmbed(batch, 'passage', { signal })));
  }
  return { embedder: embedder.id, vectors };
}
