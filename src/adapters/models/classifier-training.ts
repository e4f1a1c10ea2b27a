import { Worker } from 'node:worker_threads';
import { CadreError } from '../../core/errors.ts';
import type { CallOptions, Embedder } from '../../core/ports.ts';
import type { WithThread } from '../../core/threads.ts';
import type {
  FolderOrder,
  MadeReply,
  QueueOrder,
  QueueReply,
  RowsOrder,
  RowsReply,
  SpecialistOrder,
  ThreadOrder,
  TrainedReply,
  TrainingOrder,
  TrainingProgress,
  TrainingReply,
  VectorsMessage,
} from './classifier-protocol.ts';

const WORKER_FILE = new URL('../../workers/train.ts', import.meta.url);
/** A training beyond this is stuck: 15,000 rows of 150 labels take 1 – 2 minutes of one core. */
const DEADLINE_MS = 7_200_000;
/** Texts per call of the embedder, so that others get their turn. */
const EMBED_BATCH = 64;
/** Who has the thread, in what `cadre ps` shows. */
const HOLDER = 'training';

/** An embedder that may tell what its texts cost. */
export interface TrainingEmbedder extends Embedder {
  readonly doEmbedCounted?: (
    texts: readonly string[],
    kind: 'query' | 'passage',
    options: CallOptions,
  ) => Promise<{ readonly vectors: Float32Array[]; readonly cpuMs: number }>;
}

interface TrainingOptions {
  readonly embedder: TrainingEmbedder | undefined;
  readonly signal: AbortSignal;
  /** Lends the thread; absent = it begins at once and nobody counts it. */
  readonly withThread?: WithThread;
  readonly onProgress?: (progress: TrainingProgress) => void;
}

/**
 * Trains a micro-model in a thread; with an embedder it gets both heads. Rejects with
 * `config_invalid` (bad examples), `worker_crashed`, the embedder's error, or the signal's reason;
 * the thread is ended in every case.
 */
export async function trainInThread(
  order: Omit<FolderOrder, 'type'>,
  options: TrainingOptions,
): Promise<TrainedReply> {
  const reply = await runThread({ ...order, type: 'folder' }, options);
  if (reply.type === 'trained') return reply;
  throw wrongReply(reply);
}

/** As `trainInThread`, of a specialist from a file; bad rows are `invalid_request`. */
export async function makeInThread(
  order: SpecialistOrder,
  options: TrainingOptions,
): Promise<MadeReply> {
  const reply = await runThread(order, options);
  if (reply.type === 'made') return reply;
  throw wrongReply(reply);
}

/** Reads and splits the rows of an adapter in a thread; bad rows are `invalid_request`. */
export async function readRowsInThread(
  order: RowsOrder,
  options: Omit<TrainingOptions, 'embedder'>,
): Promise<RowsReply> {
  const reply = await runThread(order, { ...options, embedder: undefined });
  if (reply.type === 'rows') return reply;
  throw wrongReply(reply);
}

/** The rows whose label a person should say, read in a thread as well. */
export async function queueInThread(
  order: QueueOrder,
  options: TrainingOptions,
): Promise<QueueReply> {
  const reply = await runThread(order, options);
  if (reply.type === 'queue') return reply;
  throw wrongReply(reply);
}

function wrongReply({ type }: TrainingReply): CadreError {
  return new CadreError('worker_crashed', `the training thread ended with “${type}”`);
}

type FinalReply = TrainedReply | MadeReply | RowsReply | QueueReply;

async function runThread(order: ThreadOrder, options: TrainingOptions): Promise<FinalReply> {
  const run = () => runCounted(order, options);
  return options.withThread === undefined
    ? run()
    : options.withThread(HOLDER, { signal: options.signal }, run);
}

async function runCounted(
  order: ThreadOrder,
  { embedder, signal, onProgress }: TrainingOptions,
): Promise<FinalReply> {
  signal.throwIfAborted();
  const workerData: TrainingOrder = {
    ...order,
    ...(embedder === undefined ? {} : { embedder: embedder.id }),
  };
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
        if (reply.type === 'progress') onProgress?.(reply.progress);
        else if (reply.type === 'failed') reject(failureOf(reply));
        else if (reply.type !== 'texts') resolve(reply);
        else if (embedder !== undefined) {
          embedAll(embedder, reply, { signal: bound, onProgress }).then(
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

function failureOf({ code, message, param }: Extract<TrainingReply, { type: 'failed' }>) {
  return new CadreError(code, message, param === undefined ? {} : { param });
}

async function embedAll(
  embedder: TrainingEmbedder,
  { texts, kind }: Extract<TrainingReply, { type: 'texts' }>,
  {
    signal,
    onProgress,
  }: {
    readonly signal: AbortSignal;
    readonly onProgress: TrainingOptions['onProgress'] | undefined;
  },
): Promise<VectorsMessage> {
  const vectors: Float32Array[] = [];
  let cpuMs = 0;
  for (let at = 0; at < texts.length; at += EMBED_BATCH) {
    const batch = texts.slice(at, at + EMBED_BATCH);
    const made = await embedTimed(embedder, { texts: batch, kind }, signal);
    vectors.push(...made.vectors);
    cpuMs += made.cpuMs;
    onProgress?.({ stage: 'embedding', done: vectors.length, total: texts.length });
  }
  return { vectors, cpuMs };
}

/** Of an embedder that does not tell its CPU time the time on the clock counts, which is no less. */
async function embedTimed(
  embedder: TrainingEmbedder,
  { texts, kind }: Omit<Extract<TrainingReply, { type: 'texts' }>, 'type'>,
  signal: AbortSignal,
) {
  if (embedder.doEmbedCounted !== undefined)
    return embedder.doEmbedCounted(texts, kind, { signal });
  const start = performance.now();
  const vectors = await embedder.doEmbed(texts, kind, { signal });
  return { vectors, cpuMs: performance.now() - start };
}
