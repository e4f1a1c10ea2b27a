import { join } from 'node:path';
import { createEgress } from '../adapters/egress/egress.ts';
import { baseModelId } from '../core/adapter.ts';
import type { BatchWire } from '../core/batch.ts';
import type { Farm } from '../core/farm.ts';
import type { Clock, Random } from '../core/ports.ts';
import type { Receipt } from '../core/receipt.ts';
import { DevicePool } from '../fleet/device-pool.ts';
import { Pins } from '../gate/pins.ts';
import { createBudgets } from '../policy/budget.ts';
import { createPermitOffice } from '../policy/permits.ts';
import { createRateLimiter, type RateLimiter } from '../policy/rate.ts';
import { createMetrics, type Metrics } from '../record/metrics.ts';
import { watchReceipts } from '../record/receipt-watch.ts';
import { composeBatches } from './batches.ts';
import { describePassages } from './context-spokes.ts';
import { composeDevices } from './devices.ts';
import { composeFarm } from './farm.ts';
import { type GateRoom, openGateRoom } from './gate-room.ts';
import { composeGeneration, type Lasting } from './generation.ts';
import { Generations } from './generations.ts';
import { composeKnowledge } from './knowledge.ts';
import { composeModels } from './models.ts';
import { Openings } from './openings.ts';
import { composeOwnWork } from './own-work.ts';
import { openRateMemory } from './rate-memory.ts';
import { Reloader } from './reload.ts';
import { readSecret } from './secret.ts';
import { createSessions } from './sessions.ts';
import type { Settings } from './settings.ts';
import { ShadowRoom } from './shadow-room.ts';
import { ShadowFile } from './shadow-settings.ts';
import { openStore } from './store.ts';
import { keepTidy } from './tidy.ts';
import { composeTraining, openSpecialists } from './training.ts';
import { composeVectorStores } from './vector-stores.ts';

interface HouseParts {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: (line: string) => void;
  readonly isDraining: () => boolean;
  readonly stop: () => void;
  /** Where the farm listens, once it does. */
  readonly url: () => string | undefined;
  /** Where the models come from; the benchmarks keep the answers of theirs. */
  readonly openModels?: typeof composeModels;
}

/** All rooms of one home, put together, without a server in front. */
export interface House {
  readonly farm: Farm;
  /** Follows folders, fetches starter models, works on batches, forgets what is old; until it closes. */
  startBackground(batchWire: BatchWire): void;
  /** Takes over changed settings, as a whole or not at all; never rejects. */
  reload(read: () => Promise<Settings>): Promise<void>;
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
  const rooms = await openRooms(parts, opened, () => generations);
  const { store, gateRoom } = rooms;
  const rates = createRateLimiter({ now: clock.elapsed });
  opened(await openRateMemory({ home: settings.home, rates, clock }), close);
  const budgets = createBudgets({ store, now: clock.now });
  await budgets.releaseStale(2 * settings.config.limits.requestSeconds * 1000);
  const lasting: Lasting = {
    ...parts,
    ...rooms,
    metrics: settlingMetrics(createMetrics(), rates, () => [gateRoom.drift, training.departures]),
    budgets,
    gate: () => gateRoom.inForce,
    pins: new Pins(),
    devicePool: new DevicePool(),
    startedAt: clock.now(),
    specialists: () => rooms.shelf.current,
  };
  const generations = opened(new Generations(await composeGeneration(lasting, settings)), close);
  const ownWork = opened(composeOwnWork({ ...lasting, ...rooms, settings, generations }), close);
  const reloader = new Reloader(lasting, generations);
  const batches = composeBatches({ settings, store, clock, random: parts.random, log });
  const recompose = () => reloader.recompose();
  const training = opened(composeTraining({ ...parts, ...rooms, generations, recompose }), close);
  const shadows = composeShadows(parts, { ...rooms, generations });
  const farm = composeFarm({
    ...parts,
    ...lasting,
    ...rooms,
    ...training,
    devices: composeDevices({ ...rooms, ...training, pool: lasting.devicePool }),
    generations,
    shadows,
    batches,
    configStatus: () => reloader.status,
    ownWork,
    rates,
    sessions: createSessions(),
  });
  return {
    farm,
    reload: (read) => reloader.reload(read),
    startBackground(batchWire) {
      const record = () => generations.current.settings.config.record;
      tasks.push(
        batches.run(batchWire, background),
        shadows.run(background),
        training.run(background),
        describePassages({ ...parts, ...rooms, generations }, background),
        ...followHome({ ...parts, ...rooms, record, ownWork }, background),
      );
    },
  };
}

