import { readersOf } from '../../core/call.ts';
import { CadreError } from '../../core/errors.ts';
import type { VectorFile, VectorStoreRow } from '../../core/vector-store.ts';
import { accessOf, admit } from '../admit.ts';
import type { Exchange } from '../exchange.ts';
import { printPage } from '../files/file-routes.ts';
import { newObjectId } from '../identifiers.ts';
import { queryOf, wordOf } from '../query.ts';
import { sendJson } from '../respond.ts';
import { invalidField } from '../wire-fields.ts';
import { requireSourceFile } from './source-file.ts';
import {
  parseAttributes,
  parseFile,
  parseFiles,
  printBatch,
  printVectorFile,
} from './vector-store-object.ts';
import { ownStore, pageOf } from './vector-store-routes.ts';

/** What `filter` may ask for. */
const ANY_STATUS = ['', 'in_progress', 'completed', 'failed', 'cancelled'] as const;

/** POST /v1/vector_stores/:id/files. */
export function serveFileAddition(exchange: Exchange, id: string): Promise<void> {
  const { farm } = exchange.server;
  return admit(exchange, async ({ access, body }) => {
    await ownStore(exchange, id);
    const wish = parseFile(body);
    await requireSourceFile(farm.objects, access.caller, wish.id, 'file_id');
    const row = requireRow(await farm.vectorStores.addFiles(id, [wish]), id);
    await sendFile(exchange, row, wish.id);
  });
}

/** GET /v1/vector_stores/:id/files: newest first; `limit`, `after`, `before`, `order`, `filter`. */
export async function serveFilesOfStore(exchange: Exchange, id: string): Promise<void> {
  const row = await ownStore(exchange, id);
  await sendPage(exchange, row, () => true);
}

/** GET /v1/vector_stores/:id/files/:file. */
export async function serveFileOfStore(
  exchange: Exchange,
  id: string,
  file: string,
): Promise<void> {
  await sendFile(exchange, await ownStore(exchange, id), file);
}

/** POST /v1/vector_stores/:id/files/:file: other attributes. */
export function serveFileChange(exchange: Exchange, id: string, file: string): Promise<void> {
  const { vectorStores } = exchange.server.farm;
  return admit(exchange, async ({ body }) => {
    await requireFile(exchange, await ownStore(exchange, id), file);
    if (body['attributes'] === undefined) throw invalidField('attributes', 'an object');
    const attributes = parseAttributes(body, 'attributes');
    const row = requireRow(await vectorStores.changeFile(id, { id: file, attributes }), id);
    await sendFile(exchange, row, file);
  });
}

/** DELETE /v1/vector_stores/:id/files/:file: nothing of it is found when it is answered. */
export async function serveFileRemoval(
  exchange: Exchange,
  id: string,
  file: string,
): Promise<void> {
  await requireFile(exchange, await ownStore(exchange, id), file);
  await exchange.server.farm.vectorStores.removeFile(id, file);
  const deletion = { id: file, object: 'vector_store.file.deleted', deleted: true };
  sendJson(exchange.response, deletion, exchange.id);
}

/** GET /v1/vector_stores/:id/files/:file/content: the text as it was read. */
export async function serveFileText(exchange: Exchange, id: string, file: string): Promise<void> {
  await requireFile(exchange, await ownStore(exchange, id), file);
  const { caller } = await accessOf(exchange);
  const texts = await exchange.server.farm.vectorStores.content(id, file, readersOf(caller));
  const page = {
    object: 'vector_store.file_content.page',
    data: texts.map((text) => ({ type: 'text', text })),
    has_more: false,
    next_page: null,
  };
  sendJson(exchange.response, page, exchange.id);
}

/** POST /v1/vector_stores/:id/file_batches. */
export function serveBatchAddition(exchange: Exchange, id: string): Promise<void> {
  const { farm } = exchange.server;
  return admit(exchange, async ({ access, body }) => {
    await ownStore(exchange, id);
    const wishes = parseFiles(body);
    if (wishes.length === 0) throw invalidField('file_ids', 'a list with at least one file');
    for (const wish of wishes)
      await requireSourceFile(farm.objects, access.caller, wish.id, 'file_ids');
    const batch = newObjectId('vsfb_');
    const row = requireRow(await farm.vectorStores.addFiles(id, wishes, batch), id);
    await sendBatch(exchange, row, batch);
  });
}

/** GET /v1/vector_stores/:id/file_batches/:batch. */
export async function serveBatchOfStore(
  exchange: Exchange,
  id: string,
  batch: string,
): Promise<void> {
  await sendBatch(exchange, await ownStore(exchange, id), batch);
}

/** POST /v1/vector_stores/:id/file_batches/:batch/cancel. */
export async function serveBatchCancel(
  exchange: Exchange,
  id: string,
  batch: string,
): Promise<void> {
  requireBatch(await ownStore(exchange, id), batch);
  const row = requireRow(await exchange.server.farm.vectorStores.cancelBatch(id, batch), id);
  await sendBatch(exchange, row, batch);
}

/** GET /v1/vector_stores/:id/file_batches/:batch/files. */
export async function serveFilesOfBatch(
  exchange: Exchange,
  id: string,
  batch: string,
): Promise<void> {
  const row = await ownStore(exchange, id);
  const { files } = requireBatch(row, batch);
  await sendPage(exchange, row, (file) => files.includes(file.id));
}

async function sendPage(
  exchange: Exchange,
  row: VectorStoreRow,
  isWanted: (file: VectorFile) => boolean,
): Promise<void> {
  const status = wordOf(queryOf(exchange.incoming), 'filter', ANY_STATUS);
  const all = await exchange.server.farm.vectorStores.files(row);
  const wanted = all.filter((file) => isWanted(file) && (status === '' || file.status === status));
  const page = pageOf(exchange, wanted);
  const data = page.rows.map((file) => printVectorFile(row.id, file));
  sendJson(exchange.response, printPage(data, page.hasMore), exchange.id);
}

async function sendFile(exchange: Exchange, row: VectorStoreRow, id: string): Promise<void> {
  const file = await requireFile(exchange, row, id);
  sendJson(exchange.response, printVectorFile(row.id, file), exchange.id);
}

async function sendBatch(exchange: Exchange, row: VectorStoreRow, id: string): Promise<void> {
  const batch = requireBatch(row, id);
  const files = await exchange.server.farm.vectorStores.files(row);
  sendJson(exchange.response, printBatch(id, row.id, batch, files), exchange.id);
}

async function requireFile(
  exchange: Exchange,
  row: VectorStoreRow,
  id: string,
): Promise<VectorFile> {
  const files = await exchange.server.farm.vectorStores.files(row);
  const file = files.find((one) => one.id === id);
  if (file !== undefined) return file;
  throw missing(`the vector store “${row.id}” has no file “${id.slice(0, 100)}”`);
}

function requireBatch(row: VectorStoreRow, id: string) {
  const batch = Object.hasOwn(row.body.batches, id) ? row.body.batches[id] : undefined;
  if (batch !== undefined) return batch;
  throw missing(`the vector store “${row.id}” has no file batch “${id.slice(0, 100)}”`);
}

/** It was deleted while the request ran. */
function requireRow(row: VectorStoreRow | undefined, id: string): VectorStoreRow {
  if (row !== undefined) return row;
  throw missing(`there is no vector_store “${id}”`);
}

function missing(message: string): CadreError {
  return new CadreError('object_not_found', message);
}
