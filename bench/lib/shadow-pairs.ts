import { resolve } from 'node:path';
import { type ChatRequest, textPart } from '../../src/core/chat.ts';
import { spokeSchema } from '../../src/core/config-parts.ts';
import { buildModelRequest } from '../../src/run/prompt.ts';
import { STARTER_SPOKES } from '../../src/run/starter-spokes.ts';
import type { PairedAnswer } from '../../src/verify/shadow-grade.ts';
import { AnswerCache } from './answer-cache.ts';
import { readAnswers } from './cascade-answers.ts';
import { cascadeRows, PAIRS } from './cascade-rows.ts';
import { readJsonLines } from './data.ts';
import { gradeLive } from './live-grading.ts';
import { requestOf } from './live-request.ts';
import type { LiveRow } from './live-row.ts';
import { liveMix } from './live-rows.ts';

/** A cheap spoke's answer to a request, the reference's, and what both are worth by the gold answer. */
export interface ShadowPair {
  readonly set: string;
  readonly slice: string;
  readonly request: ChatRequest;
  readonly cheap: PairedAnswer & { readonly score: number };
  readonly reference: PairedAnswer & { readonly score: number };
}

const CONTEXT = 4096;
const RESULTS = resolve(import.meta.dirname, '..', 'results');

/** Solutions of Mixtral-8x7B beside GPT-4 (RouteLLM's release). */
export function gsm8kPairs(): ShadowPair[] {
  const rows = readJsonLines<{
    readonly prompt: string;
    readonly weak_correct: boolean;
    readonly strong_correct: boolean;
    readonly weak_answer: string;
    readonly strong_answer: string;
  }>('gate', 'routellm-gsm8k-answers.jsonl.gz');
  const said = (spoke: string, text: string, isRight: boolean) => ({
    spoke,
    text,
    finishReason: 'stop' as const,
    score: Number(isRight),
  });
  return rows.map((row) => ({
    set: 'gsm8k',
    slice: 'gsm8k',
    request: {
      model: 'auto',
      messages: [{ role: 'user', content: textPart(row.prompt) }],
      sampling: {},
    },
    cheap: said('mixtral', row.weak_answer, row.weak_correct),
    reference: said('gpt-4', row.strong_answer, row.strong_correct),
  }));
}

/** Jobs on a given text: spokes of the starter farm in the pairs of `gate-cascade`. */
export function jobPairs(): ShadowPair[] {
  const rows = new Map(cascadeRows().map((row) => [row.id, row]));
  const answers = readAnswers(resolve(RESULTS, 'gate-cascade.answers.jsonl'));
  return answers.flatMap((cheap): ShadowPair[] => {
    const row = rows.get(cheap.row);
    const [first, second] = PAIRS[row?.task ?? ''] ?? [];
    const reference = answers.find((one) => one.row === cheap.row && one.spoke === second);
    if (row === undefined || cheap.spoke !== first || reference === undefined) return [];
    return [{ set: 'jobs', slice: row.task, request: requestOf(row, 'auto'), cheap, reference }];
  });
}

/** The two smaller models of `gate-live` beside its largest, as far as their answers were kept. */
export async function livePairs(): Promise<ShadowPair[]> {
  const cache = new AnswerCache(
    resolve(RESULTS, 'gate-live.answers.jsonl'),
    resolve(RESULTS, 'gate-live.answers.jsonl'),
  );
  const pairs: ShadowPair[] = [];
  for (const row of liveMix().rows) {
    const reference = await keptAnswer(cache, 'general', row);
    for (const spoke of ['middle', 'small']) {
      const cheap = await keptAnswer(cache, spoke, row);
      if (cheap === undefined || reference === undefined) continue;
      const request = requestOf(row, 'auto');
      pairs.push({ set: `live ${spoke}`, slice: row.slice, request, cheap, reference });
    }
  }
  return pairs;
}

/** What a model answered alone, under the general prompt; undefined where it was not asked. */
async function keptAnswer(cache: AnswerCache, id: string, row: LiveRow) {
  const starter = (name: string) => STARTER_SPOKES.find((one) => one.id === name);
  const general = starter('general');
  const plain = spokeSchema.parse({
    id,
    model: starter(id === 'small' ? 'quick' : 'reader')?.model,
    system: general?.system,
    sampling: { temperature: 0 },
  });
  const spoke = id === 'general' && general !== undefined ? general : plain;
  const request = buildModelRequest(spoke, requestOf(row, id), { contextLength: CONTEXT });
  if (!cache.has(spoke.model, request)) return undefined;
  const model = cache.modelOf(spoke.model, () => Promise.reject(new Error('not kept')));
  cache.take();
  for await (const _ of model.doChat(request, { signal: AbortSignal.timeout(60_000) }));
  const [answer] = cache.take().used;
  if (answer === undefined) return undefined;
  const { text, finishReason } = answer;
  return { spoke: id, text, finishReason, score: await gradeLive(row, text) };
}
