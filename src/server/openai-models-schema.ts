import type { JsonObject } from '../core/chat.ts';

const text = { type: 'string' };

/** One entry of GET /v1/models. */
export const MODEL_ENTRY: JsonObject = {
  type: 'object',
  properties: {
    id: text,
    object: { const: 'model' },
    created: { type: 'integer' },
    owned_by: { const: 'cadre' },
    cadre: {
      type: 'object',
      properties: {
        kind: { enum: ['virtual', 'spoke', 'knowledge', 'embedder', 'reranker'] },
        description: text,
        ready: { type: 'boolean' },
        context_length: { type: 'integer' },
        alias: text,
      },
      required: ['kind', 'description', 'ready'],
    },
  },
  required: ['id', 'object', 'created', 'owned_by', 'cadre'],
};

export const MODEL_LIST: JsonObject = {
  type: 'object',
  properties: { object: { const: 'list' }, data: { type: 'array', items: MODEL_ENTRY } },
  required: ['object', 'data'],
};
