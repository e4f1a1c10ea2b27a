import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createHomeClient, isFarmListening } from '../adapters/egress/home-client.ts';
import { modelFilePath } from '../adapters/models/model-files.ts';
import { readHolder } from '../adapters/stores/home-lock.ts';
import type { ModelStatus } from '../core/catalogue.ts';
import type { CollectionWarning } from '../core/document-text.ts';
import type { ConfigStatus, FarmStatus } from '../core/farm.ts';
import type { FarmClient } from '../core/farm-client.ts';
import type { GateStatus } from '../core/gate-report.ts';
import type { Finding } from './finding.ts';
import { readCatalogue } from './models.ts';

const ANSWER_MS = 5000;

/** The farm that runs on a home at this moment. */
export interface RunningHome {
  readonly pid: number;
  /** Absent while it serves the socket of its home alone. */
  readonly url?: string;
  readonly client: FarmClient;
}

/** The farm that answers on the home's socket; undefined where none runs. */
export async function findRunning(home: string): Promise<RunningHome | undefined> {
  const holder = readHolder(home);
  if (holder === undefined || !(await isFarmListening(holder.socket))) return undefined;
  const client = createHomeClient(holder.socket, 'running', async () => undefined);
  return { pid: holder.pid, ...(holder.url ? { url: holder.url } : {}), client };
}

/** Which configuration the farm has in force. */
export async function configInForce({ client }: RunningHome): Promise<ConfigStatus> {
  const options = { signal: AbortSignal.timeout(ANSWER_MS) };
  return ((await client.doGet('/cadre/v1/status', options)) as FarmStatus).config;
}

/** Whether a farm runs on the home, which models it has, and what it refused of its configuration. */
export async function diagnoseRunning(home: string): Promise<Finding[]> {
  const running = await findRunning(home);
  if (running === undefined)
    return [
      {
        subject: 'farm',
        state: 'optional',
        detail: 'not running',
        remedy: 'cadre up',
      },
      modelFinding(installedIn(home)),
    ];
  const where = running.url === undefined ? '' : ` at ${running.url}`;
  const options = { signal: AbortSignal.timeout(ANSWER_MS) };
  const { models } = (await running.client.doGet('/cadre/v1/models', options)) as {
    models: ModelStatus[];
  };
  const { gate } = (await running.client.doGet('/cadre/v1/gate', options)) as {
    gate: GateStatus;
  };
  const { collections } = (await running.client.doGet('/cadre/v1/collections', options)) as {
    collections: { readonly name: string; readonly warnings: readonly CollectionWarning[] }[];
  };
  return [
    { subject: 'farm', state: 'good', detail: `running${where}, process ${running.pid}` },
    modelFinding(
      models
        .filter((one) => ['installed', 'loading', 'resident'].includes(one.state))
        .map((one) => one.id),
    ),
    ...models.flatMap(pinnedFinding),
    configFinding(await configInForce(running)),
    gateFinding(gate),
    ...collections.flatMap(({ name, warnings }) =>
      warnings.map((one) => collectionFinding(name, one)),
    ),
  ];
}

function collectionFinding(name: string, { code, words, detail }: CollectionWarning): Finding {
  const subject = `collection ${name}`;
  if (code === 'indexing') return { subject, state: 'optional', detail: words };
  return {
    subject,
    state: 'bad',
    detail: detail === undefined ? words : `${words}: ${detail}`,
    remedy: `Make the source reachable; it is looked at again by itself where it is followed, else cadre index … --name ${name}`,
  };
}

/** Models whose files all lie in the home; whether the files are whole is checked by a farm. */
function installedIn(home: string): string[] {
  const folder = join(home, 'models');
  return readCatalogue()
    .entries.filter((one) => one.files.every((file) => existsSync(modelFilePath(folder, file))))
    .map((one) => one.id);
}

function modelFinding(installed: readonly string[]): Finding {
  if (installed.length > 0)
    return { subject: 'models', state: 'good', detail: `installed: ${installed.join(', ')}` };
  return {
    subject: 'models',
    state: 'optional',
    detail: 'none is installed; only remote models can answer',
    remedy: 'cadre pull fetches them; cadre models lists them',
  };
}

function pinnedFinding({ id, pinned, state, problem }: ModelStatus): Finding[] {
  if (pinned !== true || state === 'loading' || state === 'resident') return [];
  return [
    {
      subject: `model ${id}`,
      state: 'bad',
      detail: `pinned, and not in memory${problem === undefined ? '' : `: ${problem}`}`,
      remedy: `Raise fleet.memoryBudget, or take a model out of fleet.pinned (cadre unpin ${id} until the next start).`,
    },
  ];
}

function gateFinding({ version, problem, drift }: GateStatus): Finding {
  const subject = 'gate';
  const troubles = [...(problem === undefined ? [] : [problem]), ...(drift?.alarms ?? [])];
  const who = version === 0 ? 'the starter’s table decides' : `gate ${version} decides`;
  if (troubles.length === 0) return { subject, state: 'good', detail: who };
  return {
    subject,
    // The starter's table promises nothing that could break.
    state: version === 0 && problem === undefined ? 'optional' : 'bad',
    detail: `${who}; ${troubles.join('; ')}`,
    remedy:
      'cadre gate show tells all; newer graded requests make a new one (cadre gate fit) or a new promise (cadre gate certify)',
  };
}

function configFinding(config: ConfigStatus): Finding {
  const since = new Date(config.loadedAt).toISOString();
  const subject = 'configuration';
  if (config.problem !== undefined)
    return {
      subject,
      state: 'bad',
      detail: `refused: ${config.problem}`,
      remedy: `The running farm keeps the one of ${since}.`,
    };
  const later = config.needsRestart.join(', ');
  const detail = `in use since ${since}${later === '' ? '' : `; after a restart: ${later}`}`;
  return { subject, state: later === '' ? 'good' : 'optional', detail };
}
