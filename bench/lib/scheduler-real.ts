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
import { planFleet, settingsFor } from '../../src/fleet/plan.ts';
import { lruPolicy } from '../../src/fleet/plan-peers.ts';
import { ModelResidency } from '../../src/fleet/residency.ts';
import {
  EXAMPLE_FARM,
  generateTrace,
  TRACE_KINDS,
  type TraceKind,
} from '../../src/fleet/trace-generate.ts';

const BUDGET = 2_600_000_000;
const SLOTS = 2;
const CONTEXT_TOKENS = 4096;
/** Of the farm's models so many fit whichever they are. */
const COUNT = 2;
const REQUESTS = Number(process.env['CADRE_BENCH_REQUESTS'] ?? 120);
const RATE = 0.8;
/** The patience that the simulation chose for this rate on other seeds. */
const PATIENCE_MS: Readonly<Record<TraceKind, number>> = {
  zipf: 10_000,
  bursty: 30_000,
  daily: 30_000,
};
const never = new AbortController().signal;

/** The file behind a model of the example farm: several are the same weights, each in its own process. */
const FILES = {
  '135m': 'smollm2-135m-instruct-q4_1',
  '0.5b': 'qwen2.5-coder-0.5b-instruct-q4_k_m',
  '1.5b': 'qwen2.5-coder-1.5b-instruct-q4_k_m',
} as const;

/**
 * The example farm with real weights: one short trace of each kind under both policies, which take
 * turns in going first, so that what else the machine does meets both alike.
 */
export async function realRuns(seed: number) {
  const traces: Record<
    string,
    Readonly<Record<'ours' | 'lru', RealResult>> & { fewerLoads: number }
  > = {};
  for (const [index, kind] of TRACE_KINDS.entries()) {
    const wish = { kind, seed, models: EXAMPLE_FARM, requests: REQUESTS, rate: RATE };
    const { requests } = generateTrace(wish);
    const runs = {
      ours: () => realRun(requests, (view) => planFleet(view, settingsFor(PATIENCE_MS[kind]))),
      lru: () => realRun(requests, lruPolicy(COUNT)),
    };
    const results: Partial<Record<'ours' | 'lru', RealResult>> = {};
    for (const name of index % 2 === 0 ? (['ours', 'lru'] as const) : (['lru', 'ours'] as const)) {
      const result = await runs[name]();
      results[name] = result;
      process.stdout.write(`${kind}, ${name}: ${JSON.stringify(result)}\n`);
    }
    const { ours, lru } = results;
    if (ours === undefined || lru === undefined) throw new Error('a run is missing');
    const fewerLoads = Number((1 - ours.loads / lru.loads).toFixed(3));
    traces[kind] = { ours, lru, fewerLoads };
  }
  return { requests: REQUESTS, rate: RATE, budget: BUDGET, patienceMs: PATIENCE_MS, ...traces };
}

type RealResult = Awaited<ReturnType<typeof realRun>>;

async function realRun(
  requests: readonly { readonly at: number; readonly model: string }[],
  policy: FleetPolicy,
) {
  const loads: number[] = [];
  let peakBytes = 0;
  let refused = 0;
  const residency = new ModelResidency(
    {
      loader: countedLoader(loads),
      policy,
      clock: { now: () => Date.now(), elapsed: () => performance.now() },
      wait: async (ms, { signal }) => void (await sleep(ms, undefined, { signal })),
      freeMemory: freemem,
      requireInstalled: entryOf,
    },
    {
      memoryBudget: BUDGET,
      slots: SLOTS,
      queueLength: 64,
      patienceMs: 5000,
      contextTokens: CONTEXT_TOKENS,
    },
  );
  const waits: number[] = [];
  await Promise.all(
    requests.map(async ({ at, model }) => {
      await sleep(at);
      const start = performance.now();
      const lease = await residency.acquire(model, { signal: never }).catch(() => undefined);
      if (lease === undefined) {
        refused += 1;
        return;
      }
      waits.push(performance.now() - start);
      peakBytes = Math.max(peakBytes, residency.memoryUsed());
      await answer(lease);
      lease.release();
    }),
  );
  await residency.close();
  const seconds = (share: number) => Number((quantile(waits, share) / 1000).toFixed(1));
  return {
    loads: loads.length,
    refused,
    loadSeconds: Number((loads.reduce((sum, one) => sum + one, 0) / 1000).toFixed(1)),
    wait: { p50: seconds(0.5), p95: seconds(0.95), longest: seconds(1) },
    peakBytes,
  };
}

function sizeOf(id: string): keyof typeof FILES {
  const size = /(135m|0\.5b|1\.5b)/.exec(id)?.[1];
  if (size === '135m' || size === '0.5b' || size === '1.5b') return size;
  throw new Error(`${id} has no size`);
}

const catalogue = readCatalogue();

function entryOf(id: string): ModelEntry {
  return { ...catalogue.get(FILES[sizeOf(id)]), id };
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
    estimate: async ({ id }: ModelEntry) =>
      EXAMPLE_FARM.find((one) => one.id === id)?.bytes ?? BUDGET,
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
