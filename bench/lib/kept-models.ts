import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { FinishReason, TokenLogprob, TokenUsage } from '../../src/core/chat.ts';
import type { Model, ModelEvent, ModelLease, ModelRequest } from '../../src/core/ports.ts';

/** What a greedy model wrote, token by token. */
interface KeptWords {
  /** SHA-256 of model, messages, schema and longest answer. */
  readonly key: string;
  readonly model: string;
  readonly text: string;
  readonly tokens: readonly TokenLogprob[];
  readonly finishReason: FinishReason;
  readonly usage: TokenUsage;
  readonly seconds: number;
}

/** Most likely tokens that are kept for each place. */
const ALTERNATIVES = 5;

/**
 * Greedy answers by model and request in a file to which each new one is added, with the
 * probabilities of their tokens: a run that was stopped goes on where it was, and what is made of
 * an answer can be studied without asking again.
 */
export class KeptModels {
  readonly #file: string;
  readonly #kept = new Map<string, KeptWords>();

  constructor(file: string, saved?: string) {
    this.#file = file;
    mkdirSync(dirname(file), { recursive: true });
    for (const one of [saved, file]) {
      if (one === undefined || !existsSync(one)) continue;
      for (const line of readFileSync(one, 'utf8').split('\n')) {
        // The last line of a run that was killed may be cut.
        if (!line.endsWith('}')) continue;
        const kept = JSON.parse(line) as KeptWords;
        this.#kept.set(kept.key, kept);
      }
    }
  }

  /** A model that answers from the file, and asks the real one (`acquire`) for what is not there. */
  modelOf(id: string, acquire: (signal: AbortSignal) => Promise<ModelLease>): Model {
    const wordsOf = (request: ModelRequest, signal: AbortSignal) =>
      this.#words(id, request, acquire, signal);
    return {
      id,
      async *doChat(request, { signal }) {
        yield* eventsOf(await wordsOf(request, signal), (request.logprobs ?? 0) > 0);
      },
    };
  }

  async #words(
    model: string,
    request: ModelRequest,
    acquire: (signal: AbortSignal) => Promise<ModelLease>,
    signal: AbortSignal,
  ): Promise<KeptWords> {
    const key = keyOf(model, request);
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    const lease = await acquire(signal);
    try {
      const asked = { ...request, logprobs: ALTERNATIVES };
      const kept = { key, model, ...(await written(lease.model, asked, signal)) };
      this.#kept.set(key, kept);
      appendFileSync(this.#file, `${JSON.stringify(kept)}\n`);
      return kept;
    } finally {
      lease.release();
    }
  }
}

function keyOf(model: string, { messages, jsonSchema, maxTokens }: ModelRequest): string {
  return createHash('sha256')
    .update(`${model}\0${JSON.stringify([messages, jsonSchema, maxTokens])}`)
    .digest('hex');
}

async function written(
  model: Model,
  request: ModelRequest,
  signal: AbortSignal,
): Promise<Omit<KeptWords, 'key' | 'model'>> {
  const tokens: TokenLogprob[] = [];
  let text = '';
  const start = performance.now();
  for await (const event of model.doChat(request, { signal })) {
    if (event.type === 'text') {
      text += event.text;
      tokens.push(...(event.logprobs ?? []).map(rounded));
    }
    if (event.type !== 'ended') continue;
    const { finishReason, usage } = event;
    const seconds = Math.round((performance.now() - start) / 100) / 10;
    return { text, tokens, finishReason, usage, seconds };
  }
  throw new Error(`${model.id} ended without an end`);
}

function rounded({ token, logprob, top }: TokenLogprob): TokenLogprob {
  const short = (value: number) => Math.round(Math.max(value, -99) * 1000) / 1000;
  return {
    token,
    logprob: short(logprob),
    ...(top && { top: top.map((one) => ({ token: one.token, logprob: short(one.logprob) })) }),
  };
}

function* eventsOf(
  { text, tokens, finishReason, usage }: KeptWords,
  withTop: boolean,
): Generator<ModelEvent> {
  const { promptTokens, cachedTokens } = usage;
  yield { type: 'prompt-read', promptTokens, cachedTokens, ms: 0 };
  const logprobs = withTop ? tokens : tokens.map(({ token, logprob }) => ({ token, logprob }));
  if (text !== '') yield { type: 'text', text, logprobs };
  yield { type: 'ended', finishReason, usage, promptMs: 0, generationMs: 0 };
}
