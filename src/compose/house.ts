import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createEgress } from '../adapters/egress/egress.ts';
import type { BatchWire } from '../core/batch.ts';
import type { Config } from '../core/config.ts';
import type { Farm } from '../core/farm.ts';
import type { Clock, Random } from '../core/ports.ts';
import { Upstreams } from '../fleet/upstreams.ts';
import { createStarterEstimator } from '../gate/estimator.ts';
import { Pins } from '../gate/pins.ts';
import { createPipeline } from '../pipeline.ts';
import { createBudgets } from '../policy/budget.ts';
import { createPermitOffice } from '../policy/permits.ts';
import { createRateLimiter, type RateLimiter } from '../policy/rate.ts';
import { createMetrics, type Metrics } from '../record/metrics.ts';
import { mergeSpokes, STARTER_SPOKES } from '../run/starter-spokes.ts';
import type { Ask, PipelineParts } from '../stages/parts.ts';
import { composeAcquire } from './acquire.ts';
import { composeBatches } from './batches.ts';
import { composeClassifiers } from './classifiers.ts';
import { composeFarm } from './farm.ts';
import { composeKnowledge } from './knowledge.ts';
import { composeModels } from './models.ts';
import { openRateMemory } from './rate-memory.ts';
import { readSecret } from './secret.ts';
import { createSessions } from './sessions.ts';
import type { Settings } from './settings.ts';
import { composeSharedAnswers } from './shared-answers.ts';
import { readSpokes } from './spokes.ts';
import { openStore } from './store.ts';
import { keepTidy } from './tidy.ts';

interface HouseParts {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: (line: string) => void;
  readonly isDraining: () => boolean;
  readonly stop: () => void;
  /** Where the farm listens, once it does. */
  readonly url: () => string | undefined;
}

/** All rooms of one home, put together, without a server in front. */
export interface House {
  readonly farm: Farm;
  /** Follows folders, fetches starter models, works on batches, forgets what is old; until it closes. */
  startBackground(batchWire: BatchWire): void;
  close(): Promise<void>;
}

