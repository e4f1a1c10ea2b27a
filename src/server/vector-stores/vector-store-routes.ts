import type { VectorStoreRow } from '../../core/vector-store.ts';
import { accessOf, admit } from '../admit.ts';
import type { Exchange } from '../exchange.ts';
import { printPage } from '../files/file-routes.ts';
import { ownObject, ownPage } from '../files/own-object.ts';
import { newObjectId } from '../identifiers.ts';
import { BATCH_PAGE, countOf, queryOf, wordOf } from '../query.ts';
import { sendJson } from '../respond.ts';
import { invalidField } from '../wire-fields.ts';
import { requireSourceFile } from './source-file.ts';
import { parseFiles, parseWords, printStore } from './vector-store-object.ts';

const NO_WORDS = { name: null, description: null, metadata: null, idleDays: null };

/** POST /v1/vector_stores: made at once; its files are read afterwards. */
export function serveStoreCreation(exchange: Exchange): Promise<void> {
  const { vectorStores, objects } = exchange.server.farm;
  return admit(exchange, async ({ access, body }) => {
    const words = { ...NO_WORDS, ...parseWords(body) };
    const files = parseFiles(body);
    for (const { id } of files) await requireSourceFile(objects, access.caller, id, 'file_ids');
    const row = await vectorStores.create({
      id: newObjectId('vs_'),
      key: access.caller.key,
      words,
      files,
    });
    await sendStore(exchange, row);
  });
}

/** GET /v1/vector_stores: newest first; `limit`, `after`, `order`. */
export async function serveStoreList(exchange: Exchange): Promise<void> {
  const { caller } = await accessOf(exchange);
  const { objects, vectorStores } = exchange.server.farm;
  const query = queryOf(exchange.incoming);
  const page = await ownPage(objects, {
    kind: 'vector_store',
    caller,
    limit: countOf(query, 'limit', BATCH_PAGE),
    after: query.get('after') ?? undefined,
    oldestFirst: wordOf(query, 'order', ['desc', 'asc']) === 'asc',
    isWanted: () => true,
  });
  const data = await Promise.all(
    (page.rows as readonly VectorStoreRow[]).map(async (row) =>
      printStore(row, await vectorStores.files(row)),
    ),
  );
  sendJson(exchange.response, printPage(data, page.hasMore), exchange.id);
}

/** GET /v1/vector_stores/:id. */
export async function serveStore(exchange: Exchange, id: string): Promise<void> {
  await sendStore(exchange, await ownStore(exchange, id));
}

/** POST /v1/vector_stores/:id: name, metadata and life. */
export function serveStoreChange(exchange: Exchange, id: string): Promise<void> {
  return admit(exchange, async ({ body }) => {
    const stored = await ownStore(exchange, id);
    const changed = await exchange.server.farm.vectorStores.change(id, parseWords(body));
    await sendStore(exchange, changed ?? stored);
  });
}

/** DELETE /v1/vector_stores/:id: its documents are gone when it is answered; the files stay. */
export async function serveStoreDeletion(exchange: Exchange, id: string): Promise<void> {
  await ownStore(exchange, id);
  const deleted = await exchange.server.farm.vectorStores.drop(id);
  sendJson(exchange.response, { id, object: 'vector_store.deleted', deleted }, exchange.id);
}

/** The caller's own store; another key's is as unknown as one that was never there. */
export async function ownStore(exchange: Exchange, id: string): Promise<VectorStoreRow> {
  const { caller } = await accessOf(exchange);
  const wanted = { kind: 'vector_store' as const, id, caller };
  return (await ownObject(exchange.server.farm.objects, wanted)) as VectorStoreRow;
}

/** Part of a list that is in memory, in OpenAI's order and pages. */
export function pageOf<T extends { readonly id: string }>(
  exchange: Exchange,
  oldestFirst: readonly T[],
): { readonly rows: readonly T[]; readonly hasMore: boolean } {
  const query = queryOf(exchange.incoming);
  const isAscending = wordOf(query, 'order', ['desc', 'asc']) === 'asc';
  const all = isAscending ? oldestFirst : oldestFirst.toReversed();
  const limit = countOf(query, 'limit', BATCH_PAGE);
  const [after, before] = [query.get('after'), query.get('before')];
  const start = after === null ? 0 : placeOf(all, after, 'after') + 1;
  const end = before === null ? all.length : placeOf(all, before, 'before');
  const first = before !== null && after === null ? Math.max(0, end - limit) : start;
  const rows = all.slice(first, Math.min(end, first + limit));
  const hasMore = before !== null && after === null ? first > 0 : first + limit < end;
  return { rows, hasMore };
}

function placeOf(all: readonly { readonly id: string }[], id: string, param: string): number {
  const place = all.findIndex((one) => one.id === id);
  if (place < 0) throw invalidField(param, 'the id of an entry that is still there');
  return place;
}

async function sendStore(exchange: Exchange, row: VectorStoreRow): Promise<void> {
  const files = await exchange.server.farm.vectorStores.files(row);
  sendJson(exchange.response, printStore(row, files), exchange.id);
}
