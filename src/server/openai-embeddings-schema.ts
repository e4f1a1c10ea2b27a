import type { JsonObject } from '../core/chat.ts';

const text = { type: 'string' };
const whole = { type: 'integer' };

/** The body that `parseEmbeddingBody` accepts. */
export const EMBEDDINGS_BODY: JsonObject = {
  type: 'object',
  properties: {
    model: { type: 'string', description: 'An embedder of GET /v1/models, or `auto`.' },
    input: {
      anyOf: [
        { type: 'string', minLength: 1 },
        { type: 'array', minItems: 1, maxItems: 2048, items: { type: 'string', minLength: 1 } },
      ],
      description:
        'Text or texts; lists of token numbers are refused. Of a text that is longer than the embedder reads (bge-small: 512 tokens) the beginning counts; the header `x-cadre-truncated` says of how many.',
    },
    input_type: {
      enum: ['query', 'passage'],
      default: 'passage',
      description: 'For embedders that prefix questions.',
    },
    encoding_format: { enum: ['float', 'base64'], default: 'float' },
    dimensions: { type: 'integer', minimum: 1, description: 'The embedder’s own number only.' },
  },
  required: ['model', 'input'],
  examples: [
    { model: 'bge-small', input: 'Who approves trips?' },
    { model: 'auto', input: ['one', 'two'], input_type: 'query', encoding_format: 'base64' },
  ],
};

export const EMBEDDINGS_ANSWER: JsonObject = {
  type: 'object',
  properties: {
    object: { const: 'list' },
    data: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          object: { const: 'embedding' },
          index: whole,
          embedding: { anyOf: [{ type: 'array', items: { type: 'number' } }, text] },
        },
        required: ['object', 'index', 'embedding'],
      },
    },
    model: text,
    usage: {
      type: 'object',
      properties: { prompt_tokens: whole, total_tokens: whole },
      required: ['prompt_tokens', 'total_tokens'],
    },
  },
  required: ['object', 'data', 'model', 'usage'],
};