/** Opens a home's rooms; what was opened is closed again when a later one fails. */
export async function composeHouse(parts: HouseParts): Promise<House> {
  const closers: (() => Promise<void> | void)[] = [];
  const background = new AbortController();
  const tasks: Promise<void>[] = [];
  const close = async () => {
    background.abort();
    await Promise.allSettled(tasks);
    const failures: unknown[] = [];
    for (const closer of closers.splice(0).toReversed()) {
      // One room that cannot close must not keep the others open.
      await (async () => closer())().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  };
  const opened = <T>(thing: T, closer: (thing: T) => Promise<void> | void): T => {
    closers.push(() => closer(thing));
    return thing;
  };
  try {
    return { ...(await compose(parts, opened, background.signal, tasks)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

type Opened = <T>(thing: T, closer: (thing: T) => Promise<void> | void) => T;

async function compose(
  parts: HouseParts,
  opened: Opened,
  background: AbortSignal,
  tasks: Promise<void>[],
): Promise<Omit<House, 'close'>> {
  const { settings, clock, log } = parts;
  const { config } = settings;
  const rooms = await openRooms(parts, opened);
  const { store, models, knowledge } = rooms;
  const spokes = () => spokesNow(config, rooms);
  // A spoke that names an unknown model or destination stops the start, not the first request.
  spokes();
  const rates = createRateLimiter({ now: clock.elapsed });
  opened(await openRateMemory({ home: settings.home, rates, clock }), (one) => one.close());
  const metrics = settlingMetrics(createMetrics(), rates);
  const budgets = createBudgets({ store, now: clock.now });
  await budgets.releaseStale(2 * config.limits.requestSeconds * 1000);
  const shared = composeSharedAnswers(config, rooms.merged);
  const pipeline = createPipeline(
    pipelineParts(parts, rooms, { metrics, budgets, spokes, ...(shared ? { shared } : {}) }),
  );
  let active = 0;
  const ask = counted(pipeline.ask, (change) => {
    active += change;
  });
  const batches = composeBatches({ settings, store, clock, random: parts.random, log });
  const farm = composeFarm({
    ...parts,
    store,
    batches,
    models,
    knowledge,
    pipeline: { ...pipeline, ask },
    spokes,
    metrics,
    rates,
    sessions: createSessions(),
    startedAt: clock.now(),
    activeRequests: () => active,
    keptAnswers: () => shared && { count: shared.cache.count, bytes: shared.cache.bytes },
  });
  return {
    farm,
    startBackground(batchWire) {
      tasks.push(rooms.follow(background));
      tasks.push(batches.run(batchWire, background));
      tasks.push(keepTidy({ store, clock, config: config.record, log }, background));
      if (config.fleet.starter && !config.fleet.offline)
        tasks.push(models.pullStarters(background, log));
    },
  };
}

type Rooms = Awaited<ReturnType<typeof openRooms>>;

/** What holds files, processes or connections and is closed with the house. */
async function openRooms({ settings, clock, log }: HouseParts, opened: Opened) {
  const { config } = settings;
  // The salt of the feature hashes stays with the home.
  const salt = readSecret(join(settings.home, 'salt'));
  const permits = createPermitOffice({ now: clock.now });
  const egress = opened(
    createEgress({
      refusal: permits.refusal,
      destinations: config.destinations,
      offline: config.fleet.offline,
    }),
    (one) => one.close(),
  );
  const store = opened(await openStore(settings), (one) => one.doClose());
  const models = opened(await composeModels({ settings, egress, clock }), (one) => one.close());
  const { knowledge, follow } = opened(
    await composeKnowledge({ settings, store, models, clock, log }),
    (one) => one.close(),
  );
  const merged = mergeSpokes(STARTER_SPOKES, config.spokes);
  const classifiers = opened(composeClassifiers({ settings, spokes: merged, models, log }), (one) =>
    one.close(),
  );
  const upstreams = new Upstreams({
    destinations: config.destinations,
    elapsed: clock.elapsed,
    random: Math.random,
    wait: (ms, { signal }) => pause(ms, undefined, { signal }),
  });
  return {
    salt,
    permits,
    egress,
    store,
    models,
    knowledge,
    follow,
    merged,
    classifiers,
    upstreams,
  };
}

function pipelineParts(
  { settings, clock, random }: HouseParts,
  { salt, permits, egress, store, models, knowledge, classifiers, upstreams }: Rooms,
  common: Pick<PipelineParts, 'metrics' | 'budgets' | 'spokes' | 'shared'>,
): PipelineParts {
  const { config } = settings;
  return {
    ...common,
    config,
    clock,
    random,
    receipts: store,
    estimator: createStarterEstimator(),
    pins: new Pins(),
    permits,
    upstreams,
    knowledge,
    acquire: composeAcquire({
      config,
      environment: settings.environment,
      models,
      egress,
      classifierOf: (id) => classifiers.get(id),
    }),
    embed: (texts, signal) => models.embedder()?.doEmbed(texts, 'passage', { signal }),
    collectionLabel: (name) =>
      config.collections.find((one) => one.name === name)?.label ?? 'internal',
    onSpeed: models.recordSpeed,
    salt: salt.toString('hex'),
    threads: models.threads,
  };
}

function spokesNow(config: Config, { merged, models, classifiers, upstreams }: Rooms) {
  const statuses = new Map(models.statuses().map((status) => [status.id, status]));
  return readSpokes({
    config,
    spokes: merged,
    entryOf: (id) => models.catalogue.find(id),
    statusOf: (id) => statuses.get(id),
    classifierOf: (id) => classifiers.get(id),
    memoryBudget: models.memoryBudget,
    threads: models.threads,
    problemOf: (model) => upstreams.problemOf(model),
  });
}

/** Every request that was let in leaves a receipt, which says what it used of its key's tokens. */
function settlingMetrics(metrics: Metrics, rates: RateLimiter): Metrics {
  return {
    ...metrics,
    observe(receipt) {
      metrics.observe(receipt);
      if (receipt.depth > 0) return;
      const { promptTokens, completionTokens } = receipt.total?.usage ?? receipt.usage;
      rates.settle(receipt.id, promptTokens + completionTokens);
    },
  };
}

/** Counts requests of callers while they run; what they delegate is not counted again. */
function counted(ask: Ask, onChange: (change: 1 | -1) => void): Ask {
  return async function* (call, signal) {
    onChange(1);
    try {
      yield* ask(call, signal);
    } finally {
      onChange(-1);
    }
  };
}
