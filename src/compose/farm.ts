import type { Batches } from '../core/batch.ts';
import type { Call } from '../core/call.ts';
import type { Descriptions } from '../core/description.ts';
import type { Devices } from '../core/device.ts';
import type { ConfigStatus, Farm, FarmStatus } from '../core/farm.ts';
import type { Labels } from '../core/labelling.ts';
import type { Clock, Random } from '../core/ports.ts';
import type { Specialists } from '../core/specialist.ts';
import type { Store } from '../core/stores.ts';
import type { TrainingJobs } from '../core/training-job.ts';
import type { VectorStores } from '../core/vector-store.ts';
import type { Knowledge } from '../ground/knowledge.ts';
import type { RateLimiter } from '../policy/rate.ts';
import type { GaugeReadings, Metrics } from '../record/metrics.ts';
import { withFootnotes } from '../run/footnotes.ts';
import { openSpokes } from '../stages/open-spokes.ts';
import { composeAccess } from './access.ts';
import type { CandidateRoom } from './candidate-room.ts';
import { composeCollections } from './collections.ts';
import { countTokens } from './count.ts';
import { composeFeedback } from './feedback.ts';
import type { GateRoom } from './gate-room.ts';
import type { Generations } from './generations.ts';
import { readGradedPage } from './graded-traffic.ts';
import { composeMaking } from './making-targets.ts';
import { composeFleetControl } from './model-servers.ts';
import type { Models } from './models.ts';
import { canChat } from './names.ts';
import type { Openings } from './openings.ts';
import { composeSearchReaders } from './search-reader.ts';
import type { Sessions } from './sessions.ts';
import type { ShadowRoom } from './shadow-room.ts';
import { composeReceipts } from './shown-receipts.ts';
import type { SpecialistWatcher } from './specialist-watch.ts';
import type { SpecialistShelf } from './specialists.ts';
import { VERSION } from './version.ts';

interface FarmParts {
  readonly generations: Generations;
  readonly shadows: ShadowRoom;
  readonly configStatus: () => ConfigStatus;
  readonly store: Store;
  readonly batches: Batches;
  readonly trainingJobs: TrainingJobs;
  readonly specialists: Specialists;
  readonly shelf: Pick<SpecialistShelf, 'current'>;
  readonly labels: Labels;
  readonly devices: Devices;
  readonly descriptions: Descriptions;
  readonly watcher: SpecialistWatcher;
  readonly candidates: CandidateRoom;
  readonly ownWork: Pick<Farm, 'embed' | 'rerank' | 'moderate'>;
  readonly models: Models;
  readonly knowledge: Knowledge;
  readonly openings: Openings;
  readonly vectorStores: VectorStores;
  readonly gateRoom: GateRoom;
  readonly metrics: Metrics;
  readonly rates: RateLimiter;
  readonly sessions: Sessions;
  readonly random: Random;
  readonly clock: Clock;
  readonly startedAt: number;
  readonly isDraining: () => boolean;
  readonly stop: () => void;
  /** Where the farm listens, once it does. */
  readonly url: () => string | undefined;
}

/** What the server serves, put together from the rooms. */
export function composeFarm(parts: FarmParts): Farm {
  const { generations, store, models, knowledge } = parts;
  return {
    get config() {
      return generations.current.settings.config;
    },
    version: VERSION,
    home: generations.current.settings.home,
    startedAt: parts.startedAt,
    ask: (call: Call, signal: AbortSignal) => {
      const events = parts.candidates.watch(call, parts.shadows.ask(call, signal));
      return call.footnotes === true ? withFootnotes(events) : events;
    },
    decide: (call) => generations.decide(call, AbortSignal.timeout(30_000)),
    gradedRequests: (after) => readGradedPage(store, after),
    gate: () => parts.gateRoom.status(),
    chooseGate: (version) => parts.gateRoom.choose(version),
    gateCurve: (version) => parts.gateRoom.curve(version),
    shadow: () => parts.shadows.status(),
    changeShadow: (wish) => parts.shadows.change(wish),
    rollbackGate: () => parts.gateRoom.rollback(),
    embed: parts.ownWork.embed,
    rerank: parts.ownWork.rerank,
    moderate: parts.ownWork.moderate,
    objects: store,
    vectorStores: parts.vectorStores,
    countTokens: (request, signal) => {
      const { names, spokes } = generations.current;
      const model = names.targetOf(request.model);
      return countTokens({ models, spokes }, { ...request, model }, signal);
    },
    listNames: (principals) => generations.current.names.list(principals),
    ...{ batches: parts.batches, specialists: parts.specialists, labels: parts.labels },
    ...{ trainingJobs: parts.trainingJobs, devices: parts.devices },
    descriptions: parts.descriptions,
    ...composeAccess(parts),
    storeProblem: async () => store.doProbe?.(),
    status: () => statusOf(parts),
    models: () => models.statuses(),
    spokes: (principals) =>
      openSpokes(generations.current.spokes(), principals).map((spoke) => spoke.config),
    ...composeMaking(parts),
    ...composeFleetControl(models, () => generations.current.servers),
    ...composeReceipts(store, knowledge),
    ...composeFeedback({
      store,
      clock: parts.clock,
      learners: [parts.gateRoom.drift, parts.watcher],
    }),
    ...composeCollections({
      ...parts,
      spokes: () => generations.current.spokes(),
      readers: composeSearchReaders(parts),
    }),
    metrics: () => parts.metrics.render(readGauges(parts)),
    stop: parts.stop,
  };
}

/** What the process knows about itself at the moment of a scrape. */
function readGauges(parts: FarmParts): GaugeReadings {
  const statuses = parts.models.statuses();
  const memory = process.memoryUsage();
  const cpu = process.cpuUsage();
  const kept = parts.generations.current.shared?.cache;
  return {
    modelBytes: Object.fromEntries(
      statuses
        .filter((model) => model.memoryBytes > 0)
        .map((model) => [model.id, model.memoryBytes]),
    ),
    activeRequests: parts.generations.activeCount,
    ...(kept === undefined ? {} : { keptAnswers: { count: kept.count, bytes: kept.bytes } }),
    queuedRequests: statuses.reduce((sum, model) => sum + model.queuedRequests, 0),
    process: {
      residentBytes: memory.rss,
      heapBytes: memory.heapUsed,
      cpuSeconds: (cpu.user + cpu.system) / 1e6,
      startedAt: parts.startedAt / 1000,
    },
  };
}

function statusOf(parts: FarmParts): FarmStatus {
  const { models, generations } = parts;
  const { settings, spokes } = generations.current;
  const url = parts.url();
  return {
    version: VERSION,
    home: settings.home,
    pid: process.pid,
    ...(url === undefined ? {} : { url }),
    uptimeSeconds: (Date.now() - parts.startedAt) / 1000,
    ready: !parts.isDraining() && canChat(spokes()),
    draining: parts.isDraining(),
    memoryBudget: models.memoryBudget,
    memoryUsed: models.memoryUsed(),
    memorySaved: models.memorySaved(),
    fleet: models.fleet(),
    threads: models.threads,
    threadHolders: models.threadLease.holders(),
    activeRequests: generations.activeCount,
    offline: settings.config.fleet.offline,
    config: parts.configStatus(),
  };
}
