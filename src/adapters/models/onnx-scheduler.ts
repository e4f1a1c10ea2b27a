import { toCadreError } from '../../core/errors.ts';
import type { OnnxModelSpec, OnnxReply, OnnxRequest } from './onnx-protocol.ts';
import type { OnnxSession } from './onnx-session.ts';

type EmbedRequest = Extract<OnnxRequest, { type: 'embed' }>;

interface Job {
  readonly request: EmbedRequest;
  readonly vectors: Float32Array[];
  tokenCount: number;
}

/** Texts between two signs of life of one long call. */
const PROGRESS_EVERY = 32;

function remaining(job: Job): number {
  return job.request.texts.length - job.vectors.length;
}

/** The job with the fewest texts left; the older one of equals. */
function shortest(jobs: readonly Job[]): Job | undefined {
  let best = jobs[0];
  for (const job of jobs) if (best !== undefined && remaining(job) < remaining(best)) best = job;
  return best;
}

/**
 * Runs text after text; a waiting query goes before the next passage and a short job before a long
 * one, so that a search or a classifier waits for one passage (about 60 ms of 256 tokens on one
 * core) and not for an index run.
 */
export function createOnnxScheduler(
  session: (model: OnnxModelSpec) => Promise<OnnxSession>,
  send: (reply: OnnxReply) => void,
) {
  const queues: Record<EmbedRequest['kind'], Job[]> = { query: [], passage: [] };
  let running = false;

  const next = () => queues.query[0] ?? shortest(queues.passage);
  const drop = (call: number) => {
    for (const queue of [queues.query, queues.passage]) {
      const place = queue.findIndex((job) => job.request.call === call);
      if (place >= 0) queue.splice(place, 1);
    }
  };

  const step = async (job: Job) => {
    const { call, kind, model, texts } = job.request;
    const text = texts[job.vectors.length];
    if (text !== undefined) {
      const loaded = await session(model);
      const result = await loaded.doEmbed(text, kind);
      job.vectors.push(result.vector);
      job.tokenCount += result.tokenCount;
    }
    if (job.vectors.length < texts.length) {
      if (job.vectors.length % PROGRESS_EVERY === 0)
        send({ type: 'progress', call, done: job.vectors.length });
      return;
    }
    drop(call);
    send({
      type: 'embedded',
      call,
      vectors: job.vectors,
      tokenCount: job.tokenCount,
      memoryBytes: process.memoryUsage.rss(),
    });
  };

  const run = async () => {
    running = true;
    for (let job = next(); job !== undefined; job = next()) {
      const { call } = job.request;
      try {
        await step(job);
      } catch (error) {
        drop(call);
        const { code, message } = toCadreError(error);
        send({ type: 'failed', call, code, message });
      }
      // Messages (a query, a cancel) are read between two texts.
      await new Promise(setImmediate);
    }
    running = false;
  };

  return {
    add: (request: EmbedRequest) => {
      queues[request.kind].push({ request, vectors: [], tokenCount: 0 });
      if (!running) void run();
    },
    cancel: drop,
  };
}
