import type { JsonObject } from '../core/chat.ts';
import { answerSchema, SAMPLING_FIELDS, STREAM_FIELDS } from './openai-chat-schema.ts';
import { anyObject, count, described, object, text } from './schema-parts.ts';

const prompt = { type: 'string', minLength: 1 };

/** The body that `parseCompletionBody` accepts. */
export const COMPLETION_BODY: JsonObject = {
  ...object(
    {
      model: described(text, 'A name that GET /v1/models lists.'),
      prompt: {
        anyOf: [prompt, { type: 'array', minItems: 1, maxItems: 64, items: prompt }],
        description: 'Each prompt is asked as the only message of a user, one after the other.',
      },
      max_tokens: described(count, 'Most tokens of each answer; 16 where nothing is said.'),
      n: { type: 'integer', minimum: 1, maximum: 16, description: 'Answers per prompt.' },
      echo: { type: 'boolean', description: 'Begin each answer with its prompt.' },
      logprobs: {
        type: 'integer',
        minimum: 0,
        maximum: 5,
        description: 'Alternatives per token; not with `echo`.',
      },
      stop: {
        anyOf: [text, { type: 'array', maxItems: 16, items: { type: 'string', minLength: 1 } }],
        description: 'Texts that end the answer.',
      },
      ...STREAM_FIELDS,
      ...SAMPLING_FIELDS,
    },
    ['model', 'prompt'],
    'Fields that are not listed go to a remote spoke as they are.',
  ),
  examples: [
    { model: 'auto', prompt: 'Once upon a time' },
    { model: 'auto', prompt: ['One', 'Two'], n: 2, echo: true, max_tokens: 8, stop: '.' },
  ],
};

/** What POST /v1/completions answers when it does not stream. */
export const COMPLETION_ANSWER: JsonObject = answerSchema(
  'text_completion',
  { text },
  ['stop', 'length', 'content_filter'],
  anyObject,
);
