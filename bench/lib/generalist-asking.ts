import { homedir } from 'node:os';
import { join } from 'node:path';
import { type JsonObject, textPart } from '../../src/core/chat.ts';
import type { LoadedModel, Model } from '../../src/core/ports.ts';
import { AnswerCache } from './answer-cache.ts';
import { openModel } from './open-model.ts';

/** One request: what all rows of a task share, and the row. */
export interface GeneralistQuestion {
  readonly system: string;
  readonly text: string;
  readonly schema: JsonObject;
  readonly maxTokens: number;
}

export interface GeneralistAnswer {
  readonly text: string;
  /** CPU seconds of the model's process when it was computed. */
  readonly cpuSeconds: number;
}

export interface Generalist {
  readonly id: string;
  /** Greedy; one row after the other, so that what the rows share is read once. */
  ask(question: GeneralistQuestion): Promise<GeneralistAnswer>;
  close(): Promise<void>;
}

const MODEL = 'qwen2.5-coder-1.5b-instruct-q4_k_m';
const CONTEXT = 4096;
const SAVED = join(import.meta.dirname, '..', 'results', 'farm-generalist.answers.jsonl');

/** The 1.5B model of the starter farm on one thread; it is loaded with the first row that is not kept. */
export function openGeneralist(): Generalist {
  const home = process.env['CADRE_HOME'] || join(homedir(), '.cadre');
  const cache = new AnswerCache(join(home, 'bench', 'farm-generalist.answers.jsonl'), SAVED);
  let loading: Promise<LoadedModel> | undefined;
  const model: Model = cache.modelOf(MODEL, async () => {
    loading ??= openModel(MODEL, { contextTokens: CONTEXT });
    return { model: (await loading).model, release: () => undefined };
  });
  return {
    id: MODEL,
    async ask({ system, text, schema, maxTokens }) {
      cache.take();
      const request = {
        messages: [
          { role: 'system' as const, content: textPart(system) },
          { role: 'user' as const, content: textPart(text) },
        ],
        jsonSchema: schema,
        sampling: { temperature: 0 },
        maxTokens,
      };
      for await (const _ of model.doChat(request, { signal: AbortSignal.timeout(1_800_000) }));
      const [answer] = cache.take().used;
      if (answer === undefined) throw new Error(`${MODEL} gave no answer`);
      return { text: answer.text, cpuSeconds: answer.cpuSeconds };
    },
    async close() {
      await (await loading)?.doUnload();
    },
  };
}
