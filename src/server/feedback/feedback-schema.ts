import type { JsonObject } from '../../core/chat.ts';
import { described, object, text } from '../schema-parts.ts';
import { MAX_CORRECTION } from './feedback-request.ts';

const score = { type: 'number', minimum: 0, maximum: 1 };

/** The body that `parseFeedbackBody` accepts. */
export const FEEDBACK_BODY: JsonObject = {
  ...object(
    {
      receipt: described(
        { ...text, minLength: 1 },
        'Id of the answer’s receipt: its header `x-cadre-receipt`.',
      ),
      thumbs: { enum: ['up', 'down'], description: 'Whether the answer was any good.' },
      score: described(score, 'How good it was.'),
      correction: described(
        { ...text, maxLength: MAX_CORRECTION },
        'What should have been said; counts as a wrong answer. Kept only for keys that keep text.',
      ),
    },
    ['receipt'],
  ),
  anyOf: [{ required: ['thumbs'] }, { required: ['score'] }, { required: ['correction'] }],
  examples: [
    { receipt: 'req_other', thumbs: 'up' },
    { receipt: 'req_other', score: 0.5, correction: 'It is 42.' },
  ],
};

export const FEEDBACK_ANSWER: JsonObject = object(
  {
    object: { const: 'feedback' },
    receipt: text,
    outcomes: {
      type: 'array',
      description: 'All that is known now of how good the answers to this request were.',
      items: object(
        {
          spoke: text,
          source: { enum: ['thumbs', 'correction', 'score', 'verification', 'escalation'] },
          score,
        },
        ['spoke', 'source', 'score'],
      ),
    },
  },
  ['object', 'receipt', 'outcomes'],
);
