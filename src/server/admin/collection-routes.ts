import { Hono } from 'hono';
import { z } from 'zod';
import { type Caller, LOOPBACK, readersOf } from '../../core/call.ts';
import type { JsonValue } from '../../core/chat.ts';
import { type SourceSpec, sourceSchema } from '../../core/config-source.ts';
import { idSchema, principalsSchema } from '../../core/config-words.ts';
import { CadreError } from '../../core/errors.ts';
import { nearestName } from '../../core/nearest.ts';
import type { CollectionRow } from '../../core/stores.ts';
import type { Admitted } from '../admit.ts';
import { DOCUMENT_FILTER, readDocumentFilter } from '../document-filter.ts';
import {
  type AdminContext,
  type AdminEnvironment,
  admitWork,
  farmOf,
  parse,
  readBody,
} from './admin-environment.ts';
import { shownDocument, shownWarnings } from './shown-document.ts';
import { streamValues } from './stream.ts';

/** A search takes milliseconds; one that embeds its query on a busy machine seconds. */
const SEARCH_MS = 30_000;
/** Documents of one page. */
export const MOST_DOCUMENTS = 10_000;

const nameSchema = z.object({
  name: idSchema.max(100),
});
const pageSchema = z.object({
  limit: z.coerce.number().int().min(1).max(MOST_DOCUMENTS).optional(),
  after: z.string().max(100).optional(),
});
export const indexSchema = z.strictObject({
  folder: z.string().min(1).max(4096).optional().describe('Absolute; short for one source.'),
  sources: z.array(sourceSchema).max(100).default([]).describe('As `collections[].sources`.'),
  watch: z.boolean().default(true),
  context: idSchema
    .nullable()
    .optional()
    .describe('Spoke that writes a sentence about each passage; null = none, absent = as before.'),
  principals: principalsSchema
    .optional()
    .describe('Who may read it; absent = as before, `public` for a new one.'),
  replace: z
    .boolean()
    .default(false)
    .describe(
      'Puts the sources in the place of those that have the name; else that is a conflict.',
    ),
});
export const searchSchema = z.strictObject({
  query: z.string().min(1).max(10_000),
  limit: z.int().min(1).max(50).default(8),
  // Not z.json(): its schema refers to itself, which OpenAPI's tools cannot place within a body.
  filter: z.unknown().optional().meta(DOCUMENT_FILTER),
});

/** Collections of documents; a caller sees those that one of his principals may read. */
export const collectionRoutes = new Hono<AdminEnvironment>()
  .get('/collections', async (context) => {
    const rows = await visible(context);
    const { isOperator, caller } = context.get('access');
    const shown = isOperator ? rows : rows.map(withoutSources);
    const farm = farmOf(context);
    const collections = shown.map((row) => ({
      ...row,
      warnings: shownWarnings(farm.warnings(row.name, readersOf(caller))),
    }));
    return context.json({ collections });
  })
  .get('/collections/:name/documents', async (context) => {
    const name = await requireCollection(context);
    const { caller, isOperator } = context.get('access');
    const { limit, after } = parse(pageSchema, context.req.query());
    const page = { ...(limit && { limit: limit + 1 }), ...(after !== undefined && { after }) };
    const rows = await farmOf(context).documents(name, readersOf(caller), page);
    return context.json({
      documents: rows.slice(0, limit).map((row) => shownDocument(row, isOperator)),
      hasMore: limit !== undefined && rows.length > limit,
    });
  })
  .post('/collections/:name/index', async (context) => {
    const { name } = parse(nameSchema, context.req.param());
    const {
      folder,
      sources: written,
      context: writer,
      ...request
    } = await readBody(context, indexSchema);
    const sources = [...folderSource(folder), ...written];
    requireSources(sources, context.get('access').caller);
    return streamValues(context, (signal) =>
      farmOf(context).index(
        {
          name,
          sources,
          ...request,
          ...(writer === undefined ? {} : { settings: { context: writer ?? undefined } }),
        },
        signal,
      ),
    );
  })
  .post('/collections/:name/search', (context) => {
    const { rerankMs } = farmOf(context).config.ground;
    return admitWork(context, searchFor(context), SEARCH_MS + rerankMs);
  })
  .delete('/collections/:name', async (context) => {
    const name = await requireCollection(context);
    return context.json({ dropped: await farmOf(context).dropCollection(name) });
  });

function folderSource(folder: string | undefined): SourceSpec[] {
  return folder === undefined ? [] : [{ kind: 'folder', folder }];
}

/** An address that a key's owner chose could reach what only this machine may reach. */
function requireSources(sources: readonly SourceSpec[], caller: Caller): void {
  if (sources.length === 0)
    throw new CadreError('invalid_request', 'give `folder`, or `sources`', { param: 'folder' });
  if (caller.key === LOOPBACK.key || sources.every((spec) => spec.kind === 'folder')) return;
  throw new CadreError(
    'forbidden',
    'sources other than folders are set in cadre.yaml or on this machine (`cadre index`)',
    { param: 'sources' },
  );
}

function searchFor(context: AdminContext) {
  return async ({ access, body, signal }: Admitted): Promise<Response> => {
    const collection = await requireCollection(context);
    const { query, limit, filter: wanted } = parse(searchSchema, body);
    const filter = readDocumentFilter(wanted as JsonValue | undefined, 'filter');
    const { caller } = access;
    const principals = readersOf(caller);
    const request = { collection, query, limit, principals, caller, ...(filter && { filter }) };
    return context.json(await farmOf(context).search(request, signal));
  };
}

/** Where the documents lie and what others may read is the operator's business. */
function withoutSources({
  sources: _sources,
  rules: _rules,
  ...row
}: CollectionRow): Omit<CollectionRow, 'sources' | 'rules'> {
  return row;
}

function visible(context: AdminContext) {
  return farmOf(context).collections(readersOf(context.get('access').caller));
}

export async function requireCollection(context: AdminContext): Promise<string> {
  const { name } = parse(nameSchema, context.req.param());
  const names = (await visible(context)).map((row) => row.name);
  if (names.includes(name)) return name;
  const near = nearestName(name, names);
  const hint = near === undefined ? '' : `; did you mean “${near}”?`;
  throw new CadreError('collection_not_found', `there is no collection “${name}”${hint}`, {
    param: 'name',
  });
}
