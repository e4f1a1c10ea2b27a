import type { JsonObject } from '../../core/chat.ts';
import { CadreError } from '../../core/errors.ts';
import type { ObjectRow, ObjectStore } from '../../core/objects.ts';
import { storedBytes } from '../../core/stored-bytes.ts';
import { type AdmittedWork, accessOf, admitWork } from '../admit.ts';
import type { Exchange } from '../exchange.ts';
import { countOf, FILE_PAGE, queryOf, wordOf } from '../query.ts';
import { dropStalledReader, sendJson } from '../respond.ts';
import { untilRead } from '../until-read.ts';
import { shownLines } from './batch-output.ts';
import { BATCH_OUTPUT, printFile } from './file-object.ts';
import { receiveFile } from './file-upload.ts';
import { ownObject, ownPage } from './own-object.ts';

/** POST /v1/files. */
export function serveUpload(exchange: Exchange): Promise<void> {
  const { farm, uploads } = exchange.server;
  if (!farm.config.record.files) return refuseUpload(exchange);
  const receive = async ({ access, signal }: AdmittedWork) => {
    const { fileBytes, storedBytesPerKey } = farm.config.limits;
    const left = storedBytesPerKey - (await storedBytes(farm.objects, access.caller.key));
    const row = await receiveFile(exchange.incoming, {
      objects: farm.objects,
      key: access.caller.key,
      limitBytes: Math.min(fileBytes, left),
      tooLarge: () => (left < fileBytes ? noRoom(storedBytesPerKey) : tooLarge(fileBytes)),
      signal,
    });
    sendJson(exchange.response, printFile(row), exchange.id);
  };
  return admitWork(exchange, receive, { places: uploads });
}

/** Who asks is known first: what a farm keeps is nothing for strangers. */
async function refuseUpload(exchange: Exchange): Promise<void> {
  await accessOf(exchange);
  throw new CadreError('forbidden', 'this farm keeps no files (`record.files` is false)');
}

function tooLarge(limit: number): CadreError {
  return new CadreError('file_too_large', `the file is larger than ${limit} bytes`, {
    param: 'file',
  });
}

function noRoom(limit: number): CadreError {
  const message = `with this file the key would store more than ${limit} bytes`;
  return new CadreError('storage_full', message, { param: 'file' });
}

/** GET /v1/files: newest first; `limit`, `after`, `order`, `purpose`. */
export async function serveFileList(exchange: Exchange): Promise<void> {
  const { caller } = await accessOf(exchange);
  const query = queryOf(exchange.incoming);
  const purpose = query.get('purpose');
  const page = await ownPage(exchange.server.farm.objects, {
    kind: 'file',
    caller,
    limit: countOf(query, 'limit', FILE_PAGE),
    after: query.get('after') ?? undefined,
    oldestFirst: wordOf(query, 'order', ['desc', 'asc']) === 'asc',
    isWanted: (row) => purpose === null || row.body['purpose'] === purpose,
  });
  sendJson(exchange.response, printPage(page.rows.map(printFile), page.hasMore), exchange.id);
}

/** A page of OpenAI's lists. */
export function printPage(data: readonly JsonObject[], hasMore: boolean): JsonObject {
  return {
    object: 'list',
    data,
    first_id: data[0]?.['id'] ?? null,
    last_id: data.at(-1)?.['id'] ?? null,
    has_more: hasMore,
  };
}

/** GET /v1/files/:id. */
export async function serveFile(exchange: Exchange, id: string): Promise<void> {
  const { caller } = await accessOf(exchange);
  const row = await ownObject(exchange.server.farm.objects, { kind: 'file', id, caller });
  sendJson(exchange.response, printFile(row), exchange.id);
}

/** DELETE /v1/files/:id. */
export async function serveFileDeletion(exchange: Exchange, id: string): Promise<void> {
  const { caller } = await accessOf(exchange);
  const { objects, vectorStores } = exchange.server.farm;
  await ownObject(objects, { kind: 'file', id, caller });
  await objects.doDeleteObject('file', id);
  await vectorStores.forgetFile(caller.key, id);
  sendJson(exchange.response, { id, object: 'file', deleted: true }, exchange.id);
}

/**
 * GET /v1/files/:id/content: the bytes as they were uploaded, part by part; results of a batch as the
 * caller may see them now, so that their length is not known before.
 */
export async function serveFileContent(exchange: Exchange, id: string): Promise<void> {
  const { caller } = await accessOf(exchange);
  const { incoming, response, server } = exchange;
  const row = await ownObject(server.farm.objects, { kind: 'file', id, caller });
  const isResult = row.body['purpose'] === BATCH_OUTPUT;
  const stored = new StoredContent(server.farm.objects, row);
  const filename = encodeURIComponent(String(row.body['filename']).toWellFormed());
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    ...(isResult ? {} : { 'content-length': stored.left }),
    'content-disposition': `attachment; filename*=UTF-8''${filename}`,
    'x-content-type-options': 'nosniff',
    'x-request-id': exchange.id,
  });
  if (incoming.method !== 'HEAD') {
    const content = stored.read();
    for await (const bytes of isResult ? shownLines(server.farm, caller, content) : content) {
      if (!response.write(bytes)) await untilRead(response);
      if (response.destroyed) return;
    }
    // Deleted meanwhile: the next answer on this connection would be taken for the rest of the file.
    if (stored.left !== 0) {
      response.destroy();
      return;
    }
  }
  response.end();
  dropStalledReader(response);
}

/** Content on its way out. */
class StoredContent {
  /** Bytes that are still to come. */
  left: number;
  readonly #objects: ObjectStore;
  readonly #id: string;

  constructor(objects: ObjectStore, { id, body }: ObjectRow) {
    this.left = Number(body['bytes']);
    this.#objects = objects;
    this.#id = id;
  }

  async *read(): AsyncGenerator<Uint8Array> {
    for await (const { bytes } of this.#objects.doReadParts('file', this.#id)) {
      this.left -= bytes.length;
      yield bytes;
    }
  }
}
