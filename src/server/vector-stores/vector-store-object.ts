import type { Metadata } from '../../core/access.ts';
import type { JsonObject } from '../../core/chat.ts';
import type {
  VectorFile,
  VectorFileBatch,
  VectorFileWish,
  VectorStoreRow,
  VectorStoreWords,
} from '../../core/vector-store.ts';
import { parseMetadata } from '../metadata.ts';
import {
  invalidField,
  isList,
  isObject,
  optionalNumber,
  optionalObject,
  optionalText,
  requiredText,
} from '../wire-fields.ts';

const MOST_ADDED = 2000;
const MOST_ATTRIBUTES = 16;
const LONGEST_KEY = 64;
const LONGEST_VALUE = 512;
const DAY_MS = 86_400_000;

/** What a body says of name, description, metadata and life; only what it names. */
export function parseWords(body: JsonObject): Partial<VectorStoreWords> {
  const name = optionalText(body, 'name', 'name', 256);
  const description = optionalText(body, 'description', 'description', 2000);
  const metadata = parseMetadata(body);
  return {
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...(metadata === undefined ? {} : { metadata }),
    ...('expires_after' in body ? { idleDays: parseLife(body) } : {}),
  };
}

function parseLife(body: JsonObject): number | null {
  const wish = optionalObject(body, 'expires_after');
  if (wish === undefined) return null;
  if (wish['anchor'] !== 'last_active_at')
    throw invalidField('expires_after.anchor', '`last_active_at`');
  const range = { min: 1, max: 365, integer: true };
  const days = optionalNumber(wish, 'days', range, 'expires_after.days');
  if (days === undefined) throw invalidField('expires_after.days', 'a whole number');
  return days;
}

/** The files that a store or a batch is made of: `file_ids`, or `files` with attributes of their own. */
export function parseFiles(body: JsonObject): readonly VectorFileWish[] {
  checkChunking(body, 'chunking_strategy');
  const ids = body['file_ids'] ?? null;
  const files = body['files'] ?? null;
  if (ids !== null && files !== null) throw invalidField('files', 'left out beside `file_ids`');
  const path = files === null ? 'file_ids' : 'files';
  const list = files ?? ids ?? [];
  if (!isList(list) || list.length > MOST_ADDED)
    throw invalidField(path, `a list of at most ${MOST_ADDED} files`);
  const shared = attributesOf(body, 'attributes');
  const wishes = list.map((one, index): VectorFileWish => {
    if (files === null) {
      if (typeof one !== 'string') throw invalidField(`file_ids[${index}]`, 'the id of a file');
      return { id: one, ...shared };
    }
    if (!isObject(one)) throw invalidField(`files[${index}]`, 'an object');
    return parseFile(one, `files[${index}].`);
  });
  return [...new Map(wishes.map((wish) => [wish.id, wish])).values()];
}

/** One file with its attributes; `path` stands before the names of fields in refusals. */
export function parseFile(body: JsonObject, path = ''): VectorFileWish {
  checkChunking(body, `${path}chunking_strategy`);
  return {
    id: requiredText(body, 'file_id', `${path}file_id`),
    ...attributesOf(body, `${path}attributes`),
  };
}

/** Nothing where none are given: a file that is added again keeps its own. */
function attributesOf(body: JsonObject, path: string): Pick<VectorFileWish, 'attributes'> {
  const isGiven = body['attributes'] !== undefined && body['attributes'] !== null;
  return isGiven ? { attributes: parseAttributes(body, path) } : {};
}

export function parseAttributes(body: JsonObject, path: string): JsonObject & Metadata {
  const given = optionalObject(body, 'attributes', path) ?? {};
  const pairs = Object.entries(given);
  if (pairs.length > MOST_ATTRIBUTES) throw invalidField(path, `at most ${MOST_ATTRIBUTES} pairs`);
  for (const [key, value] of pairs) {
    if (key.length > LONGEST_KEY)
      throw invalidField(path, `keys of at most ${LONGEST_KEY} characters`);
    const fits =
      typeof value === 'string'
        ? value.length <= LONGEST_VALUE
        : typeof value === 'number' || typeof value === 'boolean';
    if (!fits)
      throw invalidField(
        `${path}.${key}`,
        `a number, true, false, or a string of at most ${LONGEST_VALUE} characters`,
      );
  }
  return given as JsonObject & Metadata;
}

/** Documents are cut by whole sentences whatever is wished; a wish that no server would take is refused. */
function checkChunking(body: JsonObject, path: string): void {
  const wish = optionalObject(body, 'chunking_strategy', path);
  if (wish === undefined || wish['type'] === 'auto') return;
  if (wish['type'] !== 'static') throw invalidField(`${path}.type`, '`auto` or `static`');
  const sizes = optionalObject(wish, 'static', `${path}.static`) ?? {};
  const most = { min: 100, max: 4096, integer: true };
  const size = optionalNumber(
    sizes,
    'max_chunk_size_tokens',
    most,
    `${path}.static.max_chunk_size_tokens`,
  );
  const overlap = { min: 0, max: Math.floor((size ?? 800) / 2), integer: true };
  optionalNumber(sizes, 'chunk_overlap_tokens', overlap, `${path}.static.chunk_overlap_tokens`);
}

export function countFiles(files: readonly VectorFile[], cancelled = 0): JsonObject {
  const count = (status: VectorFile['status']) =>
    files.filter((file) => file.status === status).length;
  return {
    in_progress: count('in_progress'),
    completed: count('completed'),
    failed: count('failed'),
    cancelled,
    total: files.length + cancelled,
  };
}

/** OpenAI's vector store object. */
export function printStore(row: VectorStoreRow, files: readonly VectorFile[]): JsonObject {
  const { id, createdAt, body } = row;
  const isReading = files.some((file) => file.status === 'in_progress');
  const end = body.idleDays === null ? null : body.lastActiveAt + body.idleDays * DAY_MS;
  return {
    id,
    object: 'vector_store',
    created_at: secondsOf(createdAt),
    name: body.name,
    description: body.description,
    usage_bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    file_counts: countFiles(files),
    status: isReading ? 'in_progress' : 'completed',
    expires_after:
      body.idleDays === null ? null : { anchor: 'last_active_at', days: body.idleDays },
    expires_at: end === null ? null : secondsOf(end),
    last_active_at: secondsOf(body.lastActiveAt),
    metadata: body.metadata,
  };
}

/** OpenAI's vector store file object. */
export function printVectorFile(store: string, file: VectorFile): JsonObject {
  return {
    id: file.id,
    object: 'vector_store.file',
    created_at: secondsOf(file.addedAt),
    vector_store_id: store,
    usage_bytes: file.bytes,
    status: file.status,
    last_error: file.problem === undefined ? null : { code: 'invalid_file', message: file.problem },
    attributes: file.attributes,
    chunking_strategy: { type: 'other' },
  };
}

/** OpenAI's file batch object. */
export function printBatch(
  id: string,
  store: string,
  batch: VectorFileBatch,
  files: readonly VectorFile[],
): JsonObject {
  const own = files.filter((file) => batch.files.includes(file.id));
  const isReading = own.some((file) => file.status === 'in_progress');
  const isCancelled = batch.cancelled.length > 0;
  return {
    id,
    object: 'vector_store.file_batch',
    created_at: secondsOf(batch.createdAt),
    vector_store_id: store,
    status: isReading ? 'in_progress' : isCancelled ? 'cancelled' : 'completed',
    file_counts: countFiles(own, batch.cancelled.length),
  };
}

function secondsOf(ms: number): number {
  return Math.floor(ms / 1000);
}
