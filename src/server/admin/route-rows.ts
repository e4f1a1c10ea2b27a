import { collectionChangeSchema, documentChangeSchema } from '../../core/collection-settings.ts';
import { weightWishSchema } from '../../core/collection-weight.ts';
import { shadowWishSchema } from '../../core/shadow.ts';
import { CHAT_BODY } from '../openai-chat-schema.ts';
import type { RouteRow } from '../route-row.ts';
import { indexSchema, MOST_DOCUMENTS, searchSchema } from './collection-routes.ts';
import { tokenSchema } from './farm-routes.ts';
import { gateChoiceSchema } from './gate-routes.ts';
import { keySchema } from './key-routes.ts';
import { LEARNING_ROUTES } from './learning-rows.ts';
import { importSchema, quantiseSchema } from './model-routes.ts';
import { MOST_RECEIPTS } from './receipt-routes.ts';
import { openedSchema } from './weight-routes.ts';

/** What the console and the command line call, below `/cadre/v1`. */
export const ADMIN_ROUTES: readonly RouteRow[] = [
  { method: 'GET', path: '/status', summary: 'version, home, memory, threads, running requests' },
  { method: 'GET', path: '/names', summary: 'names that can be used as `model`, with their kind' },
  { method: 'GET', path: '/spokes', summary: 'the spokes as configured' },
  {
    method: 'GET',
    path: '/fleet',
    summary: 'status and models, once per second, as server-sent events',
    streams: 'text/event-stream',
  },
  {
    method: 'POST',
    path: '/decide',
    summary: 'a chat request in, the gate’s decision out; no model is called',
    request: CHAT_BODY,
  },
  { method: 'GET', path: '/gate', summary: 'the fitted gates, the one in force and its promise' },
  {
    method: 'POST',
    path: '/gate/choose',
    summary: 'put a fitted gate in force; 0 = the starter’s table',
    request: gateChoiceSchema,
  },
  {
    method: 'GET',
    path: '/gate/rows',
    summary: 'graded requests whose text was kept, newest first; `before`, `beforeId`',
  },
  {
    method: 'GET',
    path: '/gate/shadow',
    summary: 'shadow runs: what is set, used today, how often spokes agree; for operators',
  },
  {
    method: 'POST',
    path: '/gate/shadow',
    summary: 'change what is set about shadow runs; `reset` = as configured',
    request: shadowWishSchema,
  },
  { method: 'POST', path: '/gate/rollback', summary: 'go back to the gate before' },
  {
    method: 'GET',
    path: '/gate/:version/curve.svg',
    summary: 'the cost–quality curve of a fitted gate; for operators',
    streams: 'image/svg+xml',
  },
  { method: 'GET', path: '/models', summary: 'the catalogue and where each model stands' },
  {
    method: 'POST',
    path: '/models',
    summary: 'take a GGUF file of the machine in as a model; progress as server-sent events',
    request: importSchema,
    streams: 'text/event-stream',
  },
  {
    method: 'POST',
    path: '/models/:id/pull',
    summary: 'fetch and verify a model; progress as server-sent events',
    streams: 'text/event-stream',
  },
  {
    method: 'GET',
    path: '/models/:id/quantisations',
    summary: 'smaller forms that a model can be made in: bytes on disk and in memory',
  },
  {
    method: 'POST',
    path: '/models/:id/quantise',
    summary: 'make a smaller form of a model and measure both; progress as server-sent events',
    request: quantiseSchema,
    streams: 'text/event-stream',
  },
  {
    method: 'GET',
    path: '/servers',
    summary:
      'Ollama, llama-server and vLLM: the models of each and which are in memory; for operators',
  },
  {
    method: 'POST',
    path: '/models/:id/unload',
    summary: 'take an idle model out of memory; `DESTINATION/MODEL` = of a server of its own',
  },
  {
    method: 'POST',
    path: '/models/:id/load',
    summary: 'load a model before anybody asks it; `DESTINATION/MODEL` = of a server of its own',
  },
  { method: 'GET', path: '/browser-spoke', summary: 'web socket of a tab that runs a specialist' },
  { method: 'POST', path: '/models/:id/pin', summary: 'load a model and keep it in memory' },
  { method: 'POST', path: '/models/:id/unpin', summary: 'let a pinned model give way again' },
  {
    method: 'GET',
    path: '/receipts',
    summary: 'newest first; `limit`, `before`, `beforeId`',
    query: {
      limit: { type: 'integer', minimum: 1, maximum: MOST_RECEIPTS, default: 50 },
      before: { type: 'integer', minimum: 0, description: 'Milliseconds since the epoch.' },
      beforeId: {
        type: 'string',
        maxLength: 200,
        description:
          'Id of the last receipt of the page before, whose time is `before`; without it the others of its millisecond are left out.',
      },
    },
  },
  {
    method: 'GET',
    path: '/receipts/:id',
    summary: 'one receipt and those of the requests it delegated',
  },
  { method: 'GET', path: '/receipts/:id/events', summary: 'the events of a request, for replay' },
  { method: 'GET', path: '/collections', summary: 'collections that the caller may read' },
  {
    method: 'GET',
    path: '/collections/:name/documents',
    summary: 'documents with their state, by id; the next page comes `after` the last id',
    query: {
      limit: {
        type: 'integer',
        minimum: 1,
        maximum: MOST_DOCUMENTS,
        description: 'Absent = all of them.',
      },
      after: { type: 'string', description: 'Id of the last document of the page before.' },
    },
  },
  {
    method: 'GET',
    path: '/collections/:name/standing',
    summary: 'counts, age, and for operators what is being indexed and how the last run ended',
  },
  {
    method: 'GET',
    path: '/collections/:name/documents/:id',
    summary: 'one document with its state',
  },
  {
    method: 'GET',
    path: '/collections/:name/documents/:id/text',
    summary:
      'the text of a document with its blocks and places on pages, read again from its source',
    query: {
      around: {
        type: 'integer',
        minimum: 0,
        description: 'A character that the part of a long document has to hold.',
      },
    },
  },
  {
    method: 'POST',
    path: '/collections/:name/index',
    summary:
      'index `{folder?, sources?, watch?, principals?, replace?}`; progress as server-sent events',
    request: indexSchema,
    streams: 'text/event-stream',
  },
  {
    method: 'POST',
    path: '/collections/:name/search',
    summary: 'passages for `{query, limit?, filter?}`',
    request: searchSchema,
  },
  {
    method: 'POST',
    path: '/collections/:name/opened',
    summary:
      'note that a result of a search was opened; kept without a word, for the fit of the ranking',
    request: openedSchema,
  },
  {
    method: 'POST',
    path: '/collections/:name/fit',
    summary:
      'fit the weight of meaning to judged queries, opened results and verified answers; for operators',
    request: weightWishSchema,
  },
  {
    method: 'PATCH',
    path: '/collections/:name',
    summary: 'change readers, owner, readers by path, half-life; in force at once; for operators',
    request: collectionChangeSchema,
  },
  {
    method: 'PATCH',
    path: '/collections/:name/documents/:id',
    summary:
      'say by hand who reads a document, who owns it and what its metadata are; for operators',
    request: documentChangeSchema,
  },
  {
    method: 'DELETE',
    path: '/collections/:name',
    summary: 'forget a collection; its files are untouched',
  },
  { method: 'GET', path: '/batches', summary: 'how batches stand, newest first; `limit`' },
  { method: 'GET', path: '/batches/:id', summary: 'how one stands' },
  { method: 'POST', path: '/batches/:id/cancel', summary: 'stop one' },
  ...LEARNING_ROUTES,
  { method: 'GET', path: '/keys', summary: 'API keys without their secrets' },
  {
    method: 'POST',
    path: '/keys',
    summary: 'make a key; the secret is in this answer only',
    request: keySchema,
  },
  { method: 'DELETE', path: '/keys/:id', summary: 'revoke a key' },
  {
    method: 'POST',
    path: '/session',
    summary: 'exchange the one-time token of the printed URL for a console session',
    request: tokenSchema,
  },
  { method: 'POST', path: '/token', summary: 'a fresh one-time token' },
  { method: 'POST', path: '/stop', summary: 'stop the farm after its running requests' },
];
