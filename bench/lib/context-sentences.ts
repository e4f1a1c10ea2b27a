import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Model } from '../../src/core/ports.ts';
import { CONTEXT_ANSWER_TOKENS, type ContextOrder } from '../../src/ground/context-prompt.ts';
import { openModel } from './open-model.ts';
import { cpuOfDescendants } from './process-cost.ts';

/** What a model wrote about one passage, and the CPU seconds that took. */
export interface WrittenContext {
  readonly key: string;
  readonly answer: string;
  readonly seconds: number;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly completionTokens: number;
}

/** Greedy sentences in a file: a run that was stopped goes on, and one that is done asks nobody. */
export class ContextSentences {
  readonly #file: string;
  readonly #kept = new Map<string, WrittenContext>();

  constructor(file: string) {
    this.#file = file;
    mkdirSync(dirname(file), { recursive: true });
    if (!existsSync(file)) return;
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      // The last line of a run that was killed may be cut.
      if (!line.endsWith('}')) continue;
      const kept = JSON.parse(line) as WrittenContext;
      this.#kept.set(kept.key, kept);
    }
  }

  /** Undefined = it is not there and there is no model to ask. */
  async of(order: ContextOrder, model: Model | undefined): Promise<WrittenContext | undefined> {
    const kept = this.#kept.get(order.key);
    if (kept !== undefined || model === undefined) return kept;
    const start = cpuOfDescendants(process.pid);
    let answer = '';
    const request = {
      messages: order.messages,
      sampling: { temperature: 0 },
      maxTokens: CONTEXT_ANSWER_TOKENS,
    };
    for await (const event of model.doChat(request, { signal: AbortSignal.timeout(600_000) })) {
      if (event.type === 'text') answer += event.text;
      if (event.type !== 'ended') continue;
      const seconds = (cpuOfDescendants(process.pid) - start) / 1e6;
      const written = { key: order.key, answer, seconds, ...event.usage };
      this.#kept.set(order.key, written);
      appendFileSync(this.#file, `${JSON.stringify(written)}\n`);
      return written;
    }
    throw new Error(`${model.id} ended without an end`);
  }
}

/** A model of the lockfile on one thread. */
export async function openWriter(id: string): Promise<{ model: Model; close(): Promise<void> }> {
  const loaded = await openModel(id, { contextTokens: 4096 });
  return { model: loaded.model, close: () => loaded.doUnload() };
}
