import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { SpokeConfig } from '../../src/core/config.ts';
import { spokeSchema } from '../../src/core/config-parts.ts';
import { buildModelRequest } from '../../src/run/prompt.ts';
import { STARTER_SPOKES } from '../../src/run/starter-spokes.ts';
import { cascadeRows, PAIRS } from './cascade-rows.ts';
import { gradeLive } from './live-grading.ts';
import { requestOf } from './live-request.ts';
import type { LiveRow } from './live-row.ts';
import { openModel } from './open-model.ts';

/** A graded answer of a starter spoke to a development row. */
export interface CascadeAnswer {
  readonly row: string;
  readonly spoke: string;
  readonly text: string;
  readonly finishReason: 'stop' | 'length';
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly seconds: number;
  /** Natural logarithms of the generated tokens' probabilities, two decimals. */
  readonly logprobs: readonly number[];
  /** The tokens, of JSON answers. */
  readonly tokens?: readonly string[];
  readonly score: number;
}

const CONTEXT = 4096;

/** The spoke by its id; `middle` is the middle model under the general prompt, as in `gate-live`. */
function spokeOf(id: string): SpokeConfig {
  const named = STARTER_SPOKES.find((one) => one.id === id);
  if (named !== undefined) return named;
  const general = STARTER_SPOKES.find((one) => one.id === 'general');
  const model = STARTER_SPOKES.find((one) => one.id === 'extract')?.model;
  return spokeSchema.parse({
    id,
    model,
    description: 'The middle model, any task.',
    system: general?.system,
    sampling: { temperature: 0 },
  });
}

export function readAnswers(file: string): CascadeAnswer[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as CascadeAnswer);
}

/** Asks what is missing and adds it to the file, cheap spokes first; greedy, one thread. */
export async function answerRows(file: string): Promise<void> {
  const done = new Set(readAnswers(file).map((one) => `${one.spoke}/${one.row}`));
  const rows = cascadeRows();
  for (const place of [0, 1]) {
    const jobs = Object.entries(PAIRS).flatMap(([task, pair]) =>
      rows
        .filter((row) => row.task === task && !done.has(`${pair[place]}/${row.id}`))
        .map((row) => ({ row, spoke: spokeOf(pair[place] ?? '') })),
    );
    const order = new Map(rows.map((row, at) => [row.id, at]));
    jobs.sort((left, right) => (order.get(left.row.id) ?? 0) - (order.get(right.row.id) ?? 0));
    const first = jobs[0];
    if (first !== undefined) await answerWith(first.spoke.model, jobs, file);
  }
}

async function answerWith(
  model: string,
  jobs: readonly { readonly row: LiveRow; readonly spoke: SpokeConfig }[],
  file: string,
): Promise<void> {
  const loaded = await openModel(model, { contextTokens: CONTEXT, slots: 4 });
  for (const { row, spoke } of jobs) {
    const request = buildModelRequest(spoke, requestOf(row, spoke.id), { contextLength: CONTEXT });
    let text = '';
    const logprobs: number[] = [];
    const tokens: string[] = [];
    const start = performance.now();
    for await (const event of loaded.model.doChat(request, {
      signal: AbortSignal.timeout(1_200_000),
    })) {
      if (event.type === 'text') {
        text += event.text;
        for (const { token, logprob } of event.logprobs ?? []) {
          logprobs.push(rounded(logprob, 2));
          tokens.push(token);
        }
      }
      if (event.type !== 'ended') continue;
      const answer: CascadeAnswer = {
        row: row.id,
        spoke: spoke.id,
        text,
        finishReason: event.finishReason === 'length' ? 'length' : 'stop',
        promptTokens: event.usage.promptTokens,
        completionTokens: event.usage.completionTokens,
        seconds: rounded((performance.now() - start) / 1000, 3),
        logprobs,
        ...(row.schema === undefined ? {} : { tokens }),
        score: await gradeLive(row, text),
      };
      appendFileSync(file, `${JSON.stringify(answer)}\n`);
      process.stderr.write(`${spoke.id} ${row.id} ${answer.score} ${answer.seconds} s\n`);
    }
  }
  await loaded.doUnload();
}

function rounded(value: number, digits: number): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}
