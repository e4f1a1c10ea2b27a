import type { CollectionStanding, CollectionWarning } from '../core/document-text.ts';
import type { FarmClient } from '../core/farm-client.ts';
import { formatBytes } from '../core/format-bytes.ts';
import { sourceName } from '../core/source.ts';
import type { CollectionRow, DocumentRow } from '../core/stores.ts';
import { ACCESS_FLAGS, changeAccess, showDocument, wantsChange } from './collection-access.ts';
import { FIT_FLAGS, fitCollection } from './collection-fit.ts';
import { tellWarnings } from './collection-warnings.ts';
import { type Command, type CommandInput, UsageError, withFarm } from './command.ts';
import { contextLines, readersOf, stateOf } from './document-lines.ts';
import { formatTable, print, printJson, safeLine } from './terminal.ts';

export const collectionsCommand: Command = {
  name: 'collections',
  summary:
    'list collections, show the documents of one, say who reads what, fit the ranking of one, or drop one',
  usage: '[NAME [PATH] | fit NAME | drop NAME]',
  mostWords: 2,
  example: 'cadre collections handbook --rule hr/=hr',
  flags: { ...ACCESS_FLAGS, ...FIT_FLAGS },
  run: (input) =>
    withFarm(input, async (client) => {
      const [first, second] = input.words;
      if (first === 'fit') return fitCollection(input, client, second);
      const stray = Object.keys(FIT_FLAGS).find((flag) => input.flags[flag] !== undefined);
      if (stray !== undefined)
        throw new UsageError(`--${stray} is said of a fit: cadre collections fit NAME`);
      if (first === 'drop') {
        if (second === undefined) throw new UsageError('name the collection to drop');
        const dropped = await client.doSend(
          'DELETE',
          `/cadre/v1/collections/${encodeURIComponent(second)}`,
          undefined,
          { signal: input.signal },
        );
        if (input.json) printJson(dropped);
        else print(`dropped ${second}; its sources are untouched`);
        return 0;
      }
      if (first !== undefined && (second !== undefined || wantsChange(input))) {
        if (second !== undefined && !wantsChange(input))
          return showDocument(input, client, first, second);
        return changeAccess(input, client, first, second);
      }
      if (wantsChange(input)) throw new UsageError('name the collection');
      if (first !== undefined) return listDocuments(input, client, first);
      const collections = await collectionsOf(input, client);
      if (input.json) printJson(collections);
      else if (collections.length === 0)
        print('No collections yet; make one: cadre index FOLDER --name NAME');
      else
        for (const line of formatTable([
          ['name', 'sources', 'followed', 'readers', 'meaning', 'version'],
          ...collections.map((one) => [
            one.name,
            safeLine(one.sources.map(sourceName).join(', ')),
            one.watched ? 'yes' : 'no',
            one.principals.join(','),
            one.weight === undefined ? '' : String(one.weight.dense),
            String(one.version),
          ]),
        ]))
          print(line);
      tellWarnings(collections.flatMap((one) => one.warnings));
      return 0;
    }),
};

type ShownCollection = CollectionRow & { readonly warnings: readonly CollectionWarning[] };

async function collectionsOf(
  { signal }: CommandInput,
  client: FarmClient,
): Promise<ShownCollection[]> {
  const found = await client.doGet('/cadre/v1/collections', { signal });
  return (found as { collections: ShownCollection[] }).collections;
}

async function listDocuments(
  input: CommandInput,
  client: FarmClient,
  name: string,
): Promise<number> {
  const place = `/cadre/v1/collections/${encodeURIComponent(name)}`;
  const { documents } = (await client.doGet(`${place}/documents`, {
    signal: input.signal,
  })) as { documents: DocumentRow[] };
  const { standing } = (await client.doGet(`${place}/standing`, {
    signal: input.signal,
  })) as { standing: CollectionStanding };
  if (input.json) printJson(documents);
  else {
    for (const line of formatTable([
      ['path', 'size', 'passages', ...readersColumn(documents, 'readers'), 'state'],
      ...documents.map((one) => [
        safeLine(one.path),
        formatBytes(one.bytes),
        String(one.chunkCount),
        ...readersColumn(documents, readersOf(one)),
        stateOf(one),
      ]),
    ]))
      print(line);
    for (const line of contextLines(standing)) print(line);
  }
  tellWarnings(standing.warnings);
  return 0;
}

/** Only operators are told who reads a document. */
function readersColumn(documents: readonly DocumentRow[], cell: string): string[] {
  return documents.some((one) => one.principals !== undefined) ? [cell] : [];
}
