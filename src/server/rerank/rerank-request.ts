import type { JsonObject, JsonValue } from '../../core/chat.ts';
import type { Farm } from '../../core/farm.ts';
import {
  invalidField,
  isList,
  isObject,
  optionalBoolean,
  optionalNumber,
  requiredText,
} from '../wire-fields.ts';

export interface RerankRequest {
  readonly model: string;
  readonly query: string;
  readonly documents: readonly string[];
  readonly topN: number;
  readonly returnsDocuments: boolean;
}

/** As Cohere's; each document is embedded, which takes about 10 ms on one core. */
export const MAX_DOCUMENTS = 1000;
const QUERY_LENGTH = 8000;

/** The body of POST /v1/rerank, in Cohere's and Jina's shape. */
export function parseRerankBody(body: JsonObject): RerankRequest {
  const model = requiredText(body, 'model');
  const query = requiredText(body, 'query');
  if (query.length > QUERY_LENGTH)
    throw invalidField('query', `at most ${QUERY_LENGTH} characters`);
  const documents = parseDocuments(body);
  const range = { min: 1, max: Number.MAX_SAFE_INTEGER, integer: true };
  return {
    model,
    query,
    documents,
    topN: Math.min(documents.length, optionalNumber(body, 'top_n', range) ?? documents.length),
    returnsDocuments: optionalBoolean(body, 'return_documents') ?? false,
  };
}

function parseDocuments(body: JsonObject): string[] {
  const list = body['documents'];
  if (!isList(list) || list.length === 0 || list.length > MAX_DOCUMENTS)
    throw invalidField('documents', `a list of 1 to ${MAX_DOCUMENTS} texts`);
  return list.map((one, index) => {
    const text = isObject(one) ? one['text'] : one;
    if (typeof text === 'string' && text !== '') return text;
    throw invalidField(`documents[${index}]`, 'a text, or an object with a `text`, not empty');
  });
}

/** Cohere's `meta` and Jina's `usage` side by side, as LiteLLM's clients read either. */
export function printRerank(
  id: string,
  request: RerankRequest,
  { ranked, tokens, legs }: Awaited<ReturnType<Farm['rerank']>>,
) {
  const result = ({ index, score }: (typeof ranked)[number]): JsonValue => ({
    index,
    relevance_score: Math.round(score * 1e6) / 1e6,
    ...(request.returnsDocuments ? { document: { text: request.documents[index] ?? '' } } : {}),
  });
  return {
    id,
    object: 'list' as const,
    model: request.model,
    results: ranked.slice(0, request.topN).map(result),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
    meta: {
      billed_units: { search_units: 1, total_tokens: tokens },
      tokens: { input_tokens: tokens, output_tokens: 0 },
    },
    cadre: { legs },
  };
}
