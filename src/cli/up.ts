import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelStatus } from '../core/catalogue.ts';
import { CadreError } from '../core/errors.ts';
import type { Farm } from '../core/farm.ts';
import { formatBytes } from '../core/format-bytes.ts';
import { readSettings, startFarm } from '../main.ts';
import { type Command, numberFlag, textFlag } from './command.ts';
import { stateText } from './models.ts';
import { note, ProgressLine, paint, print, printJson } from './terminal.ts';

/** Models whose arrival the start waits for: first words, and search by meaning. */
const FIRST = ['smollm2-135m-instruct-q4_1', 'bge-small-en-v1.5-q'];

export const upCommand: Command = {
  name: 'up',
  summary: 'start the farm: endpoint, console, and the starter models in the background',
  usage: '',
  mostWords: 0,
  example: 'cadre up --port 4200',
  flags: {
    port: {
      type: 'string',
      value: 'N',
      description: 'port of endpoint and console (default 4117)',
    },
    host: {
      type: 'string',
      value: 'ADDRESS',
      description: 'address to listen on; beyond loopback needs a key',
    },
    offline: { type: 'boolean', description: 'never open a connection for models' },
  },
  async run(input) {
    const port = numberFlag(input, 'port', { least: 0, most: 65535, whole: true });
    const host = textFlag(input, 'host');
    // Flags win over the file, also over what it says later.
    const reread = () =>
      readSettings({
        server: {
          ...(port === undefined ? {} : { port }),
          ...(host === undefined ? {} : { host }),
        },
        fleet: input.flags['offline'] === true ? { offline: true } : {},
      });
    const settings = await reread();
    const log = input.json ? (line: string) => printJson({ log: line }) : note;
    const running = await startFarm({ settings, log, listen: true, reread, signal: input.signal });
    const { farm, url } = running;
    if (url === undefined) throw new CadreError('internal', 'the farm listens nowhere');
    if (input.json)
      printJson({
        url,
        console: `${url}/?token=${farm.mintToken()}`,
        home: farm.home,
        pid: process.pid,
      });
    else {
      await showFirstModels(farm, input.signal);
      for (const line of banner(farm, url)) print(line);
      void announceArrivals(farm, input.signal);
    }
    await running.done;
    return 0;
  },
};

/** Progress bars until the first models are ready or cannot be had. */
async function showFirstModels(farm: Farm, signal: AbortSignal): Promise<void> {
  const line = new ProgressLine();
  for (const id of FIRST) {
    for (;;) {
      const model = farm.models().find((one) => one.id === id);
      if (model === undefined || signal.aborted || isSettled(model, farm)) break;
      line.update(
        `fetching ${id}`,
        model.pulledBytes,
        model.fileBytes,
        `${formatBytes(model.pulledBytes)} of ${formatBytes(model.fileBytes)}`,
      );
      await sleep(250, undefined, { signal }).catch(() => undefined);
    }
    line.end();
  }
}

function isSettled(model: ModelStatus, farm: Farm): boolean {
  if (model.state === 'installed' || model.state === 'loading' || model.state === 'resident')
    return true;
  return (
    farm.config.fleet.offline ||
    !farm.config.fleet.starter ||
    model.state === 'failed' ||
    model.problem !== undefined
  );
}

function banner(farm: Farm, url: string): string[] {
  const missing = farm
    .models()
    .filter((model) => model.starter && ['absent', 'failed', 'damaged'].includes(model.state));
  const coming = farm.models().filter((model) => model.state === 'pulling');
  const lines = [
    '',
    `${paint('green', '●')} ${paint('bold', 'Cadre is up')} at ${url} · home ${farm.home}`,
    '',
    ...emptyNotice(farm),
    `  Console   ${paint('cyan', `${url}/?token=${farm.mintToken()}`)}`,
    `  curl      curl ${url}/v1/chat/completions -H 'content-type: application/json' -d '{"model":"auto","messages":[{"role":"user","content":"Say hello"}]}'`,
    '  Python    from openai import OpenAI',
    `            client = OpenAI(base_url="${url}/v1", api_key="local")`,
    '',
    '  Next      cadre ask "…"   ·   cadre index FOLDER --name NAME   ·   cadre ask --in NAME "…"',
    `            ${paint('dim', 'in this repository: npx cadre …, or npm run cadre -- …')}`,
  ];
  for (const model of coming)
    lines.push(`  ${paint('dim', `${model.id}: ${stateText(model)} in the background`)}`);
  if (farm.config.fleet.offline)
    for (const model of missing)
      lines.push(
        `  ${paint('yellow', `${model.id} is not installed; without --offline it is fetched`)}`,
      );
  else
    for (const model of missing)
      if (model.problem) lines.push(`  ${paint('yellow', `${model.id}: ${model.problem}`)}`);
  return [...lines, ''];
}

/** What stands before everything else where nothing can be asked and nothing will come by itself. */
function emptyNotice(farm: Farm): string[] {
  if (!farm.config.fleet.offline || farm.status().ready) return [];
  return [
    `  ${paint('yellow', 'No model is here, so nothing can be asked yet, and an offline farm fetches none:')}`,
    `  ${paint('yellow', `start it once with the network, or copy the models/ of another home into ${farm.home}`)}`,
    '',
  ];
}

/** One line for every model that joins after the banner. */
async function announceArrivals(farm: Farm, signal: AbortSignal): Promise<void> {
  const waiting = new Set(
    farm
      .models()
      .filter((model) => model.starter && ['pulling', 'absent'].includes(model.state))
      .map((model) => model.id),
  );
  while (waiting.size > 0 && !signal.aborted) {
    await sleep(1000, undefined, { signal, ref: false }).catch(() => undefined);
    for (const model of farm.models()) {
      if (!waiting.has(model.id)) continue;
      if (model.state === 'installed' || model.state === 'resident' || model.state === 'loading') {
        waiting.delete(model.id);
        note(`${paint('green', '✓', process.stderr)} ${model.id} joined the farm`);
      } else if (model.state === 'failed') {
        waiting.delete(model.id);
        note(
          `${paint('yellow', '!', process.stderr)} ${model.id}: ${model.problem ?? 'could not be fetched'}`,
        );
      }
    }
  }
}
