import type { Call } from '../core/call.ts';
import { CadreError } from '../core/errors.ts';
import type { Farm, FarmStatus, ModelName } from '../core/farm.ts';
import type { Random } from '../core/ports.ts';
import type { Store } from '../core/stores.ts';
import type { Knowledge } from '../ground/knowledge.ts';
import type { Pipeline } from '../pipeline.ts';
import type { RateLimiter } from '../policy/rate.ts';
import type { GaugeReadings, Metrics } from '../record/metrics.ts';
import type { SpokeRuntime } from '../stages/parts.ts';
import { estimateTokens } from '../stages/route.ts';
import { composeAccess } from './access.ts';
import type { Models } from './models.ts';
import type { Sessions } from './sessions.ts';
import type { Settings } from './settings.ts';
import { VERSION } from './version.ts';

interface FarmParts {
  readonly settings: Settings;
  readonly store: Store;
  readonly models: Models;
  readonly knowledge: Knowledge;
  readonly pipeline: Pipeline;
  readonly spokes: () => readonly SpokeRuntime[];
  readonly metrics: Metrics;
  readonly rates: RateLimiter;
  readonly sessions: Sessions;
  readonly random: Random;
  readonly startedAt: number;
  readonly activeRequests: () => number;
  readonly keptAnswers: () => GaugeReadings['keptAnswers'] | undefined;
  readonly isDraining: () => boolean;
  readonly stop: () => void;
  /** Where the farm listens, once it does. */
  readonly url: () => string | undefined;
}

const VIRTUAL: readonly (readonly [string, string])[] = [
  ['auto', 'the gate picks the cheapest spoke that is good enough'],
  ['auto:cheap', 'the gate, content with less'],
  ['auto:best', 'the gate, quality first'],
];

/** What the server serves, put together from the rooms. */
export function composeFarm(parts: FarmParts): Farm {
  const { settings, store, models, knowledge, pipeline } = parts;
  return {
    config: settings.config,
    version: VERSION,
    home: settings.home,
    startedAt: parts.startedAt,
    ask: (call: Call, signal: AbortSignal) => pipeline.ask(call, signal),
    decide: (call) => pipeline.decide(call, AbortSignal.timeout(30_000)),
    embed: (request, signal) => embed(models, request, signal),
    objects: store,
    countTokens: async (request) => estimateTokens(request),
    listNames: (principals) => listNames(parts, principals),
    ...composeAccess(parts),
    status: () => statusOf(parts),
    models: () => models.statuses(),
    spokes: () => parts.spokes().map((spoke) => spoke.config),
    pull: (id, signal) => models.pull(id, signal),
    unload: (id) => models.unload(id),
    receipts: (filter) => store.doListReceipts(filter),
    receipt: (id) => store.doGetReceipt(id),
    events: (id) => store.doGetEvents(id),
    collections: (principals) => knowledge.list(principals),
    documents: (collection) => knowledge.documents(collection),
    index: (request, signal) => knowledge.index(request, { signal }),
    dropCollection: (name) => knowledge.drop(name),
    search: (request, signal) => knowledge.search(request, { signal }),
    metrics: () => parts.metrics.render(readGauges(parts)),
    stop: parts.stop,
  };
}

/** What the process knows about itself at the moment of a scrape. */
function readGauges(parts: FarmParts): GaugeReadings {
  const statuses = parts.models.statuses();
  const memory = process.memoryUsage();
  const cpu = process.cpuUsage();
  const keptAnswers = parts.keptAnswers();
  return {
    modelBytes: Object.fromEntries(
      statuses
        .filter((model) => model.memoryBytes > 0)
        .map((model) => [model.id, model.memoryBytes]),
    ),
    activeRequests: parts.activeRequests(),
    ...(keptAnswers === undefined ? {} : { keptAnswers }),
    queuedRequests: statuses.reduce((sum, model) => sum + model.queuedRequests, 0),
    process: {
      residentBytes: memory.rss,
      heapBytes: memory.heapUsed,
      cpuSeconds: (cpu.user + cpu.system) / 1e6,
      startedAt: parts.startedAt / 1000,
    },
  };
}

function listNames(parts: FarmParts, principals?: readonly string[]): ModelName[] {
  const created = Math.floor(parts.startedAt / 1000);
  const spokes = parts.spokes();
  const anyReady = canChat(spokes);
  const names: ModelName[] = VIRTUAL.map(([id, description]) => ({
    id,
    kind: 'virtual',
    description,
    ready: anyReady,
    created,
  }));
  for (const { config, gate } of spokes)
    names.push({
      id: config.id,
      kind: config.id === 'hub' ? 'virtual' : 'spoke',
      description: config.description,
      ready: gate.installed && gate.healthy,
      created,
    });
  const grounded = spokes.some((spoke) => spoke.gate.kind === 'grounded' && spoke.gate.installed);
  for (const name of parts.knowledge.names(principals))
    names.push({
      id: `knowledge:${name}`,
      kind: 'knowledge',
      description: `answers from the collection ${name}`,
      ready: grounded,
      created,
    });
  for (const model of parts.models.statuses()) {
    if (model.capabilities.includes('embed'))
      names.push({
        id: model.id,
        kind: 'embedder',
        description: model.title,
        ready: model.state === 'installed' || model.state === 'resident',
        created,
      });
  }
  return names;
}

function statusOf(parts: FarmParts): FarmStatus {
  const { models, settings } = parts;
  const url = parts.url();
  return {
    version: VERSION,
    home: settings.home,
    pid: process.pid,
    ...(url === undefined ? {} : { url }),
    uptimeSeconds: (Date.now() - parts.startedAt) / 1000,
    ready: !parts.isDraining() && canChat(parts.spokes()),
    draining: parts.isDraining(),
    memoryBudget: models.memoryBudget,
    memoryUsed: models.memoryUsed(),
    threads: models.threads,
    activeRequests: parts.activeRequests(),
    offline: settings.config.fleet.offline,
  };
}

async function embed(
  models: Models,
  request: Parameters<Farm['embed']>[0],
  signal: AbortSignal,
): Promise<Awaited<ReturnType<Farm['embed']>>> {
  const embedder = models.embedder();
  const isOther = request.model !== 'auto' && request.model !== embedder?.id;
  if (isOther && models.catalogue.find(request.model)?.embedding === undefined)
    throw new CadreError('model_not_found', `${request.model} makes no embeddings`, {
      param: 'model',
    });
  if (embedder === undefined || isOther)
    throw new CadreError('model_unavailable', `the embedder ${request.model} is not in use here`, {
      param: 'model',
    });
  const { vectors, tokenCount } = await embedder.doEmbedCounted(request.texts, request.kind, {
    signal,
  });
  return { vectors, model: embedder.id, tokens: tokenCount };
}

/** A micro-model alone answers no conversation. */
function canChat(spokes: readonly SpokeRuntime[]): boolean {
  return spokes.some(({ gate }) => gate.kind === 'chat' && gate.installed && gate.healthy);
}
