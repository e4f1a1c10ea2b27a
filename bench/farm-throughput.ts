/**
 * How many more tokens does a model give in the same time when eight answers are written side by
 * side, in one batch per step, than when the same eight are written one after the other?
 *
 * Every round writes the same eight prompts both ways, in an order that changes from round to round;
 * prompts are new in each round and in each way, so that nothing is found in the cache. A ratio is
 * tokens per second side by side ÷ one after the other; `cpu` compares the processor time of the model
 * process instead, which a busy machine does not distort (Linux only).
 */
import { LlamaChild } from '../src/adapters/models/llama-child.ts';
import { bootstrapMean } from '../src/base/statistics.ts';
import { textPart } from '../src/core/chat.ts';
import { CODER_SMALL, findModel, SMOLLM2 } from '../test/needs-models/model-paths.ts';
import { cpuOfTree } from './lib/process-cost.ts';
import { printResult } from './lib/result.ts';

const SEED = 1;
const ROUNDS = Number(process.env['CADRE_BENCH_ROUNDS'] ?? 5);
const STREAMS = 8;
const MAX_TOKENS = 64;
const CONTEXT_TOKENS = 1024;
const BATCH_TOKENS = 256;
const NEVER = new AbortController().signal;
const THINGS = [
  'lighthouse',
  'railway',
  'orchard',
  'harbour',
  'museum',
  'mill',
  'bridge',
  'garden',
];

interface Cost {
  readonly tokens: number;
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** Tokens of the answer. */
async function write(child: LlamaChild, prompt: string): Promise<number> {
  const request = {
    messages: [
      {
        role: 'system' as const,
        content: textPart('You are a storyteller who never stops early.'),
      },
      { role: 'user' as const, content: textPart(prompt) },
    ],
    sampling: { temperature: 0 },
    maxTokens: MAX_TOKENS,
  };
  for await (const event of child.doChat(request, NEVER))
    if (event.type === 'ended') return event.usage.completionTokens;
  throw new Error('the answer did not end');
}

async function timed(child: LlamaChild, run: () => Promise<number>): Promise<Cost> {
  const pid = child.processId ?? 0;
  const [wall, cpu] = [performance.now(), cpuOfTree(pid)];
  const tokens = await run();
  return { tokens, wallMs: performance.now() - wall, cpuMs: (cpuOfTree(pid) - cpu) / 1000 };
}

const WAYS = {
  together: async (child: LlamaChild, prompts: readonly string[]) => {
    const counts = await Promise.all(prompts.map((prompt) => write(child, prompt)));
    return counts.reduce((sum, count) => sum + count, 0);
  },
  'one after the other': async (child: LlamaChild, prompts: readonly string[]) => {
    let sum = 0;
    for (const prompt of prompts) sum += await write(child, prompt);
    return sum;
  },
};

async function measure(path: string, threads: number) {
  const child = new LlamaChild('throughput', 300, () => undefined);
  const load = { type: 'load', path, threads, slots: STREAMS, batchTokens: BATCH_TOKENS } as const;
  await child.doLoad({ ...load, contextTokens: CONTEXT_TOKENS }, () => undefined, NEVER);
  const wall: number[] = [];
  const cpu: number[] = [];
  const rates: number[] = [];
  // One round to warm the caches, not counted.
  for (let round = -1; round < ROUNDS; round += 1) {
    const names = Object.keys(WAYS) as (keyof typeof WAYS)[];
    if (round % 2 === 0) names.reverse();
    const costs = new Map<keyof typeof WAYS, Cost>();
    for (const name of names) {
      const prompts = THINGS.map(
        (thing) => `${round} ${name}: tell a long story about a ${thing}.`,
      );
      costs.set(name, await timed(child, () => WAYS[name](child, prompts)));
    }
    const [many, single] = [costs.get('together'), costs.get('one after the other')];
    if (round < 0 || many === undefined || single === undefined) continue;
    wall.push(Math.log(many.tokens / many.wallMs / (single.tokens / single.wallMs)));
    cpu.push(Math.log(many.tokens / many.cpuMs / (single.tokens / single.cpuMs)));
    rates.push((1000 * many.tokens) / many.wallMs);
    process.stdout.write(
      `threads ${threads}, round ${round + 1} of ${ROUNDS}: ${Math.exp(wall.at(-1) ?? 0).toFixed(2)} times\n`,
    );
  }
  await child.doStop();
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  return { wall: ratio(wall), cpu: ratio(cpu), tokensPerSecond: Number(mean.toFixed(1)) };
}

/** Geometric mean over the rounds with its bootstrap interval. */
function ratio(logs: readonly number[]) {
  const { value, low, high } = bootstrapMean([...logs], { seed: SEED });
  const rounded = (log: number) => Number(Math.exp(log).toFixed(2));
  return { ratio: rounded(value), interval: [rounded(low), rounded(high)], rounds: logs.length };
}

const metrics: Record<string, unknown> = {};
for (const [name, model] of [
  ['qwen2.5-coder-0.5b', CODER_SMALL],
  ['smollm2-135m', SMOLLM2],
] as const) {
  const path = findModel(model);
  if (path === undefined) process.stderr.write(`${model.name} is not installed: cadre pull\n`);
  else
    for (const threads of [1, 2])
      metrics[`${name}, ${threads} thread${threads === 1 ? '' : 's'}`] = await measure(
        path,
        threads,
      );
}
printResult('farm-throughput', SEED, metrics);
