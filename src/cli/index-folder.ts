import { basename, resolve } from 'node:path';
import { CadreError } from '../core/errors.ts';
import type { IndexProgress } from '../core/farm.ts';
import type { FarmClient } from '../core/farm-client.ts';
import { counted } from '../main.ts';
import { type Command, type CommandInput, textFlag, UsageError, withFarm } from './command.ts';
import { note, ProgressLine, paint, print, printJson } from './terminal.ts';

export const indexCommand: Command = {
  name: 'index',
  summary: 'make a folder answerable, and keep following it',
  usage: 'FOLDER',
  mostWords: 1,
  example: 'cadre index ./handbook --name handbook',
  flags: {
    name: {
      type: 'string',
      value: 'NAME',
      description: 'name of the collection (default: the folder’s)',
    },
    readers: { type: 'string', value: 'A,B', description: 'who may read it (default: public)' },
    replace: {
      type: 'boolean',
      description: 'take this folder in the place of the one that has the name',
    },
    once: { type: 'boolean', description: 'do not follow later changes' },
  },
  async run(input) {
    const [folder, ...more] = input.words;
    if (folder === undefined || more.length > 0) throw new UsageError('name one folder');
    const name = nameOf(input, folder);
    return withFarm(input, async (client) => {
      const summary = await indexFolder(input, client, folder, name);
      if (input.json) printJson({ collection: name, ...summary });
      else showSummary(name, summary, client.where);
      return 0;
    });
  },
};

type Summary = NonNullable<IndexProgress['summary']>;

/** The collection's name: the one given, else the folder's. */
function nameOf(input: CommandInput, folder: string): string {
  const name =
    textFlag(input, 'name') ??
    basename(resolve(folder))
      .toLowerCase()
      .replace(/[^a-z0-9._-]+/g, '-')
      .replace(/^[^a-z0-9]+/, '');
  if (!/^[a-z0-9][a-z0-9._-]*$/.test(name))
    throw new UsageError(`--name “${name}” may hold a–z, 0–9, dot, dash, underscore`);
  return name;
}

async function indexFolder(
  input: CommandInput,
  client: FarmClient,
  folder: string,
  name: string,
): Promise<Summary> {
  const principals = textFlag(input, 'readers')
    ?.split(',')
    .map((one) => one.trim())
    .filter(Boolean);
  const body = {
    folder: resolve(folder),
    watch: input.flags['once'] !== true,
    ...(input.flags['replace'] === true ? { replace: true } : {}),
    ...(principals ? { principals } : {}),
  };
  const progress = new ProgressLine();
  let last: IndexProgress | undefined;
  for await (const value of client.doStream(`/cadre/v1/collections/${name}/index`, body, {
    signal: input.signal,
  })) {
    last = value as IndexProgress;
    if (!input.json && last.stage !== 'ready')
      progress.update(last.stage, last.done, last.total, last.path ?? '');
  }
  progress.end();
  if (last?.summary === undefined)
    throw new CadreError('internal', 'indexing ended without a summary');
  return last.summary;
}

function showSummary(name: string, summary: Summary, where: FarmClient['where']): void {
  const { documents, chunks, added, changed, moved, removed, unchanged } = summary;
  print(
    `${paint('green', '✓')} ${name}: ${counted(documents, 'document')} (${added} new, ${changed} changed, ${moved} moved, ${removed} removed, ${unchanged} unchanged), ${counted(chunks, 'passage')}`,
  );
  if (!summary.dense)
    note(
      paint(
        'yellow',
        '  Searching by words only until the embedding model is installed (cadre pull bge-small-en-v1.5-q).',
        process.stderr,
      ),
    );
  for (const problem of summary.problems)
    note(paint('yellow', `  left out ${problem.path}: ${problem.reason}`, process.stderr));
  print(`  Ask it: cadre ask --in ${name} "…"`);
  if (where === 'own-process')
    note(
      paint(
        'dim',
        '  No farm is running, so later changes are seen at the next start (npm start).',
        process.stderr,
      ),
    );
}
