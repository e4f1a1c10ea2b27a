import type { CollectionChange, DocumentSaying } from '../core/collection-settings.ts';
import { CadreError } from '../core/errors.ts';
import type { FarmClient } from '../core/farm-client.ts';
import type { CollectionRow, DocumentRow } from '../core/stores.ts';
import {
  type CommandInput,
  type FlagDefinition,
  numberFlag,
  textFlag,
  textFlags,
  UsageError,
} from './command.ts';
import { documentLines, ruleLines } from './document-lines.ts';
import { metadataWords } from './metadata-words.ts';
import { note, paint, print, printJson, safeLine } from './terminal.ts';

export const ACCESS_FLAGS: Readonly<Record<string, FlagDefinition>> = {
  readers: {
    type: 'string',
    value: 'A,B',
    description: 'who may read the collection or, with PATH, the document (of its readers)',
  },
  owner: { type: 'string', value: 'NAME', description: 'who answers for it and always reads it' },
  rule: {
    type: 'string',
    value: 'PATH=A,B',
    multiple: true,
    description: 'readers of a folder or pattern; all rules anew, the last that fits counts',
  },
  'half-life': {
    type: 'string',
    value: 'DAYS',
    description: 'age at which a document counts half; 0 = age does not count',
  },
  context: {
    type: 'string',
    value: 'SPOKE',
    description: 'describes each passage in one sentence for the index; empty = none',
  },
  meta: {
    type: 'string',
    value: 'KEY=VALUE',
    multiple: true,
    description: 'metadata of the document; an empty value takes it back',
  },
};

export function wantsChange(input: CommandInput): boolean {
  return Object.keys(ACCESS_FLAGS).some((name) => input.flags[name] !== undefined);
}

/** Changes who may read a collection or one of its documents. */
export async function changeAccess(
  input: CommandInput,
  client: FarmClient,
  name: string,
  path: string | undefined,
): Promise<number> {
  const place = `/cadre/v1/collections/${encodeURIComponent(name)}`;
  if (path === undefined) {
    const { collection } = (await client.doSend('PATCH', place, collectionChange(input), {
      signal: input.signal,
    })) as { collection: CollectionRow };
    if (input.json) printJson(collection);
    else {
      print(`${paint('green', '✓')} ${name}: read by ${collection.principals.join(', ')}`);
      if (input.flags['rule'] !== undefined) await printRules(input, client, collection);
    }
    return 0;
  }
  const saying = documentSaying(input);
  const found = await findDocument(input, client, name, path);
  const { document } = (await client.doSend('PATCH', `${place}/documents/${found.id}`, saying, {
    signal: input.signal,
  })) as { document: DocumentRow };
  if (input.json) printJson(document);
  else {
    const readers = document.principals.join(', ') || 'operators alone';
    print(`${paint('green', '✓')} ${safeLine(document.path)}: read by ${readers}`);
  }
  return 0;
}

/** One document of a collection: shown. */
export async function showDocument(
  input: CommandInput,
  client: FarmClient,
  name: string,
  path: string,
): Promise<number> {
  const found = await findDocument(input, client, name, path);
  if (input.json) printJson(found);
  else for (const line of documentLines(found)) print(line);
  return 0;
}

async function printRules(
  input: CommandInput,
  client: FarmClient,
  collection: CollectionRow,
): Promise<void> {
  const documents = await documentsOf(input, client, collection.name);
  const paths = documents.map((one) => one.path);
  const { rules, warnings } = ruleLines(collection, paths);
  for (const line of rules) print(`  ${line}`);
  for (const line of warnings) note(paint('yellow', `  ${line}`, process.stderr));
}

/** The document at a path or with an id. Rejects with `not_found`. */
async function findDocument(
  input: CommandInput,
  client: FarmClient,
  name: string,
  path: string,
): Promise<DocumentRow> {
  const documents = await documentsOf(input, client, name);
  const found = documents.find((one) => one.path === path || one.id === path);
  if (found !== undefined) return found;
  throw new CadreError('not_found', `the collection ${name} has no document ${path}`);
}

async function documentsOf(
  input: CommandInput,
  client: FarmClient,
  name: string,
): Promise<readonly DocumentRow[]> {
  const place = `/cadre/v1/collections/${encodeURIComponent(name)}/documents`;
  const { documents } = (await client.doGet(place, { signal: input.signal })) as {
    documents: DocumentRow[];
  };
  return documents;
}

function collectionChange(input: CommandInput): CollectionChange {
  if (input.flags['meta'] !== undefined)
    throw new UsageError('--meta is said of a document: name its path too');
  const principals = readers(input);
  if (principals?.length === 0)
    throw new UsageError(
      '--readers names nobody; to drop a collection: cadre collections drop NAME',
    );
  const owner = textFlag(input, 'owner');
  const context = textFlag(input, 'context');
  const halfLife = numberFlag(input, 'half-life', { least: 0, most: 36_500 });
  const rules = textFlags(input, 'rule').map((rule) => {
    const equals = rule.lastIndexOf('=');
    if (equals < 1) throw new UsageError(`--rule “${rule}” is not PATH=A,B`);
    return { path: rule.slice(0, equals), principals: names(rule.slice(equals + 1)) };
  });
  return {
    ...(principals === undefined ? {} : { principals }),
    ...(owner === undefined ? {} : { owner: owner === '' ? null : owner }),
    ...(rules.length === 0 ? {} : { rules }),
    ...(halfLife === undefined ? {} : { halfLifeDays: halfLife === 0 ? null : halfLife }),
    ...(context === undefined ? {} : { context: context === '' ? null : context }),
  };
}

function documentSaying(input: CommandInput): DocumentSaying {
  for (const flag of ['rule', 'half-life', 'context'])
    if (input.flags[flag] !== undefined)
      throw new UsageError(`--${flag} is said of a collection, not of one document`);
  const principals = readers(input);
  const owner = textFlag(input, 'owner');
  const metadata = metadataWords('meta', textFlags(input, 'meta')).map(([key, value]) => [
    key,
    value === '' ? null : value,
  ]);
  return {
    ...(principals === undefined ? {} : { principals }),
    ...(owner === undefined ? {} : { owner: owner === '' ? null : owner }),
    ...(metadata.length === 0 ? {} : { metadata: Object.fromEntries(metadata) }),
  };
}

function readers(input: CommandInput): string[] | undefined {
  const said = textFlag(input, 'readers');
  if (said === undefined) return undefined;
  const found = names(said);
  if (found.length === 0 && said !== '') throw new UsageError('--readers names nobody; say A,B');
  return found;
}

function names(list: string): string[] {
  return list
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);
}
