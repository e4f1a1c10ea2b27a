import { keyPrincipal } from '../core/access.ts';
import type { AdapterFile } from '../core/adapter.ts';
import type { ModelEntry, ModelStatus } from '../core/catalogue.ts';
import type { Config, DestinationConfig, SpokeConfig } from '../core/config.ts';
import { CadreError } from '../core/errors.ts';
import { nearestName } from '../core/nearest.ts';
import type { Classifier } from '../core/ports.ts';
import type { Price } from '../core/price.ts';
import { mostSystemTokens } from '../core/worst-cost.ts';
import type { DeviceStanding } from '../fleet/device-pool.ts';
import type { GateSpoke } from '../gate/route.ts';
import type { SpokeRuntime } from '../stages/parts.ts';
import { modelIdOf } from './adapters.ts';
import { deviceModelOf } from './devices.ts';

export interface SpokeSources {
  readonly config: Config;
  readonly spokes: readonly SpokeConfig[];
  readonly entryOf: (model: string) => ModelEntry | undefined;
  readonly statusOf: (model: string) => ModelStatus | undefined;
  readonly adapterOf?: (path: string) => AdapterFile | undefined;
  readonly classifierOf: (spoke: string) => Classifier | undefined;
  /** What was measured of a specialist that is an adapter. */
  readonly measuredOf?: (spoke: string) => GateSpoke['measured'];
  /** The pages that run a specialist. */
  readonly deviceOf?: (model: string) => DeviceStanding | undefined;
  /** Who may use a specialist; undefined = every key. */
  readonly readersOf?: (spoke: string) => readonly string[] | undefined;
  readonly memoryBudget: number;
  readonly threads: number;
  /** Why nothing is sent to a remote model now, in words; undefined = something may be. */
  readonly problemOf: (model: string) => string | undefined;
}

/** The hub is a spoke to the gate: it can be named and chosen, its work is done by other spokes. */
const HUB: SpokeConfig = {
  id: 'hub',
  description: 'Plans two to four steps and delegates them.',
  model: 'hub',
  kind: 'chat',
  sampling: {},
  maxTokens: 1024,
  output: 'text',
  tools: false,
  tasks: ['multi-part'],
  fallback: [],
};

/** All spokes as the gate sees them at this moment. */
export function readSpokes(sources: SpokeSources): SpokeRuntime[] {
  const runtimes = sources.spokes.map((spoke) => {
    const readers = deviceReaders(sources, spoke) ?? sources.readersOf?.(spoke.id);
    const gate = gateView(sources, spoke);
    return { config: spoke, gate, ...(readers === undefined ? {} : { readers }) };
  });
  const workers = runtimes.filter(
    ({ gate }) =>
      gate.kind === 'chat' && gate.installed && gate.healthy && gate.measured === undefined,
  );
  const base = workers.at(-1)?.gate;
  const hub: GateSpoke = {
    ...common(sources, HUB),
    kind: 'hub',
    destination: 'local',
    modelId: 'hub',
    installed: base !== undefined,
    healthy: true,
    resident: true,
    fits: true,
    contextLength: base?.contextLength ?? Number.MAX_SAFE_INTEGER,
    vision: false,
    continues: false,
    secondsPerPromptToken: base?.secondsPerPromptToken ?? 0,
    secondsPerToken: base?.secondsPerToken ?? 0,
    loadSeconds: 0,
    dollarsPerSecond: base?.dollarsPerSecond ?? 0,
    ...(base ? {} : { problem: 'no chat model is installed' }),
  };
  return [...runtimes, { config: HUB, gate: hub }];
}

