import type { JsonObject } from '../core/chat.ts';
import { DOCUMENT_FILTER } from './document-filter.ts';
import { anyObject, count, described, object, text } from './schema-parts.ts';

const penalty = { type: 'number', minimum: -2, maximum: 2 };

export const SAMPLING_FIELDS: JsonObject = {
  temperature: { type: 'number', minimum: 0, maximum: 2 },
  top_p: { type: 'number', exclusiveMinimum: 0, maximum: 1 },
  top_k: count,
  seed: { type: 'integer' },
  presence_penalty: penalty,
  frequency_penalty: penalty,
};

export const STREAM_FIELDS: JsonObject = {
  stream: { type: 'boolean', description: 'Answer as server-sent events.' },
  stream_options: described(
    object({ include_usage: { type: 'boolean' } }, []),
    'Only with `stream`.',
  ),
};

const functionCall = object(
  {
    id: text,
    type: { const: 'function' },
    function: object({ name: text, arguments: text }, ['name', 'arguments']),
  },
  ['id', 'type', 'function'],
);

const part: JsonObject = {
  anyOf: [
    object({ type: { const: 'text' }, text }, ['type', 'text']),
    object(
      {
        type: { const: 'image_url' },
        image_url: object({ url: described(text, 'A data: URL.'), detail: text }, ['url']),
      },
      ['type', 'image_url'],
    ),
    object(
      {
        type: { const: 'input_audio' },
        input_audio: object({ data: described(text, 'Base64.'), format: text }, ['data', 'format']),
      },
      ['type', 'input_audio'],
    ),
  ],
};

const message = object(
  {
    role: { enum: ['system', 'developer', 'user', 'assistant', 'tool'] },
    content: { anyOf: [text, { type: 'array', minItems: 1, items: part }, { type: 'null' }] },
    tool_calls: { type: 'array', items: functionCall },
    tool_call_id: text,
  },
  ['role'],
);

const tool = object(
  {
    type: { const: 'function' },
    function: object(
      {
        name: { type: 'string', pattern: '^[A-Za-z0-9_.-]{1,64}$' },
        description: text,
        parameters: described(anyObject, 'JSON Schema of the arguments.'),
      },
      ['name'],
    ),
  },
  ['type', 'function'],
);

/** The body that `parseChatBody` accepts. */
export const CHAT_BODY: JsonObject = {
  ...object(
    {
      model: described(text, 'A name that GET /v1/models lists.'),
      messages: { type: 'array', minItems: 1, items: message, description: 'The conversation.' },
      ...STREAM_FIELDS,
      max_completion_tokens: described(count, 'Most tokens of the answer.'),
      max_tokens: described(count, 'The older name of `max_completion_tokens`.'),
      n: { type: 'integer', minimum: 1, maximum: 16, description: 'Independent answers.' },
      ...SAMPLING_FIELDS,
      stop: {
        anyOf: [text, { type: 'array', maxItems: 16, items: { type: 'string', minLength: 1 } }],
        description: 'Texts that end the answer.',
      },
      logprobs: { type: 'boolean', description: 'Report log-probabilities.' },
      top_logprobs: {
        type: 'integer',
        minimum: 0,
        maximum: 20,
        description: 'Alternatives per token; only with `logprobs`.',
      },
      tools: { type: 'array', maxItems: 128, items: tool, description: 'Functions it may call.' },
      tool_choice: {
        anyOf: [
          { enum: ['auto', 'none', 'required'] },
          object({ type: { const: 'function' }, function: object({ name: text }, ['name']) }, [
            'type',
            'function',
          ]),
        ],
        description: 'Whether and which function is called.',
      },
      response_format: {
        anyOf: [
          object({ type: { enum: ['text', 'json_object'] } }, ['type']),
          object(
            {
              type: { const: 'json_schema' },
              json_schema: object({ name: text, schema: anyObject }, ['schema']),
            },
            ['type', 'json_schema'],
          ),
        ],
        description: 'Form of the answer.',
      },
      cadre: described(
        object(
          {
            label: text,
            collection: text,
            filter: DOCUMENT_FILTER,
            session: text,
            cache: text,
            footnotes: { type: 'boolean' },
            reading: { enum: ['off', 'auto', 'deep'] },
          },
          [],
        ),
        'Label of the data, collection to answer from, filter of its documents, session to stay with, `off` or `refresh` for kept answers, citations as Markdown footnotes in the text, whether documents are read on after the first search; as the `x-cadre-` headers.',
      ),
    },
    ['model', 'messages'],
    'Fields that are not listed go to a remote spoke as they are.',
  ),
  examples: [
    { model: 'auto', messages: [{ role: 'user', content: 'Hello' }] },
    {
      model: 'auto',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: [{ type: 'text', text: 'Weather in Oslo?' }] },
      ],
      max_completion_tokens: 64,
      temperature: 0,
      stop: ['END'],
      tools: [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }],
      tool_choice: 'auto',
    },
    {
      model: 'auto',
      messages: [{ role: 'user', content: 'Name a city as JSON.' }],
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'city', schema: { type: 'object' } },
      },
    },
  ],
};

const usage = object(
  {
    prompt_tokens: { type: 'integer' },
    completion_tokens: { type: 'integer' },
    total_tokens: { type: 'integer' },
    prompt_tokens_details: object({ cached_tokens: { type: 'integer' } }, ['cached_tokens']),
  },
  ['prompt_tokens', 'completion_tokens', 'total_tokens'],
);

/** A whole answer of the dialect; `said` are the fields of a choice that hold its words. */
export function answerSchema(
  kind: string,
  said: JsonObject,
  finishes: readonly string[],
  cadre: JsonObject,
): JsonObject {
  const choice = {
    index: { type: 'integer' },
    ...said,
    logprobs: { type: ['object', 'null'] },
    finish_reason: { enum: finishes },
  };
  return object(
    {
      id: text,
      object: { const: kind },
      created: { type: 'integer' },
      model: text,
      choices: { type: 'array', minItems: 1, items: object(choice, Object.keys(choice)) },
      usage,
      cadre,
    },
    ['id', 'object', 'created', 'model', 'choices', 'usage', 'cadre'],
  );
}

/** What POST /v1/chat/completions answers when it does not stream. */
export const CHAT_ANSWER: JsonObject = answerSchema(
  'chat.completion',
  {
    message: object(
      {
        role: { const: 'assistant' },
        content: { type: ['string', 'null'] },
        refusal: { type: ['string', 'null'] },
        annotations: { type: 'array', items: anyObject },
        tool_calls: { type: 'array', items: functionCall },
      },
      ['role', 'content', 'refusal'],
    ),
  },
  ['stop', 'length', 'tool_calls', 'content_filter'],
  object(
    {
      receipt: text,
      spoke: { type: ['string', 'null'] },
      citations: { type: 'array', items: anyObject },
      standsOn: { type: 'array', items: anyObject },
      warnings: { type: 'array', items: text },
      contradictions: { type: 'array', items: anyObject },
      abstained: anyObject,
    },
    ['receipt', 'spoke', 'citations'],
  ),
);
