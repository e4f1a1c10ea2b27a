/**
 * How much of the bare engine's speed is left behind our process, messages, templates, streaming
 * and token probabilities; and what a smaller prompt step costs?
 *
 * Every round runs all of them once on the same prompt, in an order that rotates. A ratio is
 * bare ÷ ours in time per token, so 1 is the bare engine and more is faster. `cpu` compares
 * processor time of the two processes, which a busy machine does not distort; Linux only.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { getLlama, type LlamaModel } from 'node-llama-cpp';
import { LlamaChild } from '../src/adapters/models/llama-child.ts';
import { bootstrapMean } from '../src/base/statistics.ts';
import { textPart } from '../src/core/chat.ts';
import type { ModelRequest } from '../src/core/ports.ts';
import {
  CODER_SMALL,
  findModel,
  type NeededModel,
  SMOLLM2,
} from '../test/needs-models/model-paths.ts';
import { printResult } from './lib/result.ts';

const SEED = 1;
const ROUNDS = Number(process.env['CADRE_BENCH_ROUNDS'] ?? 6);
const THREADS = 1;
const CONTEXT_TOKENS = 1024;
const MAX_TOKENS = 32;
const BATCHES = [64, 128, 256, 512] as const;
/** The default of `fleet.batchTokens`. */
const USUAL_BATCH = 256;
const NEVER = new AbortController().signal;
const SYSTEM = 'You are a storyteller who never stops early.';
const SENTENCE =
  'The keeper of the lighthouse wrote down the weather, the ships and the birds that he had seen. ';

/** Milliseconds per token. */
interface Cost {
  readonly wall: number;
  readonly cpu: number;
}
interface Run {
  readonly prompt?: Cost;
  readonly generated: Cost;
}
type Runner = (prompt: string) => Promise<Run>;
interface BareOrder {
  readonly prompt: string;
  readonly temperature: number;
}
interface BareTimes {
  readonly promptTokens: number;
  readonly generatedTokens: number;
  readonly promptMs: number;
  readonly generatedMs: number;
  readonly promptCpuMs: number;
  readonly generatedCpuMs: number;
}

/** Processor time of all threads of a process so far; NaN where the system does not tell. */
function cpuMs(pid: number): number {
  try {
    let total = 0;
    for (const task of readdirSync(`/proc/${pid}/task`))
      total += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
    return total / 1e6;
  } catch {
    return Number.NaN;
  }
}

async function serveBare(path: string): Promise<void> {
  const llama = await getLlama({
    gpu: false,
    build: 'never',
    maxThreads: THREADS,
    logger: () => undefined,
  });
  const model: LlamaModel = await llama.loadModel({ modelPath: path, gpuLayers: 0 });
  const context = await model.createContext({ contextSize: CONTEXT_TOKENS, threads: THREADS });
  const sequence = context.getSequence();
  process.on('message', async ({ prompt, temperature }: BareOrder) => {
    await sequence.clearHistory();
    const tokens = model.tokenize(prompt, true);
    const times = [{ wall: performance.now(), cpu: cpuMs(process.pid) }];
    let generatedTokens = 0;
    for await (const _ of sequence.evaluate(tokens, {
      temperature,
      seed: SEED,
      yieldEogToken: true,
    })) {
      if (generatedTokens === 0) times.push({ wall: performance.now(), cpu: cpuMs(process.pid) });
      generatedTokens += 1;
      if (generatedTokens === MAX_TOKENS) break;
    }
    const [start, first] = times;
    if (start === undefined || first === undefined) throw new Error('no token');
    process.send?.({
      promptTokens: tokens.length,
      generatedTokens,
      promptMs: first.wall - start.wall,
      promptCpuMs: first.cpu - start.cpu,
      generatedMs: performance.now() - first.wall,
      generatedCpuMs: cpuMs(process.pid) - first.cpu,
    } satisfies BareTimes);
  });
  process.send?.('ready');
}

function reply<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as T));
    child.once('exit', (code) => reject(new Error(`the bare engine ended with ${code}`)));
  });
}

function bareRunner(child: ChildProcess, temperature: number): Runner {
  return async (prompt) => {
    child.send({ prompt: written(prompt), temperature } satisfies BareOrder);
    const times = await reply<BareTimes>(child);
    const later = times.generatedTokens - 1;
    return {
      prompt: {
        wall: times.promptMs / times.promptTokens,
        cpu: times.promptCpuMs / times.promptTokens,
      },
      generated: { wall: times.generatedMs / later, cpu: times.generatedCpuMs / later },
    };
  };
}

/** What both models' templates make of the two messages. */
function written(prompt: string): string {
  return `<|im_start|>system\n${SYSTEM}<|im_end|>\n<|im_start|>user\n${prompt}<|im_end|>\n<|im_start|>assistant\n`;
}

