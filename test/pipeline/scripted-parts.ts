import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { openSqliteStore } from '../../src/adapters/stores/sqlite-store.ts';
import { composeSharedAnswers } from '../../src/compose/shared-answers.ts';
import { readSpokes } from '../../src/compose/spokes.ts';
import type { AnswerChecker } from '../../src/core/answer-checker.ts';
import type { Call, Caller } from '../../src/core/call.ts';
import { lockfileSchema, type ModelStatus } from '../../src/core/catalogue.ts';
import { type ChatRequest, textPart } from '../../src/core/chat.ts';
import { type Config, parseConfig } from '../../src/core/config.ts';
import type { CadreEvent } from '../../src/core/events.ts';
import type { Classifier } from '../../src/core/ports.ts';
import type { Store } from '../../src/core/stores.ts';
import { Upstreams } from '../../src/fleet/upstreams.ts';
import { createStarterEstimator } from '../../src/gate/estimator.ts';
import { Pins } from '../../src/gate/pins.ts';
import type { Knowledge } from '../../src/ground/knowledge.ts';
import { createPipeline, type Pipeline } from '../../src/pipeline.ts';
import { createBudgets } from '../../src/policy/budget.ts';
import { createPermitOffice, type PermitOffice } from '../../src/policy/permits.ts';
import { createMetrics } from '../../src/record/metrics.ts';
import type { PipelineParts } from '../../src/stages/parts.ts';
import { SHIPPED_SCORER } from '../../src/verify/support-scorer.ts';
import {
  type ScriptedCollection,
  type ScriptedKnowledge,
  scriptedKnowledge,
} from './scripted-knowledge.ts';
import { abortOf, type ModelCall, type Script, scriptedModel, WAIT } from './scripted-model.ts';

export interface WorldOptions {
  /** By the spoke's id; a spoke without a script cannot be acquired. */
  readonly models?: Readonly<Record<string, Script>>;
  /** Progress that loading a spoke's model reports; `WAIT` as the last: it never ends by itself. */
  readonly loading?: Readonly<Record<string, readonly (number | typeof WAIT)[]>>;
  readonly collections?: Readonly<Record<string, ScriptedCollection>>;
  /** In place of the collections: documents that are really indexed. */
  readonly knowledge?: Knowledge;
  /** Over the test farm's own configuration. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly embed?: PipelineParts['embed'];
  readonly grounding?: PipelineParts['grounding'];
  /** Stands before the store's receipts. */
  readonly receipts?: (store: Store) => PipelineParts['receipts'];
  /** With it the gate may ask a cheap spoke first. */
  readonly checker?: AnswerChecker;
  /** Tokens per second by model, read and written alike; others have a usual speed of their size. */
  readonly speeds?: Readonly<Record<string, number>>;
  /** Labels of the spokes that are classifiers; what they answer is in `models`. */
  readonly labels?: Readonly<Record<string, readonly string[]>>;
  /** Least cosine of questions that share an answer, by spoke. */
  readonly similar?: ReadonlyMap<string, number>;
}

export interface Lease {
  readonly spoke: string;
  releases: number;
}

/** A whole pipeline: only models and documents are scripted, the state lies in a real database. */
export interface World {
  readonly pipeline: Pipeline;
  readonly store: Store;
  readonly permits: PermitOffice;
  readonly knowledge: ScriptedKnowledge;
  readonly calls: ModelCall[];
  readonly leases: Lease[];
  /** Ids of settled reservations with what was spent, in order. */
  readonly settled: { readonly id: string; readonly spent: number }[];
  readonly reserved: { readonly id: string; readonly amount: number }[];
  /** Everything that lies on the disk now, as text. */
  bytes(): string;
}

const SMALL = 'smollm2-135m-instruct-q4_1';
const MIDDLE = 'qwen2.5-coder-0.5b-instruct-q4_k_m';
const LARGE = 'qwen2.5-coder-1.5b-instruct-q4_k_m';

/** A promise of 0 takes the cheapest spoke and makes the rest its cascade. */
export const FARM = {
  gate: { promise: 0, promiseCheap: 0 },
  spokes: [
    { id: 'small', model: SMALL, fallback: ['large'] },
    { id: 'large', model: LARGE, tools: true },
    { id: 'grounded', model: MIDDLE, kind: 'grounded', fallback: ['grounded-large'] },
    { id: 'grounded-large', model: LARGE, kind: 'grounded' },
  ],
};

export const VENDOR = {
  id: 'vendor',
  kind: 'openai',
  url: 'http://127.0.0.1:9/v1',
  clearance: 'internal',
  prices: { 'big-70b': { input: 2.5, output: 10 } },
};

export const FRONTIER = { id: 'frontier', model: 'vendor/big-70b', tools: true };

const lockfile = lockfileSchema.parse(
  JSON.parse(readFileSync(resolve(import.meta.dirname, '../../models.lock.json'), 'utf8')),
);
const estimator = createStarterEstimator();

/** Opens a world that ends with the test. */
export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'pipeline-'));
  const store = await openSqliteStore(join(folder, 'state.db'));
  onTestFinished(async () => {
    await store.doClose();
    rmSync(folder, { recursive: true });
  });
  const config = parseConfig({ ...FARM, ...options.config });
  const world: Omit<World, 'pipeline'> = {
    store,
    permits: createPermitOffice({ now: Date.now }),
    knowledge: scriptedKnowledge(options.collections ?? {}),
    calls: [],
    leases: [],
    settled: [],
    reserved: [],
    bytes: () =>
      readdirSync(folder)
        .map((name) => readFileSync(join(folder, name), 'latin1'))
        .join('\n'),
  };
  return { ...world, pipeline: createPipeline(partsOf(world, config, options)) };
}

