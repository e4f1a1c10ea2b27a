import { COUNT_ANSWER, COUNT_BODY, MESSAGES_ANSWER, MESSAGES_BODY } from './anthropic/schema.ts';
import { BATCH, BATCH_BODY } from './batches/batch-schema.ts';
import { COMPLETION_ANSWER, COMPLETION_BODY } from './completion-schema.ts';
import { FEEDBACK_ANSWER, FEEDBACK_BODY } from './feedback/feedback-schema.ts';
import { FILE, FILE_DELETED, listOf, UPLOAD_FORM } from './files/file-schema.ts';
import { FINE_TUNING_ROUTES } from './fine-tuning/route-rows.ts';
import { DECISION } from './gate/decision-schema.ts';
import { MODERATION_ANSWER, MODERATION_BODY } from './moderations/moderation-schema.ts';
import { OLLAMA_ROUTES } from './ollama/route-rows.ts';
import { CHAT_ANSWER, CHAT_BODY } from './openai-chat-schema.ts';
import { EMBEDDINGS_ANSWER, EMBEDDINGS_BODY } from './openai-embeddings-schema.ts';
import { MODEL_ENTRY, MODEL_LIST } from './openai-models-schema.ts';
import { BATCH_PAGE, FILE_PAGE, INPUT_PAGE, ORDER, pageQuery } from './query.ts';
import { RERANK_ANSWER, RERANK_BODY } from './rerank/rerank-schema.ts';
import {
  INPUT_TOKENS,
  RESPONSE_ANSWER,
  RESPONSE_BODY,
  RESPONSE_DELETED,
  RESPONSE_ITEM,
} from './responses/response-schema.ts';
import type { RouteRow } from './route-row.ts';
import { text } from './schema-parts.ts';
import { VECTOR_STORE_ROUTES } from './vector-stores/route-rows.ts';

