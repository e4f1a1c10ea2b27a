import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { modelFilePath } from '../adapters/models/model-files.ts';
import { openSigner } from '../adapters/stores/signing-key.ts';
import { LOOPBACK } from '../core/call.ts';
import type { Clock, Random } from '../core/ports.ts';
import type { Store } from '../core/stores.ts';
import { SpecialistRegistry } from '../learn/specialist-registry.ts';
import type { StoredVersion } from '../learn/version-keeping.ts';
import { mergeSpokes, STARTER_SPOKES } from '../run/starter-spokes.ts';
import { type AdapterParts, requireAdapterOrder, tidyTrainers } from './adapter-training.ts';
import { CandidateRoom } from './candidate-room.ts';
import { embedderOf } from './classifiers.ts';
import { DescriptionRoom } from './descriptions.ts';
import { FeedbackShare } from './feedback-share.ts';
import type { GateRoom } from './gate-room.ts';
import type { Generations } from './generations.ts';
import { LabelRoom } from './labels.ts';
import { weightsOf } from './model-memory.ts';
import type { Models } from './models.ts';
import { composePackageClients } from './package-clients.ts';
import type { Settings } from './settings.ts';
import { SpecialistDepartures } from './specialist-departures.ts';
import { SpecialistRoom } from './specialist-room.ts';
import { SpecialistWatcher } from './specialist-watch.ts';
import { SpecialistShelf, serveShelf } from './specialists.ts';
import { composeTrainers } from './trainers.ts';
import { TrainingQueue } from './training-jobs.ts';
import { createTrainingRun } from './training-run.ts';
import { TrialEnds } from './trial-ends.ts';
import { readTrial } from './trial-reading.ts';

interface ShelfParts {
  readonly settings: Settings;
  readonly store: Store;
  readonly models: Models;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}

/** What the registry has live, read and verified before anything is served. */
export async function openSpecialists(parts: ShelfParts) {
  const { settings, store, models, clock, log } = parts;
  const isAlone = settings.config.store.postgresEnv === undefined;
  const registry = new SpecialistRegistry({
    objects: store,
    signer: openSigner(join(settings.home, 'specialists.pem')),
    hash: (bytes) => createHash('sha256').update(bytes).digest('hex'),
    clock,
    takesOtherKeys: !isAlone,
  });
  const { adapters } = models;
  const shelf = new SpecialistShelf({ registry, embedder: embedderOf(models), adapters, log });
  await registry.tidy(isAlone);
  await shelf.refresh();
  await adapters.tidy(shelf.current.spokes.flatMap(({ adapter }) => adapter ?? []));
  return { registry, shelf };
}

/** How often specialists that other nodes promoted are looked for, and trials that are over. */
const LOOK_MS = 10_000;

interface TrainingParts extends ShelfParts {
  readonly registry: SpecialistRegistry;
  readonly shelf: SpecialistShelf;
  readonly generations: Generations;
  readonly random: Random;
  readonly isDraining: () => boolean;
  readonly gateRoom: Pick<GateRoom, 'version'>;
  /** Lets what the shelf holds serve. */
  readonly recompose: () => Promise<void>;
}

/** Training, promotion and service of specialists. */
export function composeTraining(parts: TrainingParts) {
  const { settings, store, clock, random, registry, shelf, generations, log } = parts;
  const isAlone = settings.config.store.postgresEnv === undefined;
  const composed = () => generations.current.specialists;
  const serve = () => serveShelf(shelf, composed, parts.recompose);
  const config = () => generations.current.settings.config;
  const room = new SpecialistRoom({
    registry,
    clock,
    shelf,
    serve,
    namedBy: (name) => namedBy(config(), name),
  });
  const adapters = composeAdapters(parts);
  const queue = new TrainingQueue({
    objects: store,
    clock,
    newId: () => `ftjob-${random.id(24)}`,
    sleep: wait,
    holder: random.id(16),
    home: openSigner(join(settings.home, 'specialists.pem')).keyId,
    isAlone,
    log,
    requireAdapter: (order) => requireAdapterOrder(adapters, order),
    run: composeRun(parts, room, adapters),
    nameTaken: (name) => nameTaken(parts, name),
    ownerOf: async (name) => (await registry.versions(name))[0]?.row.key,
  });
  const follow = () => serve().catch((error: unknown) => log(`specialists: ${String(error)}`));
  /** Works on jobs, follows what other nodes promote, and ends trials that are past their time. */
  const run = async (signal: AbortSignal) => {
    await tidyTrainers(adapters.folder, store);
    queue.start();
    const asking = watchers.candidates.run(signal);
    while (!signal.aborted) {
      await trials.look();
      await wait(LOOK_MS, signal);
      if (!isAlone && !signal.aborted) await follow();
    }
    await asking;
  };
  const { trials, ...watchers } = composeWatchers(parts, room);
  return {
    specialists: room,
    trainingJobs: queue,
    ...composeRowMakers(parts, watchers.watcher),
    ...watchers,
    run,
    close: () => Promise.all([queue.close(), watchers.departures.close()]).then(() => undefined),
  };
}