/** A stand-in that does not exist would be missed only when it is needed. */
export function requireStandIns(spokes: readonly SpokeConfig[]): void {
  const known = spokes.map((spoke) => spoke.id);
  const named = spokes.flatMap(({ id, fallback, hedge }) =>
    [...fallback, ...(hedge ? [hedge.spoke] : [])].map((name) => ({ id, name })),
  );
  for (const { id, name } of named) {
    if (known.includes(name)) continue;
    const near = nearestName(name, known);
    throw new CadreError(
      'config_invalid',
      `spoke ${id} falls back on ${name}, which does not exist${near ? `; did you mean \`${near}\`?` : ''}`,
      { param: 'spokes' },
    );
  }
}

type Common =
  | 'id'
  | 'maxTokens'
  | 'addedTokens'
  | 'tools'
  | 'output'
  | 'tasks'
  | 'fallback'
  | 'hedge';

function common({ config }: SpokeSources, spoke: SpokeConfig): Pick<GateSpoke, Common> {
  const evidenceTokens = spoke.kind === 'grounded' ? config.ground.evidenceTokens : 0;
  return {
    id: spoke.id,
    maxTokens: spoke.maxTokens,
    addedTokens: mostSystemTokens(spoke.system) + evidenceTokens,
    tools: spoke.tools,
    output: spoke.output,
    tasks: spoke.tasks,
    fallback: spoke.fallback,
    ...(spoke.hedge ? { hedge: spoke.hedge.spoke } : {}),
  };
}

function gateView(sources: SpokeSources, spoke: SpokeConfig): GateSpoke {
  if (spoke.kind === 'classifier') return classifierView(sources, spoke);
  const remote = remoteOf(spoke.model, sources.config.destinations);
  return remote ? remoteView(sources, spoke, remote) : localView(sources, spoke);
}

function classifierView(sources: SpokeSources, spoke: SpokeConfig): GateSpoke {
  const model = deviceModelOf(spoke);
  if (model !== undefined) {
    const labels = sources.deviceOf?.(model)?.labels;
    const served = labels === undefined ? { problem: `no page runs ${model} now` } : { labels };
    return microView(sources, spoke, { modelId: spoke.model, ...served });
  }
  const classifier = sources.classifierOf(spoke.id);
  return microView(sources, spoke, {
    modelId: `classifier:${classifier?.made?.version ?? spoke.id}`,
    ...(classifier?.made === undefined ? {} : { measured: classifier.made }),
    ...(classifier ? { labels: classifier.labels } : { problem: problemOfClassifier(spoke) }),
  });
}

/** A page serves its own caller alone. */
function deviceReaders(
  { deviceOf }: SpokeSources,
  spoke: SpokeConfig,
): readonly string[] | undefined {
  const model = deviceModelOf(spoke);
  return model === undefined ? undefined : deviceOf?.(model)?.keys.map(keyPrincipal);
}

function microView(
  sources: SpokeSources,
  spoke: SpokeConfig,
  said: Pick<GateSpoke, 'modelId'> & Partial<Pick<GateSpoke, 'measured' | 'labels' | 'problem'>>,
): GateSpoke {
  return {
    ...common(sources, spoke),
    kind: 'classifier',
    destination: 'local',
    installed: said.labels !== undefined,
    healthy: true,
    resident: true,
    fits: true,
    contextLength: 8192,
    vision: false,
    continues: false,
    secondsPerPromptToken: 0.00001,
    secondsPerToken: 0,
    loadSeconds: 0,
    dollarsPerSecond: dollarsPerSecond(sources),
    ...said,
  };
}

function problemOfClassifier({ examples, model }: SpokeConfig): string {
  return examples === undefined ? `${model} is damaged` : 'its examples are being learnt';
}

/** `DESTINATION/MODEL` of a configured destination; undefined for a model of the catalogue. */
export function remoteOf(
  model: string,
  destinations: readonly DestinationConfig[],
): { destination: DestinationConfig; model: string } | undefined {
  const slash = model.indexOf('/');
  if (slash < 0) return undefined;
  const destination = destinations.find((one) => one.id === model.slice(0, slash));
  if (!destination)
    throw new CadreError('config_invalid', `the model ${model} names no configured destination`, {
      param: 'spokes',
    });
  return { destination, model: model.slice(slash + 1) };
}

/** Seconds are typical of hosted models: 60 tokens/s after half a second. */
function remoteView(
  sources: SpokeSources,
  spoke: SpokeConfig,
  { destination, model }: { destination: DestinationConfig; model: string },
): GateSpoke {
  const problem = sources.problemOf(spoke.model);
  const price = destination.prices[model];
  return {
    ...common(sources, spoke),
    kind: spoke.kind === 'grounded' ? 'grounded' : 'chat',
    destination: destination.id,
    modelId: spoke.model,
    installed: true,
    healthy: problem === undefined,
    ...(problem === undefined ? {} : { problem }),
    resident: true,
    fits: true,
    contextLength: destination.contextTokens ?? price?.contextLength ?? 128_000,
    tools: !destination.quirks.refuses?.includes('tools'),
    vision: spoke.vision ?? false,
    // Anthropic's dialect goes on from the last turn of an assistant; OpenAI's answers it anew.
    continues:
      destination.kind === 'anthropic' &&
      spoke.kind !== 'grounded' &&
      spoke.output !== 'calculation',
    secondsPerPromptToken: 0.0005,
    secondsPerToken: 0.017,
    loadSeconds: 0,
    dollarsPerSecond: 0,
    ...(price === undefined ? {} : { price: priceOf(price) }),
  };
}

function priceOf({ input, output, cachedInput }: DestinationConfig['prices'][string]): Price {
  return { input, output, ...(cachedInput === undefined ? {} : { cachedInput }) };
}

function localView(sources: SpokeSources, spoke: SpokeConfig): GateSpoke {
  const entry = sources.entryOf(spoke.model);
  const status = sources.statusOf(spoke.model);
  if (entry === undefined || status === undefined)
    throw new CadreError(
      'config_invalid',
      `spoke ${spoke.id} names the model ${spoke.model}, which models.lock.json does not hold`,
      { param: 'spokes' },
    );
  const installed = ['installed', 'loading', 'resident', 'failed'].includes(status.state);
  const resident = status.state === 'resident';
  const bytes = status.memoryBytes || status.fileBytes * 1.3;
  const speeds = typicalSpeeds(entry.parameters);
  const measured = sources.measuredOf?.(spoke.id);
  return {
    ...common(sources, spoke),
    kind: spoke.kind === 'grounded' ? 'grounded' : 'chat',
    destination: 'local',
    modelId: modelIdOf(spoke, sources.adapterOf),
    installed,
    // A model that crashed is started again by the next request, after a pause that grows.
    healthy: status.state !== 'damaged',
    ...problemOfModel(status),
    resident,
    fits: bytes <= sources.memoryBudget,
    contextLength: Math.min(entry.contextLength, sources.config.fleet.contextTokens),
    vision: false,
    continues: spoke.kind !== 'grounded' && spoke.output !== 'calculation',
    secondsPerPromptToken: status.promptTokensPerSecond
      ? 1 / status.promptTokensPerSecond
      : speeds.prompt,
    secondsPerToken: status.generatedTokensPerSecond
      ? 1 / status.generatedTokensPerSecond
      : speeds.token,
    loadSeconds: resident ? 0 : (status.loadMs ?? entry.parameters * 3e-6) / 1000,
    dollarsPerSecond: dollarsPerSecond(sources),
    ...(measured === undefined ? {} : { measured }),
  };
}

function problemOfModel({ problem, state }: ModelStatus): { problem?: string } {
  if (problem) return { problem };
  return state === 'pulling' ? { problem: 'it is being fetched and joins by itself' } : {};
}

/** Seconds per token before anything was measured: a line through one-thread figures of 135M–1.5B. */
function typicalSpeeds(parameters: number): { prompt: number; token: number } {
  return { prompt: 0.004 + parameters * 1.7e-11, token: 0.01 + parameters * 5e-11 };
}

/** Electricity of the threads that a local answer keeps busy. */
function dollarsPerSecond(sources: SpokeSources): number {
  const { watts, electricityPrice } = sources.config.record;
  return (sources.threads * watts * electricityPrice) / 3.6e6;
}