function ourRunner(child: LlamaChild, more: Partial<ModelRequest> = {}): Runner {
  return async (prompt) => {
    const request: ModelRequest = {
      messages: [
        { role: 'system', content: textPart(SYSTEM) },
        { role: 'user', content: textPart(prompt) },
      ],
      sampling: { temperature: 0 },
      maxTokens: MAX_TOKENS,
      ...more,
    };
    const pid = child.processId ?? 0;
    const start = { wall: performance.now(), cpu: cpuMs(pid) };
    let first = start;
    let read: Cost | undefined;
    for await (const event of child.doChat(request, NEVER)) {
      if (event.type === 'prompt-read') {
        first = { wall: performance.now(), cpu: cpuMs(pid) };
        const tokens = event.promptTokens - event.cachedTokens;
        if (tokens > 50)
          read = {
            wall: (first.wall - start.wall) / tokens,
            cpu: (first.cpu - start.cpu) / tokens,
          };
      } else if (event.type === 'ended') {
        const later = event.usage.completionTokens - 1;
        const generated = {
          wall: (performance.now() - first.wall) / later,
          cpu: (cpuMs(pid) - first.cpu) / later,
        };
        return read === undefined ? { generated } : { prompt: read, generated };
      }
    }
    throw new Error('the answer did not end');
  };
}

/** Geometric mean of bare ÷ ours over the rounds with its bootstrap interval. */
function ratio(bare: readonly (number | undefined)[], ours: readonly (number | undefined)[]) {
  const logs: number[] = [];
  for (const [round, cost] of bare.entries()) {
    const log = Math.log((cost ?? Number.NaN) / (ours[round] ?? Number.NaN));
    if (Number.isFinite(log)) logs.push(log);
  }
  const { value, low, high } = bootstrapMean(logs, { seed: SEED });
  const rounded = (log: number) => Number(Math.exp(log).toFixed(3));
  return { ratio: rounded(value), low: rounded(low), high: rounded(high), rounds: logs.length };
}

async function measure(model: NeededModel): Promise<Record<string, unknown> | undefined> {
  const path = findModel(model);
  if (path === undefined) return undefined;
  const bare = fork(fileURLToPath(import.meta.url), ['bare', path]);
  await reply<string>(bare);
  const children = new Map<number, LlamaChild>();
  for (const batchTokens of BATCHES) {
    const child = new LlamaChild(`batch ${batchTokens}`, 300, () => undefined);
    const load = { type: 'load', path, slots: 1, threads: THREADS, batchTokens } as const;
    await child.doLoad({ ...load, contextTokens: CONTEXT_TOKENS }, () => undefined, NEVER);
    children.set(batchTokens, child);
  }
  const runners = new Map<string, Runner>([['bare', bareRunner(bare, 0)]]);
  for (const [batch, child] of children)
    runners.set(`batch${batch}`, ourRunner(child, batch === USUAL_BATCH ? {} : { maxTokens: 2 }));
  const usual = children.get(USUAL_BATCH);
  if (usual === undefined) throw new Error('the usual batch is among the batches');
  runners.set('alternatives', ourRunner(usual, { logprobs: 5 }));
  runners.set('bareDrawn', bareRunner(bare, 0.7));
  runners.set('drawn', ourRunner(usual, { sampling: { temperature: 0.7, seed: SEED } }));
  const runs = new Map<string, Run[]>([...runners.keys()].map((name) => [name, []]));
  const names = [...runners.keys()];
  // One round to warm the caches, not counted.
  for (let round = -1; round < ROUNDS; round += 1) {
    const prompt = `Tale ${round + 2}. ${SENTENCE.repeat(12)}Tell a long story about it.`;
    for (let turn = 0; turn < names.length; turn += 1) {
      const name = names[(turn + round + 1) % names.length] ?? '';
      // No runner may find its prompt in the memory of another one's turn.
      const run = await runners.get(name)?.(`${turn}. ${prompt}`);
      if (round >= 0 && run !== undefined) runs.get(name)?.push(run);
    }
    process.stdout.write(`${model.name}: round ${round + 1} of ${ROUNDS}\n`);
  }
  bare.kill();
  for (const child of children.values()) await child.doStop();
  return report(runs);
}

function report(runs: ReadonlyMap<string, readonly Run[]>): Record<string, unknown> {
  const column = (name: string, kind: 'prompt' | 'generated', cost: 'wall' | 'cpu') =>
    (runs.get(name) ?? []).map((run) => run[kind]?.[cost]);
  const both = (kind: 'prompt' | 'generated', ours: string, reference = 'bare') => ({
    wall: ratio(column(reference, kind, 'wall'), column(ours, kind, 'wall')),
    cpu: ratio(column(reference, kind, 'cpu'), column(ours, kind, 'cpu')),
  });
  const perSecond = (kind: 'prompt' | 'generated') => {
    const costs = column('bare', kind, 'cpu').filter((cost) => cost !== undefined);
    return Number((1000 / (costs.reduce((sum, cost) => sum + cost, 0) / costs.length)).toFixed(1));
  };
  return {
    prompt: both('prompt', `batch${USUAL_BATCH}`),
    generated: both('generated', `batch${USUAL_BATCH}`),
    generatedDrawn: both('generated', 'drawn', 'bareDrawn'),
    generatedWithAlternatives: both('generated', 'alternatives'),
    promptByBatch: Object.fromEntries(
      BATCHES.map((batch) => [batch, both('prompt', `batch${batch}`)]),
    ),
    barePerCpuSecond: { prompt: perSecond('prompt'), generated: perSecond('generated') },
  };
}

if (process.argv[2] === 'bare') await serveBare(process.argv[3] ?? '');
else {
  const metrics: Record<string, unknown> = {};
  for (const [name, model] of [
    ['smollm2-135m', SMOLLM2],
    ['qwen2.5-coder-0.5b', CODER_SMALL],
  ] as const) {
    const measured = await measure(model);
    if (measured !== undefined) metrics[name] = measured;
  }
  printResult('local-speed', SEED, metrics);
}