function close(one: { close(): Promise<void> | void }): Promise<void> | void {
  return one.close();
}

/** What goes on beside the requests and the jobs. */
function followHome(
  parts: HouseParts &
    Awaited<ReturnType<typeof openRooms>> & {
      readonly record: () => Settings['config']['record'];
      readonly ownWork: ReturnType<typeof composeOwnWork>;
    },
  signal: AbortSignal,
): Promise<void>[] {
  const { settings, models, record, ownWork, log } = parts;
  const { fleet } = settings.config;
  const isFetching = fleet.starter && !fleet.offline;
  const fetched = isFetching ? models.pullStarters(signal, log) : Promise.resolve();
  return [
    parts.follow(signal),
    keepTidy({ ...parts, config: record }, signal),
    // With the embedder, which is among the starters, the moderation model learns better.
    fetched.then(() => ownWork.makeReady({ signal, log })),
  ];
}

/** What holds files, processes or connections and is closed with the house. */
async function openRooms(parts: HouseParts, opened: Opened, generations: () => Generations) {
  const { settings, clock, log, openModels = composeModels } = parts;
  const { config } = settings;
  // The salt of the feature hashes stays with the home.
  const salt = readSecret(join(settings.home, 'salt')).toString('hex');
  const permits = createPermitOffice({ now: clock.now });
  // For downloads only: requests go out through their own generation's egress.
  const egress = opened(
    createEgress({
      refusal: permits.refusal,
      destinations: [],
      offline: config.fleet.offline,
    }),
    (one) => one.close(),
  );
  const opening = opened(await openStore(settings, log), (one) => one.doClose());
  const store = watchReceipts(opening, { clock, log });
  const models = opened(await openModels({ settings, egress, clock }), (one) => one.close());
  const gateRoom = opened(
    openGateRoom(settings.home, {
      clock,
      log,
      spokeOf: (id) => generations().spokeOf(id),
      spokeIds: () => generations().spokeIds(),
      withStarter: settings.config.fleet.starter,
    }),
    (one) => one.close(),
  );
  const retentionDays = () => generations().current.settings.config.record.retentionDays;
  const openings = new Openings({ store, clock, retentionDays });
  const { knowledge, follow, rank } = opened(
    await composeKnowledge({ settings, store, models, clock, permits, openings, log }),
    (one) => one.close(),
  );
  const { vectorStores } = opened(composeVectorStores({ store, knowledge, clock, log }), (one) =>
    one.close(),
  );
  const { registry, shelf } = await openSpecialists({ settings, store, models, clock, log });
  const knowing = { knowledge, openings, vectorStores, follow, rank };
  return { salt, permits, store, models, gateRoom, registry, shelf, ...knowing };
}

function composeShadows(
  parts: HouseParts,
  rooms: Pick<Lasting, 'models' | 'store'> & {
    readonly gateRoom: GateRoom;
    readonly generations: Generations;
  },
): ShadowRoom {
  const { settings } = parts;
  const { models, gateRoom } = rooms;
  return new ShadowRoom({
    ...parts,
    ...rooms,
    file: new ShadowFile(join(settings.home, 'gate', 'shadow.json')),
    models: {
      threads: models.threads,
      // Nothing is unloaded for it; a model takes about half as much again as its file.
      mayLoad: (id) =>
        models.memoryUsed() + 1.5 * (models.statusOf(baseModelId(id))?.fileBytes ?? 0) <=
        models.memoryBudget,
    },
    draw: Math.random,
    reference: () => gateRoom.reference,
    learn: (receipt) => gateRoom.drift.learnShadow(receipt),
  });
}

/**
 * Every request that was let in leaves a receipt, which says what it used of its key's tokens and how
 * good the answer was.
 */
function settlingMetrics(
  metrics: Metrics,
  rates: RateLimiter,
  learners: () => readonly { learn(receipt: Receipt): void }[],
): Metrics {
  return {
    ...metrics,
    observe(receipt) {
      metrics.observe(receipt);
      for (const learner of learners()) learner.learn(receipt);
      if (receipt.depth > 0) return;
      const { promptTokens, completionTokens } = receipt.total?.usage ?? receipt.usage;
      rates.settle(receipt.id, promptTokens + completionTokens);
    },
  };
}
