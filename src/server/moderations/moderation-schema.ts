import type { JsonObject } from '../../core/chat.ts';
import { described, object, text } from '../schema-parts.ts';
import { MAX_CHARACTERS, MAX_TEXTS } from './moderation-request.ts';

const part = object({ type: { const: 'text' }, text }, ['type', 'text']);

/** The body that `parseModerationBody` accepts. */
export const MODERATION_BODY: JsonObject = {
  ...object(
    {
      input: {
        anyOf: [
          text,
          { type: 'array', minItems: 1, maxItems: MAX_TEXTS, items: { anyOf: [text, part] } },
        ],
        description: `Text or texts, at most ${MAX_CHARACTERS} characters together; pictures are refused.`,
      },
      model: described(
        { type: 'string' },
        'The name of `moderation.model`, `auto`, or OpenAI’s own names; the answer says which one judged.',
      ),
    },
    ['input'],
  ),
  examples: [
    { input: 'How do I cut an onion without crying?' },
    {
      input: ['one', { type: 'text', text: 'two' }],
      model: 'omni-moderation-latest',
    },
  ],
};

export const MODERATION_ANSWER: JsonObject = object(
  {
    id: text,
    model: text,
    results: {
      type: 'array',
      items: object(
        {
          flagged: {
            type: 'boolean',
            description: 'P(any category) reaches `moderation.threshold`.',
          },
          categories: described(
            { type: 'object' },
            'Those that the model knows: harassment, hate, illicit, self-harm, sexual and violence with the starter’s examples.',
          ),
          category_scores: described({ type: 'object' }, 'P(category), calibrated, 0 … 1.'),
          category_applied_input_types: { type: 'object' },
        },
        ['flagged', 'categories', 'category_scores'],
      ),
    },
    cadre: { type: 'object' },
  },
  ['id', 'model', 'results'],
);
