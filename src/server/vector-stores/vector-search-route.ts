import { readersOf } from '../../core/call.ts';
import type { JsonObject } from '../../core/chat.ts';
import type { Passage } from '../../core/evidence.ts';
import { uploadedFileOf } from '../../core/vector-store.ts';
import { admit } from '../admit.ts';
import { readDocumentFilter } from '../document-filter.ts';
import type { Exchange } from '../exchange.ts';
import { sendJson } from '../respond.ts';
import {
  invalidField,
  isList,
  optionalBoolean,
  optionalNumber,
  optionalObject,
} from '../wire-fields.ts';
import { ownStore } from './vector-store-routes.ts';

const MOST_QUERIES = 16;
const LONGEST_QUERY = 10_000;
const RESULTS = { absent: 10, most: 50 };
/** A search takes milliseconds; one that embeds its query on a busy machine seconds. */
const SEARCH_MS = 30_000;

/** POST /v1/vector_stores/:id/search. */
export function serveStoreSearch(exchange: Exchange, id: string): Promise<void> {
  const { farm } = exchange.server;
  return admit(
    exchange,
    async ({ access, body, signal }) => {
      const { body: store } = await ownStore(exchange, id);
      const queries = parseQueries(body);
      const range = { min: 1, max: RESULTS.most, integer: true };
      const limit = optionalNumber(body, 'max_num_results', range) ?? RESULTS.absent;
      optionalBoolean(body, 'rewrite_query');
      const least = parseThreshold(body);
      const filter = readDocumentFilter(body['filters'] ?? undefined, 'filters');
      await farm.vectorStores.touch(id);
      const principals = readersOf(access.caller);
      const found = new Map<string, Passage>();
      for (const query of queries) {
        const wish = { collection: id, query, limit, principals, filter };
        for (const passage of await farm.vectorStores.search(wish, signal)) {
          const known = found.get(passage.chunkId);
          if (known === undefined || known.score < passage.score)
            found.set(passage.chunkId, passage);
        }
      }
      const ranked = [...found.values()]
        .filter((one) => one.score >= least)
        .sort((a, b) => b.score - a.score)
        .slice(0, limit);
      const page = {
        object: 'vector_store.search_results.page',
        search_query: queries,
        data: ranked.map((passage) => printPassage(passage, store.files)),
        has_more: false,
        next_page: null,
      };
      sendJson(exchange.response, page, exchange.id);
    },
    { limitMs: SEARCH_MS },
  );
}

function parseQueries(body: JsonObject): readonly string[] {
  const given = body['query'];
  const list = isList(given) ? given : [given];
  const fits = (one: unknown): one is string =>
    typeof one === 'string' && one.trim() !== '' && one.length <= LONGEST_QUERY;
  if (list.length > 0 && list.length <= MOST_QUERIES && list.every(fits)) return list;
  throw invalidField(
    'query',
    `a text of 1 to ${LONGEST_QUERY} characters, or 1 to ${MOST_QUERIES} of them`,
  );
}

/** The ranker is the farm's own whatever is named; a least score is kept. */
function parseThreshold(body: JsonObject): number {
  const options = optionalObject(body, 'ranking_options') ?? {};
  const range = { min: 0, max: 1 };
  const path = 'ranking_options.score_threshold';
  return optionalNumber(options, 'score_threshold', range, path) ?? 0;
}

function printPassage(
  { score, sentences }: Passage,
  files: { readonly [id: string]: { readonly attributes: JsonObject } },
): JsonObject {
  const { id = '', filename = '' } = uploadedFileOf(sentences[0]?.path ?? '') ?? {};
  return {
    file_id: id,
    filename,
    score,
    attributes: files[id]?.attributes ?? {},
    content: [{ type: 'text', text: sentences.map((one) => one.text).join(' ') }],
  };
}
