import { resolve } from 'node:path';
import type { ModelStatus, PullProgress } from '../core/catalogue.ts';
import type { FarmClient } from '../core/farm-client.ts';
import { formatBytes } from '../core/format-bytes.ts';
import { type Command, type CommandInput, textFlag, UsageError, withFarm } from './command.ts';
import { note, ProgressLine, paint, print, printJson } from './terminal.ts';

export const pullCommand: Command = {
  name: 'pull',
  summary: 'fetch models, verify them and make them ready; or take in a GGUF file of your own',
  usage: '[MODEL …|FILE.gguf]',
  mostWords: Number.POSITIVE_INFINITY,
  example: 'cadre pull qwen2.5-coder-0.5b-instruct-q4_k_m',
  flags: {
    name: { type: 'string', value: 'NAME', description: 'of a file of your own; else its own' },
  },
  run: (input) =>
    withFarm(input, async (client) => {
      const name = textFlag(input, 'name');
      const [file] = input.words;
      if (file !== undefined && /\.gguf$/i.test(file)) return pullFile(input, client, file, name);
      if (name !== undefined) throw new UsageError('--name goes with a file: FILE.gguf');
      const ids =
        input.words.length > 0 ? input.words : await missingStarters(client, input.signal);
      let failed = 0;
      for (const id of ids) if (!(await pullOne(client, id, input.json, input.signal))) failed += 1;
      if (ids.length === 0 && !input.json) print('All starter models are installed.');
      return failed === 0 ? 0 : 1;
    }),
};

async function pullFile(
  input: CommandInput,
  client: FarmClient,
  file: string,
  id: string | undefined,
): Promise<number> {
  if (input.words.length > 1) throw new UsageError('one file at a time');
  const wish = { file: resolve(file), ...(id === undefined ? {} : { id }) };
  const values = client.doStream('/cadre/v1/models', wish, { signal: input.signal });
  return (await showPull(values, id ?? file, input.json)) ? 0 : 1;
}

async function missingStarters(client: FarmClient, signal: AbortSignal): Promise<string[]> {
  const { models } = (await client.doGet('/cadre/v1/models', { signal })) as {
    models: ModelStatus[];
  };
  return models
    .filter((model) => model.starter && (model.state === 'absent' || model.state === 'damaged'))
    .map((model) => model.id);
}

function pullOne(
  client: FarmClient,
  id: string,
  json: boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const place = `/cadre/v1/models/${encodeURIComponent(id)}/pull`;
  return showPull(client.doStream(place, {}, { signal }), id, json);
}

/** Whether the model is ready at the end. */
async function showPull(
  values: AsyncIterable<unknown>,
  name: string,
  json: boolean,
): Promise<boolean> {
  const line = new ProgressLine();
  let last: PullProgress | undefined;
  for await (const value of values) {
    last = value as PullProgress;
    if (json) printJson(last);
    else if (last.stage === 'fetching' || last.stage === 'verifying')
      line.update(
        `${last.id} ${last.stage}`,
        last.bytes,
        last.totalBytes,
        `${formatBytes(last.bytes)} of ${formatBytes(last.totalBytes)}${last.source ? ` · ${last.source.split(':')[0]}` : ''}`,
      );
  }
  line.end();
  if (!json && last !== undefined) {
    for (const problem of last.problems) note(paint('dim', `  ${problem}`, process.stderr));
    if (last.stage === 'ready')
      print(`${paint('green', '✓')} ${last.id} (${formatBytes(last.totalBytes)}, verified)`);
    else
      note(
        `${paint('red', '✗', process.stderr)} ${name} could not be fetched; the reasons stand above`,
      );
  }
  return last?.stage === 'ready';
}