function partsOf(
  world: Omit<World, 'pipeline'>,
  config: Config,
  options: WorldOptions,
): PipelineParts {
  let ids = 0;
  const upstreams = new Upstreams({
    destinations: config.destinations,
    elapsed: () => performance.now(),
    random: () => 0,
    wait: (ms, { signal }) => pause(ms, undefined, { signal }),
    log: () => undefined,
  });
  return {
    config,
    upstreams,
    clock: { now: Date.now, elapsed: () => performance.now() },
    random: {
      id: (count) => {
        ids += 1;
        return String(ids).padStart(count, '0');
      },
    },
    receipts: options.receipts?.(world.store) ?? world.store,
    gate: () => ({ estimator, ...(options.checker ? { checker: options.checker } : {}) }),
    pins: new Pins(),
    permits: world.permits,
    budgets: createBudgets({ store: watchedSpending(world), now: Date.now }),
    knowledge: options.knowledge ?? world.knowledge,
    metrics: createMetrics(),
    ...sharedOf(config, options.similar),
    spokes: () =>
      readSpokes({
        config,
        spokes: config.spokes,
        entryOf: (id) => lockfile.models.find((one) => one.id === id),
        statusOf: (id) => statusOf(id, options.speeds?.[id]),
        classifierOf: (id) => classifierOf(id, options.labels?.[id]),
        memoryBudget: 8e9,
        threads: 2,
        problemOf: (model) => upstreams.problemOf(model),
      }),
    acquire: scriptedAcquire(world, options),
    embed: options.embed ?? (() => undefined),
    grounding:
      options.grounding ??
      (() => ({ scorer: SHIPPED_SCORER, threshold: config.verify.supportThreshold })),
    collectionLabel: (name) =>
      config.collections.find((one) => one.name === name)?.label ?? 'internal',
    onSpeed: () => undefined,
    salt: 'salt of this test',
    threads: 2,
  };
}

function sharedOf(config: Config, similar: WorldOptions['similar']): Pick<PipelineParts, 'shared'> {
  const shared = composeSharedAnswers(config, config.spokes, similar);
  return shared === undefined ? {} : { shared };
}

/** The store's own spending, with a note of what was reserved and settled. */
function watchedSpending(world: Omit<World, 'pipeline'>): Store {
  const { store } = world;
  return {
    ...store,
    async doReserve(wish) {
      const held = await store.doReserve(wish);
      if (held) world.reserved.push({ id: wish.id, amount: wish.amount });
      return held;
    },
    doSettle(id, spent) {
      world.settled.push({ id, spent });
      return store.doSettle(id, spent);
    },
  };
}

function classifierOf(id: string, labels: readonly string[] | undefined): Classifier | undefined {
  const doClassify = () => Promise.reject(new Error(`${id} answers by its script`));
  return labels && { id, labels, doClassify };
}

function statusOf(id: string, speed: number | undefined): ModelStatus | undefined {
  const entry = lockfile.models.find((one) => one.id === id);
  return (
    entry && {
      ...entry,
      state: 'resident',
      starter: false,
      fileBytes: 0,
      pulledBytes: 0,
      memoryBytes: 1e8,
      activeRequests: 0,
      queuedRequests: 0,
      ...(speed === undefined
        ? {}
        : { promptTokensPerSecond: speed, generatedTokensPerSecond: speed }),
    }
  );
}

function scriptedAcquire(
  world: Omit<World, 'pipeline'>,
  { models = {}, loading = {} }: WorldOptions,
): PipelineParts['acquire'] {
  const known = new Map(
    Object.entries(models).map(([id, script]) => [id, scriptedModel(id, script, world.calls)]),
  );
  return async ({ id }, { signal, onProgress }) => {
    signal.throwIfAborted();
    for (const share of loading[id] ?? []) {
      if (share === WAIT) await abortOf(signal);
      else onProgress(share);
    }
    const model = known.get(id);
    if (model === undefined) throw new Error(`the script has no model for ${id}`);
    const lease: Lease = { spoke: id, releases: 0 };
    world.leases.push(lease);
    return {
      model,
      release: () => {
        lease.releases += 1;
      },
    };
  };
}

export const ANYONE: Caller = { key: 'key_test', principals: ['public'], keepsText: false };

export interface AskOptions extends Partial<Omit<Call, 'request'>> {
  readonly request?: Partial<ChatRequest>;
  readonly signal?: AbortSignal;
}

export function callOf(model: string, text: string, options: AskOptions = {}): Call {
  const { request, signal: _signal, ...change } = options;
  return {
    id: 'req_test',
    caller: ANYONE,
    deadline: Date.now() + 60_000,
    depth: 0,
    ...change,
    request: {
      model,
      messages: [{ role: 'user', content: textPart(text) }],
      sampling: {},
      ...request,
    },
  };
}

/** Asks and reads to the end. */
export async function ask(
  world: World,
  model: string,
  text: string,
  options: AskOptions = {},
): Promise<CadreEvent[]> {
  const signal = options.signal ?? new AbortController().signal;
  const events: CadreEvent[] = [];
  for await (const event of world.pipeline.ask(callOf(model, text, options), signal))
    events.push(event);
  return events;
}
