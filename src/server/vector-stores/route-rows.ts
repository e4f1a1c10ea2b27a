import { listOf } from '../files/file-schema.ts';
import { BATCH_PAGE, ORDER, pageQuery } from '../query.ts';
import type { RouteRow } from '../route-row.ts';
import { text } from '../schema-parts.ts';
import {
  FILE_BATCH,
  FILE_BATCH_BODY,
  SEARCH_BODY,
  SEARCH_PAGE,
  STORE,
  STORE_BODY,
  STORE_CHANGE,
  STORE_DELETED,
  VECTOR_FILE,
  VECTOR_FILE_BODY,
  VECTOR_FILE_CHANGE,
  VECTOR_FILE_DELETED,
  VECTOR_FILE_TEXT,
} from './vector-store-schema.ts';

const STORE_PATH = '/v1/vector_stores/:id';
const FILES = `${STORE_PATH}/files`;
const BATCHES = `${STORE_PATH}/file_batches`;
const filePage = pageQuery(BATCH_PAGE, {
  before: text,
  order: ORDER,
  filter: { enum: ['in_progress', 'completed', 'failed', 'cancelled'] },
});

/** The vector stores' rows of the route table. */
export const VECTOR_STORE_ROUTES: readonly RouteRow[] = [
  {
    method: 'POST',
    path: '/v1/vector_stores',
    summary:
      'OpenAI’s vector store: uploaded files as a collection that its key alone reads, also as `knowledge:ID` and in `file_search`; answered at once, files are read afterwards',
    request: STORE_BODY,
    response: STORE,
  },
  {
    method: 'GET',
    path: '/v1/vector_stores',
    summary: 'the key’s vector stores, newest first; `limit`, `after`, `order`',
    query: pageQuery(BATCH_PAGE, { order: ORDER }),
    response: listOf(STORE),
  },
  { method: 'GET', path: STORE_PATH, summary: 'one vector store', response: STORE },
  {
    method: 'POST',
    path: STORE_PATH,
    summary: 'other words or another life for a vector store',
    request: STORE_CHANGE,
    response: STORE,
  },
  {
    method: 'DELETE',
    path: STORE_PATH,
    summary: 'delete a vector store; its uploaded files stay',
    response: STORE_DELETED,
  },
  {
    method: 'POST',
    path: `${STORE_PATH}/search`,
    summary: 'passages of its files, best first',
    request: SEARCH_BODY,
    response: SEARCH_PAGE,
  },
  {
    method: 'POST',
    path: FILES,
    summary: 'add an uploaded file',
    request: VECTOR_FILE_BODY,
    response: VECTOR_FILE,
  },
  {
    method: 'GET',
    path: FILES,
    summary: 'its files, newest first; `limit`, `after`, `before`, `order`, `filter`',
    query: filePage,
    response: listOf(VECTOR_FILE),
  },
  {
    method: 'GET',
    path: `${FILES}/:file`,
    summary: 'how far one of its files is',
    response: VECTOR_FILE,
  },
  {
    method: 'POST',
    path: `${FILES}/:file`,
    summary: 'other attributes for a file',
    request: VECTOR_FILE_CHANGE,
    response: VECTOR_FILE,
  },
  {
    method: 'DELETE',
    path: `${FILES}/:file`,
    summary: 'take a file out; nothing of it is found when it is answered',
    response: VECTOR_FILE_DELETED,
  },
  {
    method: 'GET',
    path: `${FILES}/:file/content`,
    summary: 'the text of a file as it was read',
    response: VECTOR_FILE_TEXT,
  },
  {
    method: 'POST',
    path: BATCHES,
    summary: 'add many uploaded files at once',
    request: FILE_BATCH_BODY,
    response: FILE_BATCH,
  },
  {
    method: 'GET',
    path: `${BATCHES}/:batch`,
    summary: 'how far such a batch is',
    response: FILE_BATCH,
  },
  {
    method: 'POST',
    path: `${BATCHES}/:batch/cancel`,
    summary: 'take out those of its files that were not read yet',
    response: FILE_BATCH,
  },
  {
    method: 'GET',
    path: `${BATCHES}/:batch/files`,
    summary: 'its files; `limit`, `after`, `before`, `order`, `filter`',
    query: filePage,
    response: listOf(VECTOR_FILE),
  },
];
