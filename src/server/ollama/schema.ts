import type { JsonObject } from '../../core/chat.ts';
import { anyObject, described, object, text } from '../schema-parts.ts';

const number = { type: 'number' };
const integer = { type: 'integer' };
const flag = { type: 'boolean' };
const list = (items: JsonObject): JsonObject => ({ type: 'array', items });

const message = object(
  {
    role: { enum: ['system', 'user', 'assistant', 'tool'] },
    content: text,
    thinking: text,
    images: list(described(text, 'Base64.')),
    tool_calls: list(anyObject),
    tool_name: text,
  },
  ['role'],
);
const tool = object({ type: { const: 'function' }, function: object({ name: text }, ['name']) }, [
  'type',
  'function',
]);

/** Fields of both ways to ask. */
const COMMON: JsonObject = {
  model: described(text, 'A name of GET /api/tags; `:latest` is left off.'),
  stream: { type: 'boolean', default: true },
  format: {
    anyOf: [{ enum: ['', 'json'] }, anyObject],
    description: '`json`, or a JSON Schema that binds the answer.',
  },
  options: described(
    object(
      {
        num_predict: { type: 'integer', minimum: -2 },
        temperature: { type: 'number', minimum: 0, maximum: 2 },
        top_p: { type: 'number', minimum: 0, maximum: 1 },
        top_k: { type: 'integer', minimum: 0 },
        seed: integer,
        stop: { anyOf: [text, list(text)] },
        presence_penalty: { type: 'number', minimum: -2, maximum: 2 },
        frequency_penalty: { type: 'number', minimum: -2, maximum: 2 },
      },
      [],
    ),
    'Others are ignored and named in the answer’s `cadre.ignored`.',
  ),
  think: { enum: [true, false, 'low', 'medium', 'high'], description: '`false` hides thought.' },
  keep_alive: {
    anyOf: [text, number],
    description: 'Accepted; the farm decides what stays in memory. With nothing asked, 0 unloads.',
  },
  logprobs: flag,
  top_logprobs: { type: 'integer', minimum: 0, maximum: 20 },
  cadre: described(anyObject, '`label`, `collection`, `session`.'),
};

export const OLLAMA_CHAT_BODY: JsonObject = {
  ...object(
    {
      ...COMMON,
      messages: described(list(message), 'Without any, nothing is asked.'),
      tools: { type: 'array', maxItems: 128, items: tool },
    },
    ['model'],
  ),
  examples: [
    { model: 'auto:latest', messages: [{ role: 'user', content: 'Say hello.' }], stream: false },
    {
      model: 'auto',
      messages: [
        { role: 'user', content: 'Weather in Oslo?' },
        {
          role: 'assistant',
          content: '',
          tool_calls: [{ function: { name: 'weather', arguments: { city: 'Oslo' } } }],
        },
        { role: 'tool', tool_name: 'weather', content: '7 °C' },
      ],
      tools: [{ type: 'function', function: { name: 'weather' } }],
      options: { temperature: 0, num_predict: 64 },
      keep_alive: '5m',
      stream: false,
    },
  ],
};

export const GENERATE_BODY: JsonObject = {
  ...object(
    {
      ...COMMON,
      prompt: described(text, 'Without one, nothing is asked.'),
      system: text,
      images: list(described(text, 'Base64.')),
      template: described(text, 'Ignored: the model’s own is used.'),
      raw: { const: false },
    },
    ['model'],
  ),
  examples: [{ model: 'auto', prompt: 'Say hello.', system: 'Be brief.', stream: false }],
};

const END: JsonObject = {
  model: text,
  created_at: text,
  done: flag,
  done_reason: text,
  total_duration: integer,
  load_duration: integer,
  prompt_eval_count: integer,
  prompt_eval_duration: integer,
  eval_count: integer,
  eval_duration: integer,
  cadre: described(anyObject, '`receipt`, `spoke`, `citations`, `abstained` and `ignored`.'),
};
const ENDED = ['model', 'created_at', 'done', 'done_reason'];
export const OLLAMA_CHAT_ANSWER = object({ message, ...END }, ['message', ...ENDED]);
export const GENERATE_ANSWER = object({ response: text, thinking: text, ...END }, [
  'response',
  ...ENDED,
]);

export const EMBED_BODY: JsonObject = {
  ...object(
    {
      model: described(text, 'An embedder of GET /api/tags, or `auto`.'),
      input: { anyOf: [text, { type: 'array', maxItems: 2048, items: text }] },
      dimensions: {
        type: 'integer',
        minimum: 1,
        description: 'The embedder’s own number only.',
      },
    },
    ['model'],
  ),
  examples: [{ model: 'bge-small', input: ['one', 'two'], truncate: true }],
};
export const EMBED_ANSWER = object(
  {
    model: text,
    embeddings: list(list(number)),
    total_duration: integer,
    load_duration: integer,
    prompt_eval_count: integer,
  },
  ['model', 'embeddings'],
);

export const OLD_EMBED_BODY: JsonObject = {
  ...object({ model: text, prompt: text }, ['model']),
  examples: [{ model: 'bge-small', prompt: 'one' }],
};
export const OLD_EMBED_ANSWER = object({ embedding: list(number) }, ['embedding']);

const details = object({ family: text, format: text, parameter_size: text }, ['family', 'format']);
const entry = object({ name: text, model: text, size: integer, digest: text, details }, [
  'name',
  'model',
  'size',
  'digest',
  'details',
]);
export const TAGS_ANSWER = object({ models: list(entry) }, ['models']);

export const SHOW_BODY: JsonObject = {
  ...object({ model: described(text, 'A name of GET /api/tags.') }, ['model']),
  examples: [{ model: 'auto' }],
};
export const SHOW_ANSWER = object(
  { details, model_info: anyObject, capabilities: list(text), license: text },
  ['details', 'model_info', 'capabilities'],
);
export const VERSION_ANSWER = object({ version: text }, ['version']);
