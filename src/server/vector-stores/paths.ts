import type { Route } from '../router.ts';
import {
  serveBatchAddition,
  serveBatchCancel,
  serveBatchOfStore,
  serveFileAddition,
  serveFileChange,
  serveFileOfStore,
  serveFileRemoval,
  serveFilesOfBatch,
  serveFilesOfStore,
  serveFileText,
} from './vector-file-routes.ts';
import { serveStoreSearch } from './vector-search-route.ts';
import {
  serveStore,
  serveStoreChange,
  serveStoreCreation,
  serveStoreDeletion,
  serveStoreList,
} from './vector-store-routes.ts';

/** Who serves which path of the vector stores. */
export const VECTOR_STORE_PATHS: readonly Route[] = [
  { method: 'POST', path: '/v1/vector_stores', serve: serveStoreCreation },
  { method: 'GET', path: '/v1/vector_stores', serve: serveStoreList },
  { method: 'GET', path: '/v1/vector_stores/:id', serve: serveStore },
  { method: 'POST', path: '/v1/vector_stores/:id', serve: serveStoreChange },
  { method: 'DELETE', path: '/v1/vector_stores/:id', serve: serveStoreDeletion },
  { method: 'POST', path: '/v1/vector_stores/:id/search', serve: serveStoreSearch },
  { method: 'POST', path: '/v1/vector_stores/:id/files', serve: serveFileAddition },
  { method: 'GET', path: '/v1/vector_stores/:id/files', serve: serveFilesOfStore },
  { method: 'GET', path: '/v1/vector_stores/:id/files/:file', serve: serveFileOfStore },
  { method: 'POST', path: '/v1/vector_stores/:id/files/:file', serve: serveFileChange },
  { method: 'DELETE', path: '/v1/vector_stores/:id/files/:file', serve: serveFileRemoval },
  { method: 'GET', path: '/v1/vector_stores/:id/files/:file/content', serve: serveFileText },
  { method: 'POST', path: '/v1/vector_stores/:id/file_batches', serve: serveBatchAddition },
  { method: 'GET', path: '/v1/vector_stores/:id/file_batches/:batch', serve: serveBatchOfStore },
  {
    method: 'POST',
    path: '/v1/vector_stores/:id/file_batches/:batch/cancel',
    serve: serveBatchCancel,
  },
  {
    method: 'GET',
    path: '/v1/vector_stores/:id/file_batches/:batch/files',
    serve: serveFilesOfBatch,
  },
];
