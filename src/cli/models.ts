import type { ModelStatus } from '../core/catalogue.ts';
import type { FarmClient } from '../core/farm-client.ts';
import { formatBytes } from '../core/format-bytes.ts';
import type { SpecialistLineage } from '../core/specialist.ts';
import { type Command, type CommandInput, textFlag, UsageError, withFarm } from './command.ts';
import { printServers, readServers } from './served-models.ts';
import { lineageLines, trialLines } from './specialist-words.ts';
import { formatTable, paint, print, printJson, safeLine } from './terminal.ts';

const PATH = '/cadre/v1/specialists';
const ACTS = ['promote', 'rollback', 'retire'] as const;

export const modelsCommand: Command = {
  name: 'models',
  summary:
    'list models, here and in servers of their own, and specialists; promote, roll back, retire or trace a specialist',
  usage: '[promote|rollback|retire|lineage NAME[@VERSION]]',
  mostWords: 2,
  example: 'cadre models promote triage',
  flags: {
    reason: { type: 'string', value: 'TEXT', description: 'why, kept in the lineage' },
    canary: {
      type: 'boolean',
      description: 'promote by trial: 5 % of the requests at first; callers’ grades decide',
    },
    shadow: {
      type: 'boolean',
      description: 'let a candidate answer, unseen, what the live version has answered',
    },
    force: {
      type: 'boolean',
      description: 'promote what did not pass beside the live version; kept in the lineage',
    },
  },
  run: (input) =>
    withFarm(input, async (client) => {
      const [act, name] = input.words;
      if (act === undefined) return listModels(input, client);
      if (act !== 'lineage' && !ACTS.some((one) => one === act))
        throw new UsageError(`“${act}” is none of ${ACTS.join(', ')}, lineage`);
      if (name === undefined)
        throw new UsageError(`name the specialist: \`cadre models ${act} NAME\``);
      const lineage = await moved(input, client, act, name);
      if (input.json) printJson(lineage);
      else for (const line of lineageLines(lineage)) print(line);
      return 0;
    }),
};

async function moved(
  input: CommandInput,
  client: FarmClient,
  act: string,
  named: string,
): Promise<SpecialistLineage> {
  const { signal } = input;
  const [name = '', version] = named.split('@');
  if (version !== undefined && !/^[1-9]\d{0,8}$/.test(version))
    throw new UsageError(`“${version}” is no version; versions are 1, 2, 3 …`);
  if (version !== undefined && act === 'rollback')
    throw new UsageError(
      `rollback goes to the version before; \`cadre models promote ${named}\` chooses one`,
    );
  const force = input.flags['force'] === true;
  if (force && act !== 'promote') throw new UsageError('--force goes with promote alone');
  const canary = input.flags['canary'] === true;
  if (canary && (act !== 'promote' || force))
    throw new UsageError('--canary goes with promote, and without --force');
  const shadow = input.flags['shadow'] === true;
  if (shadow && (act !== 'promote' || force || canary))
    throw new UsageError('--shadow goes with promote, and without --force and --canary');
  const place = `${PATH}/${encodeURIComponent(name)}`;
  const reason = textFlag(input, 'reason');
  const wish = {
    ...(version === undefined ? {} : { version: Number(version) }),
    ...(reason === undefined ? {} : { reason }),
    ...(force ? { force } : {}),
    ...(canary ? { canary } : {}),
    ...(shadow ? { shadow } : {}),
  };
  const answer =
    act === 'lineage'
      ? await client.doGet(place, { signal })
      : await client.doSend('POST', `${place}/${act}`, wish, { signal });
  return (answer as { specialist: SpecialistLineage }).specialist;
}

async function listModels(input: CommandInput, client: FarmClient): Promise<number> {
  const { signal } = input;
  const { models } = (await client.doGet('/cadre/v1/models', { signal })) as {
    models: ModelStatus[];
  };
  const { specialists } = (await client.doGet(PATH, { signal })) as {
    specialists: SpecialistLineage[];
  };
  if (input.json) {
    printJson(models);
    return 0;
  }
  const rows = models.map((model) => [
    model.id,
    model.capabilities.join(','),
    formatBytes(model.fileBytes),
    model.licence,
    stateText(model),
  ]);
  for (const line of formatTable([['model', 'can', 'size', 'licence', 'state'], ...rows]))
    print(line);
  printServers(await readServers(client, signal), 'all');
  for (const model of models)
    if (model.problem) print(paint('yellow', `${model.id}: ${model.problem}`));
  for (const line of specialistLines(specialists)) print(line);
  return 0;
}

function specialistLines(specialists: readonly SpecialistLineage[]): string[] {
  if (specialists.length === 0) return [];
  const rows = specialists.map(({ name, live, versions }) => {
    const serving = versions.find((one) => one.manifest.version === live);
    const waiting = versions.filter((one) => one.stage !== 'live' && one.stage !== 'retired');
    const report = serving?.manifest.report;
    return [
      safeLine(name),
      serving === undefined ? 'none' : `version ${live}`,
      report === undefined
        ? ''
        : `${(100 * report.accuracy).toFixed(1)} % of ${report.evaluationRows}`,
      report === undefined ? '' : formatBytes(report.bytes),
      waiting.map((one) => `${one.manifest.version} ${one.stage}`).join(', '),
    ];
  });
  const problems = specialists.flatMap(({ versions }) =>
    versions.flatMap(({ problem }) => (problem === undefined ? [] : [safeLine(problem)])),
  );
  return [
    '',
    ...formatTable([['specialist', 'serves', 'accuracy', 'size', 'waiting'], ...rows]),
    ...specialists.flatMap(trialLines),
    ...problems.map((problem) => paint('yellow', problem)),
  ];
}

export function stateText(model: ModelStatus): string {
  if (model.state !== 'pulling') return model.state;
  return `pulling ${Math.floor((model.pulledBytes / model.fileBytes) * 100)} %`;
}
