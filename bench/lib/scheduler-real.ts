import { freemem, homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLlamaLoader } from '../../src/adapters/models/llama-process.ts';
import { modelFilePath } from '../../src/adapters/models/model-files.ts';
import { quantile } from '../../src/base/statistics.ts';
import { weightsOf } from '../../src/compose/model-memory.ts';
import { readCatalogue } from '../../src/compose/models.ts';
import type { ModelEntry } from '../../src/core/catalogue.ts';
import { textPart } from '../../src/core/chat.ts';
import type { ModelLease, ModelLoader } from '../../src/core/ports.ts';
import type { FleetPolicy } from '../../src/fleet/fleet-view.ts';
import { planFleet } from '../../src/fleet/plan.ts';
import { lruPolicy } from '../../src/fleet/plan-peers.ts';
import { ModelResidency } from '../../src/fleet/residency.ts';
import type { TraceModel } from '../../src/fleet/trace.ts';
import { generateTrace } from '../../src/fleet/trace-generate.ts';

const BUDGET = 2_600_000_000;
const SLOTS = 2;
const CONTEXT_TOKENS = 4096;
/** Any two of the three fit, all three do not. */
const COUNT = 2;
/** Bytes after loading, and milliseconds on a quiet machine. */
const MODELS: readonly TraceModel[] = [
  { id: 'smollm2-135m-instruct-q4_1', bytes: 378_000_000, loadMs: 1000 },
  { id: 'qwen2.5-coder-0.5b-instruct-q4_k_m', bytes: 809_000_000, loadMs: 2500 },
  { id: 'qwen2.5-coder-1.5b-instruct-q4_k_m', bytes: 1_577_000_000, loadMs: 5000 },
];
const REQUESTS = Number(process.env['CADRE_BENCH_REQUESTS'] ?? 40);
const RATE = 0.8;
const never = new AbortController().signal;

/** In this order, so that what else the machine does meets both alike. */
const ORDER = [
  ['ours', 0],
  ['lru', 0],
  ['lru', 1],
  ['ours', 1],
] as const;

/** Two short traces with real weights under both policies; agents alternate models. */
export async function realRuns(seed: number) {
  const policies: Readonly<Record<'ours' | 'lru', FleetPolicy>> = {
    ours: (view) => planFleet(view),
    lru: lruPolicy(COUNT),
  };
  const results: Record<'ours' | 'lru', Awaited<ReturnType<typeof realRun>>[]> = {
    ours: [],
    lru: [],
  };
  for (const [name, round] of ORDER) {
    const result = await realRun(shortTrace(seed + round), policies[name]);
    results[name].push(result);
    process.stdout.write(`${name}, trace ${round + 1}: ${JSON.stringify(result)}\n`);
  }
  const loads = (name: 'ours' | 'lru') => results[name].reduce((sum, one) => sum + one.loads, 0);
  const fewerLoads = Number((1 - loads('ours') / loads('lru')).toFixed(3));
  return { requests: REQUESTS, rate: RATE, budget: BUDGET, fewerLoads, ...results };
}

/** The day's quiet hours would only be waited through: agents begin in quick succession. */
function shortTrace(seed: number) {
  const wish = { kind: 'daily', seed, models: MODELS, requests: REQUESTS, rate: RATE } as const;
  return generateTrace(wish)
    .requests.slice(0, REQUESTS)
    .map(({ model }, index) => ({ model, at: (index * 1000) / RATE }));
}

async function realRun(
  requests: readonly { readonly at: number; readonly model: string }[],
  policy: FleetPolicy,
) {
  const loads: number[] = [];
  let peakBytes = 0;
  const catalogue = readCatalogue();
  const residency = new ModelResidency(
    {
      loader: countedLoader(loads),
      policy,
      clock: { now: () => Date.now(), elapsed: () => performance.now() },
      wait: async (ms, { signal }) => void (await sleep(ms, undefined, { signal })),
      freeMemory: freemem,
      requireInstalled: (id) => catalogue.get(id),
    },
    {
      memoryBudget: BUDGET,
      slots: SLOTS,
      queueLength: 64,
      patienceMs: 5000,
      contextTokens: CONTEXT_TOKENS,
    },
  );
  const waits = await Promise.all(
    requests.map(async ({ at, model }) => {
      await sleep(at);
      const start = performance.now();
      const lease = await residency.acquire(model, { signal: never });
      const waited = performance.now() - start;
      peakBytes = Math.max(peakBytes, residency.memoryUsed());
      await answer(lease);
      lease.release();
      return waited;
    }),
  );
  await residency.close();
  const seconds = (share: number) => Number((quantile(waits, share) / 1000).toFixed(1));
  return {
    loads: loads.length,
    loadSeconds: Number((loads.reduce((sum, one) => sum + one, 0) / 1000).toFixed(1)),
    wait: { p50: seconds(0.5), p95: seconds(0.95), longest: seconds(1) },
    peakBytes,
  };
}

/** The real loader; what it loads is noted, and what a model needs is known from the start. */
function countedLoader(loads: number[]): ModelLoader {
  const folder = join(process.env['CADRE_HOME'] ?? join(homedir(), '.cadre'), 'models');
  const real = createLlamaLoader({
    threads: 1,
    slots: SLOTS,
    contextTokens: CONTEXT_TOKENS,
    batchTokens: 256,
    stallSeconds: 120,
    locate: (entry) => ({ path: modelFilePath(folder, weightsOf(entry)) }),
    estimate: async ({ id }: ModelEntry) => MODELS.find((one) => one.id === id)?.bytes ?? BUDGET,
  });
  return {
    ...real,
    async doLoad(entry, options) {
      const loaded = await real.doLoad(entry, options);
      loads.push(loaded.loadMs);
      return loaded;
    },
  };
}

async function answer({ model }: ModelLease): Promise<void> {
  const request = {
    messages: [{ role: 'user' as const, content: textPart('Say yes.') }],
    sampling: { temperature: 0 },
    maxTokens: 4,
  };
  for await (const event of model.doChat(request, { signal: never }))
    if (event.type === 'ended') return;
}