/** What any client may call. */
export const DATA_ROUTES: readonly RouteRow[] = [
  {
    method: 'POST',
    path: '/v1/chat/completions',
    summary:
      'OpenAI’s chat completions, JSON and server-sent events; `x-cadre-label`, `x-cadre-session`, `x-cadre-collection`, `x-cadre-cache` (`off`, `refresh`), `x-cadre-footnotes: 1`, `x-cadre-reading` (`off`, `auto`, `deep`) and `x-cadre-events: 1` are understood',
    request: CHAT_BODY,
    response: CHAT_ANSWER,
    streams: 'text/event-stream',
  },
  {
    method: 'POST',
    path: '/v1/completions',
    summary:
      'OpenAI’s older completions: `prompt` is a string or a list of strings, each asked as the only message of a user; at most 16 tokens unless `max_tokens` says more; `suffix`, token numbers and `echo` with `logprobs` are refused',
    request: COMPLETION_BODY,
    response: COMPLETION_ANSWER,
    streams: 'text/event-stream',
  },
  {
    method: 'POST',
    path: '/v1/responses',
    summary:
      'OpenAI’s responses, whole, streamed or with `background: true` on their own; they are kept (`record.responses`) and `previous_response_id` goes on from one; tools are functions and `file_search` in one collection',
    request: RESPONSE_BODY,
    response: RESPONSE_ANSWER,
    streams: 'text/event-stream',
  },
  {
    method: 'POST',
    path: '/v1/responses/input_tokens',
    summary: 'tokens of the conversation that such a request would ask',
    request: RESPONSE_BODY,
    response: INPUT_TOKENS,
  },
  {
    method: 'GET',
    path: '/v1/responses/:id',
    summary:
      'a kept response; `stream=true&starting_after=N` follows one that was made with `background` and `stream`',
    query: {
      stream: { enum: ['false', 'true'], default: 'false' },
      starting_after: { type: 'integer', minimum: -1 },
    },
    response: RESPONSE_ANSWER,
    streams: 'text/event-stream',
  },
  {
    method: 'DELETE',
    path: '/v1/responses/:id',
    summary: 'forget it, and stop it where it runs',
    response: RESPONSE_DELETED,
  },
  {
    method: 'POST',
    path: '/v1/responses/:id/cancel',
    summary: 'stop a response that runs in the background; one that is over stays as it is',
    response: RESPONSE_ANSWER,
  },
  {
    method: 'GET',
    path: '/v1/responses/:id/input_items',
    summary: 'what its request added to the conversation; `limit`, `order`, `after`',
    query: pageQuery(INPUT_PAGE, { order: ORDER }),
    response: listOf(RESPONSE_ITEM),
  },
  {
    method: 'POST',
    path: '/v1/embeddings',
    summary:
      'OpenAI’s embeddings; `input_type` may be `query` or `passage` (default); texts beyond the embedder’s length (bge-small: 512 tokens) are cut, and `x-cadre-truncated: N` says how many were',
    request: EMBEDDINGS_BODY,
    response: EMBEDDINGS_ANSWER,
  },
  {
    method: 'POST',
    path: '/v1/messages',
    summary:
      'Anthropic’s messages, JSON and server-sent events; tools, thinking and citations in its blocks',
    request: MESSAGES_BODY,
    response: MESSAGES_ANSWER,
    streams: 'text/event-stream',
  },
  {
    method: 'POST',
    path: '/v1/messages/count_tokens',
    summary:
      'tokens of a prompt: counted where the named spoke’s model is in memory, else estimated at 3.5 characters each',
    request: COUNT_BODY,
    response: COUNT_ANSWER,
  },
  ...OLLAMA_ROUTES,
  {
    method: 'GET',
    path: '/v1/models',
    summary: 'names that can be used as `model`',
    response: MODEL_LIST,
  },
  { method: 'GET', path: '/v1/models/*id', summary: 'one of them', response: MODEL_ENTRY },
  {
    method: 'POST',
    path: '/v1/rerank',
    summary:
      'documents by how well they fit a query, by words and meaning; Cohere’s and Jina’s shape',
    request: RERANK_BODY,
    response: RERANK_ANSWER,
  },
  {
    method: 'POST',
    path: '/v1/moderations',
    summary:
      'OpenAI’s moderations by a local micro-model, a starter that learns from `moderation.examples`',
    request: MODERATION_BODY,
    response: MODERATION_ANSWER,
  },
  {
    method: 'POST',
    path: '/v1/feedback',
    summary: 'what the caller says of an answer of his: `thumbs`, `score`, `correction`',
    request: FEEDBACK_BODY,
    response: FEEDBACK_ANSWER,
  },
  {
    method: 'POST',
    path: '/v1/gate/decide',
    summary: 'a chat request in, the gate’s decision with its reasons out; no model is called',
    request: CHAT_BODY,
    response: DECISION,
  },
  {
    method: 'POST',
    path: '/v1/files',
    summary: 'OpenAI’s upload of a file: `file`, `purpose`, `expires_after`; only its key sees it',
    request: UPLOAD_FORM,
    requestType: 'multipart/form-data',
    response: FILE,
  },
  {
    method: 'GET',
    path: '/v1/files',
    summary: 'the key’s files, newest first; `limit`, `after`, `order`, `purpose`',
    query: pageQuery(FILE_PAGE, { order: ORDER, purpose: text }),
    response: listOf(FILE),
  },
  { method: 'GET', path: '/v1/files/:id', summary: 'one file', response: FILE },
  {
    method: 'DELETE',
    path: '/v1/files/:id',
    summary: 'delete a file with its content',
    response: FILE_DELETED,
  },
  {
    method: 'GET',
    path: '/v1/files/:id/content',
    summary: 'the bytes of a file',
    streams: 'application/octet-stream',
  },
  ...VECTOR_STORE_ROUTES,
  {
    method: 'POST',
    path: '/v1/batches',
    summary:
      'OpenAI’s batches: the lines of a file are run while nobody else is served; the `x-cadre-…` headers hold for every line',
    request: BATCH_BODY,
    response: BATCH,
  },
  {
    method: 'GET',
    path: '/v1/batches',
    summary: 'the key’s batches, newest first; `limit`, `after`',
    query: pageQuery(BATCH_PAGE),
    response: listOf(BATCH),
  },
  { method: 'GET', path: '/v1/batches/:id', summary: 'one batch', response: BATCH },
  {
    method: 'POST',
    path: '/v1/batches/:id/cancel',
    summary: 'stop a batch; what is done is in its files',
    response: BATCH,
  },
  ...FINE_TUNING_ROUTES,
  {
    method: 'GET',
    path: '/openapi.json',
    summary: 'this interface as an OpenAPI 3.1 description',
  },
  { method: 'GET', path: '/health/live', summary: 'the process answers' },
  {
    method: 'GET',
    path: '/health/ready',
    summary:
      '200 when a spoke can serve; 503 while starting, draining or unable to store receipts, with the reason',
  },
  {
    method: 'GET',
    path: '/metrics',
    summary: 'Prometheus text with the GenAI names of OpenTelemetry',
    streams: 'text/plain',
  },
];
