import type { JsonObject } from '../../core/chat.ts';
import { count, described, object, text } from '../schema-parts.ts';
import { MAX_DOCUMENTS } from './rerank-request.ts';

const someText = { type: 'string', minLength: 1 };
const whole = { type: 'integer' };

/** The body that `parseRerankBody` accepts. */
export const RERANK_BODY: JsonObject = {
  ...object(
    {
      model: described(
        text,
        '`auto`, an embedder of GET /v1/models, or a specialist of the kind `rank`; `auto` ranks by words alone while no embedder is installed.',
      ),
      query: described(someText, 'What is looked for.'),
      documents: {
        type: 'array',
        minItems: 1,
        maxItems: MAX_DOCUMENTS,
        items: { anyOf: [someText, object({ text: someText }, ['text'])] },
        description:
          'Texts. Words count throughout; meaning is read from the first part, as far as the embedder reads (bge-small: 512 tokens).',
      },
      top_n: described(count, 'Results in the answer; all where it is absent.'),
      return_documents: { type: 'boolean', default: false },
    },
    ['model', 'query', 'documents'],
  ),
  examples: [
    {
      model: 'auto',
      query: 'Who approves a trip?',
      documents: ['The head of department approves trips.', { text: 'Bicycles stay outside.' }],
      top_n: 1,
      return_documents: true,
    },
    { model: 'bge-small', query: 'trips', documents: ['one', 'two'] },
  ],
};

export const RERANK_ANSWER: JsonObject = object(
  {
    id: text,
    object: { const: 'list' },
    model: text,
    results: {
      type: 'array',
      items: object(
        {
          index: described(whole, 'Place in `documents`.'),
          relevance_score: {
            type: 'number',
            minimum: 0,
            maximum: 1,
            description:
              'Relative: 1 is the best of these documents by every measure. Of a specialist the probability that it is relevant.',
          },
          document: object({ text }, ['text']),
        },
        ['index', 'relevance_score'],
      ),
    },
    usage: object({ prompt_tokens: whole, total_tokens: whole }, ['prompt_tokens', 'total_tokens']),
    meta: { type: 'object' },
    cadre: { type: 'object' },
  },
  ['id', 'results', 'usage', 'meta'],
);
