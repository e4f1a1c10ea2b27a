import type { ModelStatus } from '../core/catalogue.ts';
import type { PullProgress } from '../core/farm.ts';
import type { FarmClient } from '../core/farm-client.ts';
import { type Command, withFarm } from './command.ts';
import { formatBytes, note, ProgressLine, paint, print, printJson } from './terminal.ts';

export const pullCommand: Command = {
  name: 'pull',
  summary: 'fetch models, verify them and make them ready',
  usage: '[MODEL …]',
  mostWords: Number.POSITIVE_INFINITY,
  example: 'cadre pull qwen2.5-coder-0.5b-instruct-q4_k_m',
  flags: {},
  run: (input) =>
    withFarm(input, async (client) => {
      const ids =
        input.words.length > 0 ? input.words : await missingStarters(client, input.signal);
      let failed = 0;
      for (const id of ids) if (!(await pullOne(client, id, input.json, input.signal))) failed += 1;
      if (ids.length === 0 && !input.json) print('All starter models are installed.');
      return failed === 0 ? 0 : 1;
    }),
};

async function missingStarters(client: FarmClient, signal: AbortSignal): Promise<string[]> {
  const { models } = (await client.doGet('/cadre/v1/models', { signal })) as {
    models: ModelStatus[];
  };
  return models
    .filter((model) => model.starter && (model.state === 'absent' || model.state === 'damaged'))
    .map((model) => model.id);
}

async function pullOne(
  client: FarmClient,
  id: string,
  json: boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const line = new ProgressLine();
  let last: PullProgress | undefined;
  for await (const value of client.doStream(
    `/cadre/v1/models/${encodeURIComponent(id)}/pull`,
    {},
    { signal },
  )) {
    last = value as PullProgress;
    if (json) printJson(last);
    else if (last.stage === 'fetching' || last.stage === 'verifying')
      line.update(
        `${id} ${last.stage}`,
        last.bytes,
        last.totalBytes,
        `${formatBytes(last.bytes)} of ${formatBytes(last.totalBytes)}${last.source ? ` · ${last.source.split(':')[0]}` : ''}`,
      );
  }
  line.end();
  if (!json && last !== undefined) {
    for (const problem of last.problems) note(paint('dim', `  ${problem}`, process.stderr));
    if (last.stage === 'ready')
      print(`${paint('green', '✓')} ${id} (${formatBytes(last.totalBytes)}, verified)`);
    else
      note(
        `${paint('red', '✗', process.stderr)} ${id} could not be fetched; the reasons stand above`,
      );
  }
  return last?.stage === 'ready';
}
