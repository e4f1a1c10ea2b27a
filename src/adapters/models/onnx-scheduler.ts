import { lateInteraction, packTokens } from '../../base/late-interaction.ts';
import { toCadreError } from '../../core/errors.ts';
import type { OnnxModelSpec, OnnxReply, OnnxRequest } from './onnx-protocol.ts';
import type { OnnxSession } from './onnx-session.ts';
import { TokenCache } from './token-cache.ts';

type EmbedRequest = Extract<OnnxRequest, { type: 'embed' }>;
type MatchRequest = Extract<OnnxRequest, { type: 'match' }>;

interface Job {
  readonly request: EmbedRequest;
  readonly vectors: Float32Array[];
  tokenCount: number;
  cutCount: number;
  cpuMs: number;
}

interface MatchJob {
  readonly request: MatchRequest;
  readonly scores: number[];
  /** Absent until its first turn, when the budget begins. */
  begun?: { readonly query: Float32Array; readonly deadline: number };
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
export class OnnxScheduler {
  readonly #session: (model: OnnxModelSpec) => Promise<OnnxSession>;
  readonly #send: (reply: OnnxReply) => void;
  readonly #queues: Record<EmbedRequest['kind'], Job[]> = { query: [], passage: [] };
  readonly #matches: MatchJob[] = [];
  readonly #tokens = new TokenCache();
  #isRunning = false;

  constructor(
    session: (model: OnnxModelSpec) => Promise<OnnxSession>,
    send: (reply: OnnxReply) => void,
  ) {
    this.#session = session;
    this.#send = send;
  }

  add(request: EmbedRequest): void {
    this.#queues[request.kind].push({ request, vectors: [], tokenCount: 0, cutCount: 0, cpuMs: 0 });
    if (!this.#isRunning) void this.#run();
  }

  /** Scores one text after the other until the budget is spent; queries still go first. */
  addMatch(request: MatchRequest): void {
    this.#matches.push({ request, scores: [] });
    if (!this.#isRunning) void this.#run();
  }

  cancel(call: number): void {
    for (const queue of [this.#queues.query, this.#matches, this.#queues.passage]) {
      const place = queue.findIndex((job) => job.request.call === call);
      if (place >= 0) queue.splice(place, 1);
    }
  }

  #next(): Job | MatchJob | undefined {
    return this.#queues.query[0] ?? this.#matches[0] ?? shortest(this.#queues.passage);
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    for (let job = this.#next(); job !== undefined; job = this.#next()) {
      const { call } = job.request;
      try {
        await ('scores' in job ? this.#matchStep(job) : this.#step(job));
      } catch (error) {
        this.cancel(call);
        const { code, message } = toCadreError(error);
        this.#send({ type: 'failed', call, code, message });
      }
      // Messages (a query, a cancel) are read between two texts.
      await new Promise(setImmediate);
    }
    this.#isRunning = false;
  }

  async #step(job: Job): Promise<void> {
    const { call, kind, model, texts } = job.request;
    const text = texts[job.vectors.length];
    if (text !== undefined) {
      const loaded = await this.#session(model);
      // Texts run one after the other, so that what the process uses meanwhile is this one's.
      const started = process.cpuUsage();
      const result = await loaded.doEmbed(text, kind);
      const { user, system } = process.cpuUsage(started);
      job.cpuMs += (user + system) / 1000;
      job.vectors.push(result.vector);
      job.tokenCount += result.tokenCount;
      if (result.isCut) job.cutCount += 1;
    }
    if (job.vectors.length < texts.length) {
      if (job.vectors.length % PROGRESS_EVERY === 0)
        this.#send({ type: 'progress', call, done: job.vectors.length });
      return;
    }
    this.cancel(call);
    this.#send({
      type: 'embedded',
      call,
      vectors: job.vectors,
      tokenCount: job.tokenCount,
      cutCount: job.cutCount,
      cpuMs: job.cpuMs,
      memoryBytes: process.memoryUsage.rss(),
    });
  }

  async #matchStep(job: MatchJob): Promise<void> {
    const { call, model, query, texts, budgetMs } = job.request;
    job.begun ??= {
      deadline: performance.now() + budgetMs,
      query: await (await this.#session(model)).doReadTokens(query, 'query'),
    };
    const text = texts[job.scores.length];
    if (text !== undefined && performance.now() < job.begun.deadline) {
      job.scores.push(lateInteraction(job.begun.query, await this.#tokensOf(model, text)));
      if (job.scores.length < texts.length) return;
    }
    this.cancel(call);
    const memoryBytes = process.memoryUsage.rss();
    this.#send({ type: 'matched', call, scores: job.scores, memoryBytes });
  }

  async #tokensOf(model: OnnxModelSpec, text: string) {
    const key = `${model.id}\0${text}`;
    const kept = this.#tokens.get(key);
    if (kept !== undefined) return kept;
    const vectors = await (await this.#session(model)).doReadTokens(text, 'passage');
    const packed = packTokens(vectors, model.dimensions);
    this.#tokens.put(key, packed);
    return packed;
  }
}