/** What makes a version of a job. */
function composeRun(
  { store, registry, models, clock, generations }: TrainingParts,
  room: SpecialistRoom,
  adapters: AdapterParts,
) {
  const config = () => generations.current.settings.config;
  return createTrainingRun({
    objects: store,
    traffic: store,
    registry,
    room,
    adapters,
    embedder: () => models.embedder(),
    generalists: models,
    clock,
    watts: (kind) => config().record.watts * (kind === 'adapter' ? models.threads : 1),
    storedBytesPerKey: () => config().limits.storedBytesPerKey,
  });
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return sleep(ms, undefined, { signal, ref: false }).catch(() => undefined);
}

/** What looks at how live specialists do. */
function composeWatchers(parts: TrainingParts, room: SpecialistRoom) {
  const { registry, shelf, store, clock, gateRoom, log } = parts;
  const gate = () => gateRoom.version;
  const objects = store;
  const share = new FeedbackShare(store);
  const principalsOf = async (key: string) =>
    key === LOOPBACK.key
      ? LOOPBACK.principals
      : ((await store.doListKeys()).find((one) => one.id === key)?.principals ?? []);
  const counts = async (name: string, key: string) =>
    share.doTake(`${name}, on trial`, { key, principals: await principalsOf(key) });
  const reading = { registry, receipts: store, objects, clock, counts };
  const read = (...pair: readonly [StoredVersion, StoredVersion]) => readTrial(reading, ...pair);
  return {
    watcher: new SpecialistWatcher({ registry, room, objects, clock, log }),
    trials: new TrialEnds({ registry, room, shelf, read, clock, log }),
    candidates: new CandidateRoom({ ...parts, objects, textDays: () => textDays(parts) }),
    departures: new SpecialistDepartures({ registry, room, gate, share, principalsOf, log }),
  };
}

/** Where rows come from that nobody has: people label the traffic, or a spoke writes some. */
function composeRowMakers(parts: TrainingParts, watcher: SpecialistWatcher) {
  const { store, models, registry, generations, clock, random } = parts;
  const labels = new LabelRoom({
    store,
    objects: store,
    registry,
    embedder: () => models.embedder(),
    withThread: models.threadLease.withThread,
    clock,
    learn: (...given) => watcher.learnLabelled(...given),
    textDays: () => textDays(parts),
  });
  const descriptions = new DescriptionRoom({
    generations,
    bytesOf: (model) => models.statusOf(model)?.fileBytes ?? 0,
    clock,
    random,
  });
  return { labels, descriptions };
}

/** Days that text is kept. */
function textDays({ generations }: Pick<TrainingParts, 'generations'>): number {
  const { retentionDays, textRetentionDays } = generations.current.settings.config.record;
  return Math.min(retentionDays, textRetentionDays);
}

/** What makes adapters of the farm's local models. */
function composeAdapters({ settings, models, generations }: TrainingParts): AdapterParts {
  const { home, environment } = settings;
  const config = () => generations.current.settings.config;
  return {
    trainers: composeTrainers({
      config,
      environment,
      home,
      clients: composePackageClients(settings),
      threads: models.threads,
    }),
    models,
    pathOf: (entry) => modelFilePath(join(home, 'models'), weightsOf(entry)),
    spokes: () => mergeSpokes(STARTER_SPOKES, config().spokes),
    folder: join(home, 'training'),
  };
}

/** What of the configuration would miss a spoke. */
function namedBy(config: Settings['config'], name: string): string | undefined {
  const alias = Object.entries(config.aliases).find(([, target]) => target === name);
  if (alias !== undefined) return `aliases.${alias[0]}`;
  const spoke = config.spokes.find(
    ({ fallback, hedge }) => fallback?.includes(name) || hedge?.spoke === name,
  );
  return spoke === undefined ? undefined : `spokes: ${spoke.id}`;
}

/** Names that a specialist would hide. */
function nameTaken(
  { generations, shelf, models }: Pick<TrainingParts, 'generations' | 'shelf' | 'models'>,
  name: string,
): string | undefined {
  const { spokes, rankers } = shelf.current;
  if ([...spokes, ...rankers].some((one) => one.id === name)) return undefined;
  const { names } = generations.current;
  if (names.list().some((one) => one.id === name) || names.targetOf(name) !== name)
    return 'a name of the farm already';
  return models.catalogue.find(name) === undefined ? undefined : 'a model of the catalogue';
}
