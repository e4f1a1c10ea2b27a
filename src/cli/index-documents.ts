import { basename, resolve } from 'node:path';
import { isUrl, type SourceSpec } from '../core/config-source.ts';
import { CadreError } from '../core/errors.ts';
import type { FarmClient } from '../core/farm-client.ts';
import type { IndexProgress } from '../core/index-progress.ts';
import { counted } from '../main.ts';
import { type Command, type CommandInput, textFlag, UsageError, withFarm } from './command.ts';
import { SOURCE_FLAGS, sourceOf } from './index-source.ts';
import { note, ProgressLine, paint, print, printJson } from './terminal.ts';

export const indexCommand: Command = {
  name: 'index',
  summary: 'make documents answerable, and keep following them',
  usage: 'PLACE…',
  mostWords: 100,
  example: 'cadre index ./handbook --name handbook',
  flags: {
    name: {
      type: 'string',
      value: 'NAME',
      description: 'name of the collection (default: the place’s)',
    },
    readers: { type: 'string', value: 'A,B', description: 'who may read it (default: public)' },
    context: {
      type: 'string',
      value: 'SPOKE',
      description: 'describes each passage in one sentence for the index, in the background',
    },
    replace: {
      type: 'boolean',
      description: 'take these places instead of those that have the name',
    },
    ...SOURCE_FLAGS,
    once: { type: 'boolean', description: 'do not follow later changes' },
  },
  async run(input) {
    const [first] = input.words;
    if (first === undefined)
      throw new UsageError('name a folder, a repository, a mailbox, a database or an address');
    const sources = input.words.map((place) => sourceOf(input, place));
    const name = nameOf(input, first);
    return withFarm(input, async (client) => {
      const summary = await indexSources(input, client, sources, name);
      if (input.json) printJson({ collection: name, ...summary });
      else showSummary(name, summary, client.where);
      return 0;
    });
  },
};

type Summary = NonNullable<IndexProgress['summary']>;

/** The collection's name: the one given, else that of the first place. */
function nameOf(input: CommandInput, place: string): string {
  const last = isUrl(place) ? new URL(place).hostname : basename(resolve(place));
  const name =
    textFlag(input, 'name') ??
    last
      .replace(/\.(git|mbox|eml|db|sqlite3?)$/i, '')
      .toLowerCase()
      .replace(/[^a-z0-9._-]+/g, '-')
      .replace(/^[^a-z0-9]+/, '');
  if (!/^[a-z0-9][a-z0-9._-]*$/.test(name))
    throw new UsageError(`--name “${name}” may hold a–z, 0–9, dot, dash, underscore`);
  return name;
}

async function indexSources(
  input: CommandInput,
  client: FarmClient,
  sources: readonly SourceSpec[],
  name: string,
): Promise<Summary> {
  const principals = textFlag(input, 'readers')
    ?.split(',')
    .map((one) => one.trim())
    .filter(Boolean);
  if (principals?.length === 0) throw new UsageError('--readers names nobody; say A,B');
  const context = textFlag(input, 'context');
  const body = {
    sources,
    watch: input.flags['once'] !== true,
    ...(input.flags['replace'] === true ? { replace: true } : {}),
    ...(principals ? { principals } : {}),
    ...(context === undefined ? {} : { context: context === '' ? null : context }),
  };
  const progress = new ProgressLine();
  let last: IndexProgress | undefined;
  for await (const value of client.doStream(`/cadre/v1/collections/${name}/index`, body, {
    signal: input.signal,
  })) {
    last = value as IndexProgress;
    if (!input.json && last.stage !== 'ready')
      progress.update(last.stage, last.done, last.total, last.path ?? countOf(last));
  }
  progress.end();
  if (last?.summary === undefined)
    throw new CadreError('internal', 'indexing ended without a summary');
  return last.summary;
}

/** While a source is listed nobody knows how much there will be. */
function countOf({ stage, done }: IndexProgress): string {
  return stage === 'listing' && done > 0 ? `${done} found` : '';
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
