import type { JsonObject } from '../../core/chat.ts';
import { anyObject, described, object, text } from '../schema-parts.ts';

const whole = { type: 'integer' };
const time = { type: ['integer', 'null'] };
const words = { type: ['string', 'null'] };
const texts = { type: 'array', items: text };

const life = described(anyObject, '`{anchor: "last_active_at", days}`; without it it stays.');
const chunking = described(
  anyObject,
  '`auto` or `static`; read, and documents are cut by whole sentences all the same.',
);
const attributes = described(
  anyObject,
  'Up to 16 texts, numbers, true or false, that searches can filter by.',
);
const metadata = described(anyObject, 'Up to 16 strings, given back with the store.');

const fileWish = object({ file_id: text, attributes, chunking_strategy: chunking }, ['file_id']);

/** The body of POST /v1/vector_stores. */
export const STORE_BODY: JsonObject = {
  ...object(
    {
      name: text,
      description: text,
      file_ids: described(texts, 'Files of the same key, 2,000 at most.'),
      expires_after: life,
      chunking_strategy: chunking,
      metadata,
    },
    [],
  ),
  examples: [
    { name: 'handbook', expires_after: { anchor: 'last_active_at', days: 7 }, metadata: {} },
  ],
};

export const STORE_CHANGE: JsonObject = {
  ...object({ name: text, description: text, expires_after: life, metadata }, []),
  examples: [{ name: 'handbook of the clinic' }],
};

const counts = object(
  { in_progress: whole, completed: whole, failed: whole, cancelled: whole, total: whole },
  ['in_progress', 'completed', 'failed', 'cancelled', 'total'],
);

export const STORE: JsonObject = object(
  {
    id: text,
    object: { const: 'vector_store' },
    created_at: whole,
    name: words,
    description: words,
    usage_bytes: whole,
    file_counts: counts,
    status: { enum: ['in_progress', 'completed'] },
    expires_after: { type: ['object', 'null'] },
    expires_at: time,
    last_active_at: time,
    metadata: { type: ['object', 'null'] },
  },
  ['id', 'object', 'created_at', 'name', 'usage_bytes', 'file_counts', 'status'],
);

export const STORE_DELETED: JsonObject = object(
  { id: text, object: { const: 'vector_store.deleted' }, deleted: { type: 'boolean' } },
  ['id', 'object', 'deleted'],
);

export const SEARCH_BODY: JsonObject = {
  ...object(
    {
      query: { anyOf: [text, texts], description: 'One question, or 16 at most.' },
      filters: described(
        anyObject,
        'Comparisons of attributes: `{type: "eq", key, value}` and the like, joined by `and` and `or`.',
      ),
      max_num_results: { type: 'integer', minimum: 1, maximum: 50, default: 10 },
      ranking_options: described(anyObject, '`score_threshold` of 0 to 1 counts.'),
      rewrite_query: described({ type: 'boolean' }, 'Read; queries are asked as they are.'),
    },
    ['query'],
  ),
  examples: [{ query: 'Who approves trips abroad?', max_num_results: 5 }],
};

export const SEARCH_PAGE: JsonObject = object(
  {
    object: { const: 'vector_store.search_results.page' },
    search_query: texts,
    data: {
      type: 'array',
      items: object(
        {
          file_id: text,
          filename: text,
          score: { type: 'number' },
          attributes: anyObject,
          content: { type: 'array', items: object({ type: text, text }, ['type', 'text']) },
        },
        ['file_id', 'filename', 'score', 'content'],
      ),
    },
    has_more: { type: 'boolean' },
    next_page: words,
  },
  ['object', 'search_query', 'data', 'has_more'],
);

export const VECTOR_FILE_BODY: JsonObject = {
  ...fileWish,
  examples: [{ file_id: 'file-abcdefghijklmnopqrstuvwx', attributes: { year: 2026 } }],
};

export const VECTOR_FILE_CHANGE: JsonObject = {
  ...object({ attributes }, ['attributes']),
  examples: [{ attributes: { year: 2027 } }],
};

export const VECTOR_FILE: JsonObject = object(
  {
    id: text,
    object: { const: 'vector_store.file' },
    created_at: whole,
    vector_store_id: text,
    usage_bytes: whole,
    status: { enum: ['in_progress', 'completed', 'failed'] },
    last_error: { type: ['object', 'null'] },
    attributes: anyObject,
    chunking_strategy: anyObject,
  },
  ['id', 'object', 'created_at', 'vector_store_id', 'usage_bytes', 'status'],
);

export const VECTOR_FILE_DELETED: JsonObject = object(
  { id: text, object: { const: 'vector_store.file.deleted' }, deleted: { const: true } },
  ['id', 'object', 'deleted'],
);

export const VECTOR_FILE_TEXT: JsonObject = object(
  {
    object: { const: 'vector_store.file_content.page' },
    data: { type: 'array', items: object({ type: text, text }, ['type', 'text']) },
    has_more: { const: false },
    next_page: words,
  },
  ['object', 'data', 'has_more'],
);

export const FILE_BATCH_BODY: JsonObject = {
  ...object(
    {
      file_ids: described(texts, 'Files of the same key, 2,000 at most.'),
      files: described({ type: 'array', items: fileWish }, 'In their place, with attributes each.'),
      attributes,
      chunking_strategy: chunking,
    },
    [],
  ),
  examples: [{ file_ids: ['file-abcdefghijklmnopqrstuvwx'] }],
};

export const FILE_BATCH: JsonObject = object(
  {
    id: text,
    object: { const: 'vector_store.file_batch' },
    created_at: whole,
    vector_store_id: text,
    status: { enum: ['in_progress', 'completed', 'cancelled'] },
    file_counts: counts,
  },
  ['id', 'object', 'created_at', 'vector_store_id', 'status', 'file_counts'],
);
