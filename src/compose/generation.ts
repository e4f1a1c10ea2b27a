import { setTimeout as pause } from 'node:timers/promises';
import { createEgress } from '../adapters/egress/egress.ts';
import { baseModelId } from '../core/adapter.ts';
import type { SpokeConfig } from '../core/config.ts';
import { RERANK_TOKENS } from '../core/config-ground.ts';
import { CadreError } from '../core/errors.ts';
import type { Classifier, Clock, Random } from '../core/ports.ts';
import type { Store } from '../core/stores.ts';
import type { DevicePool } from '../fleet/device-pool.ts';
import { Upstreams } from '../fleet/upstreams.ts';
import type { GateInForce } from '../gate/gate-in-force.ts';
import type { Pins } from '../gate/pins.ts';
import type { Knowledge } from '../ground/knowledge.ts';
import { createPipeline, type Pipeline } from '../pipeline.ts';
import type { Budgets } from '../policy/budget.ts';
import type { PermitOffice } from '../policy/permits.ts';
import type { Metrics } from '../record/metrics.ts';
import { mergeSpokes, STARTER_SPOKES } from '../run/starter-spokes.ts';
import type { SpokeRuntime } from '../stages/parts.ts';
import type { SharedAnswers } from '../stages/shared-answers.ts';
import { composeAcquire } from './acquire.ts';
import { withAdapterPaths } from './adapters.ts';
import { readCertificates } from './certificates.ts';
import { type Classifiers, composeClassifiers } from './classifiers.ts';
import { CollectionScorers, groundingPerCollection } from './collection-scorers.ts';
import { collectionLabel, requireTextSpoke } from './describing.ts';
import { composeGrounding } from './grounding-files.ts';
import { composeModelServers, type ModelServers } from './model-servers.ts';
import type { Models } from './models.ts';
import { composeNames, type Names } from './names.ts';
import type { Settings } from './settings.ts';
import { requireShadowSpokes } from './shadow-settings.ts';
import { composeSharedAnswers } from './shared-answers.ts';
import type { ServedSpecialists } from './specialists.ts';
import { rememberSpokes } from './spoke-memory.ts';
import { requireStandIns } from './spokes.ts';

/** What stays as it is when the configuration changes. */
export interface Lasting {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: (line: string) => void;
  readonly salt: string;
  readonly permits: PermitOffice;
  readonly store: Store;
  readonly models: Models;
  readonly knowledge: Knowledge;
  readonly metrics: Metrics;
  readonly budgets: Budgets;
  readonly gate: () => GateInForce;
  readonly pins: Pins;
  /** Pages that run specialists on the machines of those who ask. */
  readonly devicePool: DevicePool;
  /** The specialists that serve now. */
  readonly specialists: () => ServedSpecialists;
  readonly startedAt: number;
}

/** Everything that one configuration makes of the request path. */
export interface Generation {
  readonly settings: Settings;
  /** Those that it serves. */
  readonly specialists: ServedSpecialists;
  readonly pipeline: Pipeline;
  readonly spokes: () => readonly SpokeRuntime[];
  readonly names: Names;
  readonly shared: SharedAnswers | undefined;
  readonly classifiers: SharedClassifiers;
  readonly upstreams: Upstreams;
  /** Servers that hold models of their own. */
  readonly servers: ModelServers;
  close(): Promise<void>;
}

/** Micro-models that several generations may use; the last one closes them. */
interface SharedClassifiers {
  readonly configs: string;
  readonly classifiers: Classifiers;
  users: number;
}

/**
 * Makes the request path of a configuration. Throws `config_invalid` for whatever does not fit
 * together; nothing is left open then. `before` lends what has not changed.
 */
export async function composeGeneration(
  lasting: Lasting,
  settings: Settings,
  before?: Generation,
): Promise<Generation> {
  const { config } = settings;
  const { models, clock } = lasting;
  const specialists = lasting.specialists();
  const configured = mergeSpokes(STARTER_SPOKES, config.spokes);
  const named = withAdapterPaths(configured, settings);
  const merged = withSpecialists(named, specialists, lasting.log);
  await models.adapters.prepare(merged);
  const upstreams = new Upstreams({
    destinations: config.destinations,
    elapsed: clock.elapsed,
    random: Math.random,
    wait: (ms, { signal }) => pause(ms, undefined, { signal }),
    log: lasting.log,
    before: before?.upstreams,
  });
  const classifiers = lendClassifiers(lasting, settings, configured, before);
  const classifierOf = (id: string) =>
    classifiers.classifiers.get(id) ?? specialists.classifierOf(id);
  const isConfigured = (id: string) => configured.some((spoke) => spoke.id === id);
  const sources = {
    config,
    spokes: merged,
    entryOf: (id: string) => models.catalogue.find(id),
    adapterOf: (path: string) => models.adapters.get(path),
    classifierOf,
    readersOf: (id: string) => (isConfigured(id) ? undefined : specialists.readersOf(id)),
    measuredOf: (id: string) => (isConfigured(id) ? undefined : specialists.measuredOf(id)),
    memoryBudget: models.memoryBudget,
    threads: models.threads,
    problemOf: (model: string) => upstreams.problemOf(model),
    isQuiet: () => upstreams.isQuiet,
    adapterReadings: () => models.adapters.readings,
    deviceOf: (model: string) => lasting.devicePool.standingOf(model),
  };
  const spokes = rememberSpokes(sources, models);
  const parts = { settings, specialists, merged, classifiers, classifierOf, spokes, upstreams };
  try {
    // A spoke or alias that names what is not there stops the start, not the first request.
    const known = spokes().map((spoke) => spoke.gate);
    requireStandIns(merged);
    requireShadowSpokes(config.gate.shadow, known, 'config_invalid');
    requireReaders(config, spokes());
    return openGeneration(lasting, parts);
  } catch (error) {
    void giveBack(classifiers);
    throw error;
  }
}

