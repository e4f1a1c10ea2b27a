import type { RouteRow } from '../route-row.ts';
import {
  EMBED_ANSWER,
  EMBED_BODY,
  GENERATE_ANSWER,
  GENERATE_BODY,
  OLD_EMBED_ANSWER,
  OLD_EMBED_BODY,
  OLLAMA_CHAT_ANSWER,
  OLLAMA_CHAT_BODY,
  SHOW_ANSWER,
  SHOW_BODY,
  TAGS_ANSWER,
  VERSION_ANSWER,
} from './schema.ts';

/** Ollama's rows of the route table. */
export const OLLAMA_ROUTES: readonly RouteRow[] = [
  {
    method: 'POST',
    path: '/api/chat',
    summary: 'Ollama’s chat, as lines of JSON unless `stream` is false',
    request: OLLAMA_CHAT_BODY,
    response: OLLAMA_CHAT_ANSWER,
    streams: 'application/x-ndjson',
  },
  {
    method: 'POST',
    path: '/api/generate',
    summary: 'Ollama’s answer to one prompt; `raw` and `suffix` are refused',
    request: GENERATE_BODY,
    response: GENERATE_ANSWER,
    streams: 'application/x-ndjson',
  },
  {
    method: 'POST',
    path: '/api/embed',
    summary: 'Ollama’s embeddings',
    request: EMBED_BODY,
    response: EMBED_ANSWER,
  },
  {
    method: 'POST',
    path: '/api/embeddings',
    summary: 'their older form, one prompt at a time',
    request: OLD_EMBED_BODY,
    response: OLD_EMBED_ANSWER,
  },
  {
    method: 'GET',
    path: '/api/tags',
    summary: 'names that can be used as `model` now, as Ollama lists models',
    response: TAGS_ANSWER,
  },
  {
    method: 'GET',
    path: '/api/ps',
    summary: 'those whose model is in memory',
    response: TAGS_ANSWER,
  },
  {
    method: 'POST',
    path: '/api/show',
    summary: 'one of them: family, size, context length, capabilities',
    request: SHOW_BODY,
    response: SHOW_ANSWER,
  },
  {
    method: 'GET',
    path: '/api/version',
    summary: 'the release of Ollama whose interface this follows',
    response: VERSION_ANSWER,
  },
];
