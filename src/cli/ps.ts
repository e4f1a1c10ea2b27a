import type { ModelStatus } from '../core/catalogue.ts';
import type { FarmStatus } from '../core/farm.ts';
import { formatBytes } from '../core/format-bytes.ts';
import { type Command, withFarm } from './command.ts';
import { printServers, readServers } from './served-models.ts';
import { formatTable, note, paint, print, printJson } from './terminal.ts';
import { otherHolders, threadsHeld, threadsOf } from './thread-words.ts';

export const psCommand: Command = {
  name: 'ps',
  summary: 'show which models are in memory and what they do',
  usage: '',
  mostWords: 0,
  example: 'cadre ps',
  flags: {},
  run: (input) =>
    withFarm(input, async (client) => {
      const status = (await client.doGet('/cadre/v1/status', {
        signal: input.signal,
      })) as FarmStatus;
      const { models } = (await client.doGet('/cadre/v1/models', { signal: input.signal })) as {
        models: ModelStatus[];
      };
      const resident = models.filter(
        (one) => one.state === 'resident' || one.state === 'loading' || one.pinned === true,
      );
      const servers = await readServers(client, input.signal);
      if (input.json) {
        printJson({ status, models: resident, servers });
        return 0;
      }
      for (const line of modelLines(status, resident)) print(line);
      for (const line of otherHolders(status, resident)) print(line);
      printServers(servers, 'held');
      note(
        paint(
          'dim',
          `${formatBytes(status.memoryUsed)} of ${formatBytes(status.memoryBudget)}${savedText(status)} · ${threadsHeld(status)} · process ${status.pid}${client.where === 'own-process' ? ' (no farm is running)' : ''}`,
          process.stderr,
        ),
      );
      for (const { id, state, problem } of resident)
        if (state === 'failed' && problem !== undefined)
          note(paint('yellow', `${id}: ${problem}`, process.stderr));
      if (status.config.problem !== undefined)
        note(paint('yellow', `configuration refused: ${status.config.problem}`, process.stderr));
      if (status.config.needsRestart.length > 0)
        note(`after a restart: ${status.config.needsRestart.join(', ')}`);
      return 0;
    }),
};

/** A table of the models in memory. */
function modelLines(status: FarmStatus, resident: readonly ModelStatus[]): string[] {
  if (resident.length === 0) return ['No model is in memory; the first request loads one.'];
  const speed = (value: number | undefined) => (value === undefined ? '–' : value.toFixed(0));
  return formatTable([
    [
      'model',
      'state',
      'memory',
      'threads',
      'adapters',
      'active',
      'waiting',
      'asked in',
      'prompt tok/s',
      'tok/s',
    ],
    ...resident.map((model) => [
      model.id,
      stateText(model),
      formatBytes(model.memoryBytes),
      threadsOf(status, model.id),
      String(model.adapters ?? 0),
      String(model.activeRequests),
      queueText(model),
      model.nextRequestSeconds === undefined ? '–' : `${model.nextRequestSeconds} s`,
      speed(model.promptTokensPerSecond),
      speed(model.generatedTokensPerSecond),
    ]),
  ]);
}

function stateText({ state, loadedShare, pinned }: ModelStatus): string {
  const share = loadedShare === undefined ? '' : ` ${Math.floor(100 * loadedShare)} %`;
  return `${state}${share}${pinned ? ', pinned' : ''}`;
}

/** How many wait, and how many of them for a batch or the farm itself. */
function queueText({ queuedRequests, queuedBatch, queuedBackground }: ModelStatus): string {
  const later = [
    ...(queuedBatch === undefined ? [] : [`${queuedBatch} batch`]),
    ...(queuedBackground === undefined ? [] : [`${queuedBackground} background`]),
  ];
  return later.length === 0 ? String(queuedRequests) : `${queuedRequests} (${later.join(', ')})`;
}

function savedText({ memorySaved }: FarmStatus): string {
  return memorySaved > 0 ? ` (${formatBytes(memorySaved)} more with all that gave way)` : '';
}