/** Spokes that read passages are there and answer in free text. */
function requireReaders(
  { collections, ground }: Settings['config'],
  spokes: readonly SpokeRuntime[],
): void {
  const code = 'config_invalid';
  for (const { context } of collections)
    if (context !== undefined)
      requireTextSpoke(context, spokes, { code, param: 'collections.context' });
  const { rerankBy, rerankMs } = ground;
  if (rerankBy === RERANK_TOKENS) return;
  const param = 'ground.rerankBy';
  requireTextSpoke(rerankBy, spokes, { code, param, others: [RERANK_TOKENS] });
  if (rerankMs === 0)
    throw new CadreError(
      code,
      `\`${param}\` names a spoke, but \`ground.rerankMs\` is 0; give it some time`,
      {
        param: 'ground.rerankMs',
      },
    );
}

function openGeneration(
  lasting: Lasting,
  parts: Pick<Generation, 'settings' | 'specialists' | 'spokes' | 'classifiers' | 'upstreams'> & {
    readonly merged: readonly SpokeConfig[];
    readonly classifierOf: (spoke: string) => Classifier | undefined;
  },
): Generation {
  const { settings, specialists, merged, classifiers, classifierOf, spokes, upstreams } = parts;
  const { config, environment } = settings;
  const { models } = lasting;
  const rankers = specialists.rankers.filter(({ id }) => !merged.some((spoke) => spoke.id === id));
  const names = composeNames({ ...lasting, settings, spokes, rankers });
  const shared = composeSharedAnswers(
    config,
    merged,
    readCertificates(settings, merged, embedderOf(models)),
  );
  const egress = createEgress({
    refusal: lasting.permits.refusal,
    destinations: config.destinations,
    offline: config.fleet.offline,
  });
  const servers = composeModelServers({ settings, egress, permits: lasting.permits });
  const scorers = new CollectionScorers({
    ...lasting,
    embedder: () => models.embedder()?.id,
  });
  const pipeline = createPipeline({
    ...lasting,
    config,
    receipts: lasting.store,
    upstreams,
    ...(shared === undefined ? {} : { shared }),
    spokes,
    acquire: composeAcquire({ ...lasting, config, environment, egress, servers, classifierOf }),
    canaryOf: (spoke) => specialists.canaryOf(spoke),
    embed: (texts, signal) => models.embedder()?.doEmbed(texts, 'passage', { signal }),
    grounding: groundingPerCollection(
      composeGrounding({
        home: settings.home,
        config,
        embedder: embedderOf(models),
        clock: lasting.clock,
        log: lasting.log,
      }),
      scorers,
    ),
    collectionLabel: (name) => collectionLabel(config, name),
    onSpeed: (model, ...speeds) => models.recordSpeed(baseModelId(model), ...speeds),
    threads: models.threads,
  });
  const close = async () => {
    await Promise.all([egress.close(), giveBack(classifiers), scorers.close()]);
  };
  return { ...parts, pipeline, names, shared, servers, close };
}

/** A spoke of the configuration hides a specialist of its name. */
function withSpecialists(
  configured: readonly SpokeConfig[],
  { spokes, rankers }: ServedSpecialists,
  log: (line: string) => void,
): readonly SpokeConfig[] {
  const ids = new Set(configured.map((spoke) => spoke.id));
  for (const { id } of [...spokes, ...rankers])
    if (ids.has(id))
      log(`the specialist ${id} does not serve: a spoke of the configuration has its name`);
  return [...configured, ...spokes.filter((spoke) => !ids.has(spoke.id))];
}

/** The embedder that the farm has or will have. */
function embedderOf({ catalogue }: Models): string | undefined {
  return catalogue.starters().find((one) => one.embedding !== undefined)?.id;
}

/** The micro-models of the generation before, where their spokes are the same. */
function lendClassifiers(
  { models, log }: Lasting,
  settings: Settings,
  spokes: readonly SpokeConfig[],
  before: Generation | undefined,
): SharedClassifiers {
  const configs = JSON.stringify(spokes.filter((spoke) => spoke.kind === 'classifier'));
  const lent =
    before?.classifiers.configs === configs
      ? before.classifiers
      : { configs, classifiers: composeClassifiers({ settings, spokes, models, log }), users: 0 };
  lent.users += 1;
  return lent;
}

async function giveBack(lent: SharedClassifiers): Promise<void> {
  lent.users -= 1;
  if (lent.users === 0) await lent.classifiers.close();
}
