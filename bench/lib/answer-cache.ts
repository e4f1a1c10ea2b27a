import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { FinishReason, TokenUsage } from '../../src/core/chat.ts';
import type { Model, ModelEvent, ModelLease, ModelRequest } from '../../src/core/ports.ts';
import { cpuOfDescendants } from './process-cost.ts';

/** One answer of one model to one request, with what it cost when it was computed. */
export interface KeptAnswer {
  /** SHA-256 of model and request. */
  readonly key: string;
  readonly model: string;
  readonly text: string;
  readonly finishReason: FinishReason;
  readonly usage: TokenUsage;
  /** CPU seconds of the model's process. */
  readonly cpuSeconds: number;
  /** Mean natural log-probability of the answer's tokens; absent where the model gave none. */
  readonly meanLogprob?: number;
}

/**
 * Answers of greedy models by model and request, in a file to which each new one is added: what was
 * asked once is never computed again, and a run that was stopped goes on where it was.
 */
export class AnswerCache {
  readonly #file: string;
  readonly #kept = new Map<string, KeptAnswer>();
  /** Answers that were used since the last `take`. */
  #used: KeptAnswer[] = [];
  /** Of these, CPU seconds that were spent now and not when the answer was kept. */
  #spent = 0;
  readonly #everUsed = new Map<string, KeptAnswer>();

  /** New answers go into `file`; those of `saved`, which came with the repository, are known too. */
  constructor(file: string, saved: string) {
    this.#file = file;
    mkdirSync(dirname(file), { recursive: true });
    for (const one of [saved, file].filter((path) => existsSync(path))) {
      for (const line of readFileSync(one, 'utf8').split('\n')) {
        // The last line of a run that was killed may be cut.
        if (!line.endsWith('}')) continue;
        const kept = JSON.parse(line) as KeptAnswer;
        if (!this.#kept.has(kept.key)) this.#kept.set(kept.key, kept);
      }
    }
  }

  /** The answers that were used, in the order of first use. */
  saved(): readonly KeptAnswer[] {
    return [...this.#everUsed.values()];
  }

  /** The answers used since the last call, and the CPU seconds that models really took for them. */
  take(): { readonly used: readonly KeptAnswer[]; readonly spent: number } {
    const taken = { used: this.#used, spent: this.#spent };
    this.#used = [];
    this.#spent = 0;
    return taken;
  }

  has(model: string, request: ModelRequest): boolean {
    return this.#kept.has(keyOf(model, request));
  }

  /** A model that answers from the cache, and asks the real one (`acquire`) for what is not there. */
  modelOf(id: string, acquire: (signal: AbortSignal) => Promise<ModelLease>): Model {
    const answerOf = (request: ModelRequest, signal: AbortSignal) =>
      this.#answer(id, request, acquire, signal);
    return {
      id,
      async *doChat(request, { signal }) {
        yield* eventsOf(await answerOf(request, signal));
      },
    };
  }

  async #answer(
    model: string,
    request: ModelRequest,
    acquire: (signal: AbortSignal) => Promise<ModelLease>,
    signal: AbortSignal,
  ): Promise<KeptAnswer> {
    const key = keyOf(model, request);
    let kept = this.#kept.get(key);
    if (kept === undefined) {
      const lease = await acquire(signal);
      try {
        kept = { key, model, ...(await computed(lease.model, request, signal)) };
      } finally {
        lease.release();
      }
      this.#kept.set(key, kept);
      this.#spent += kept.cpuSeconds;
      appendFileSync(this.#file, `${JSON.stringify(kept)}\n`);
    }
    this.#used.push(kept);
    this.#everUsed.set(key, kept);
    return kept;
  }
}

function keyOf(model: string, request: ModelRequest): string {
  return createHash('sha256')
    .update(`${model}\0${JSON.stringify(request)}`)
    .digest('hex');
}

async function computed(
  model: Model,
  request: ModelRequest,
  signal: AbortSignal,
): Promise<Omit<KeptAnswer, 'key' | 'model'>> {
  const before = childrenCpu();
  let text = '';
  let sum = 0;
  let count = 0;
  for await (const event of model.doChat(request, { signal })) {
    if (event.type === 'text') {
      text += event.text;
      for (const token of event.logprobs ?? []) {
        sum += token.logprob;
        count += 1;
      }
    }
    if (event.type !== 'ended') continue;
    const { finishReason, usage } = event;
    return {
      text,
      finishReason,
      usage,
      cpuSeconds: rounded(childrenCpu() - before),
      ...(count === 0 ? {} : { meanLogprob: rounded(sum / count) }),
    };
  }
  throw new Error(`${model.id} ended without an end`);
}

/** CPU seconds so far of this process's children: the models, one of which works at a time. */
export function childrenCpu(): number {
  return cpuOfDescendants(process.pid) / 1e6;
}

function* eventsOf({ text, finishReason, usage, meanLogprob }: KeptAnswer): Generator<ModelEvent> {
  yield {
    type: 'prompt-read',
    promptTokens: usage.promptTokens,
    cachedTokens: usage.cachedTokens,
    ms: 0,
  };
  if (text !== '')
    yield {
      type: 'text',
      text,
      ...(meanLogprob === undefined ? {} : { logprobs: [{ token: text, logprob: meanLogprob }] }),
    };
  yield { type: 'ended', finishReason, usage, promptMs: 0, generationMs: 0 };
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
