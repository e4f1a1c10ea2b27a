import type { JsonObject } from '../../core/chat.ts';
import { DOCUMENT_FILTER } from '../document-filter.ts';
import { anyObject, count, described, object, text } from '../schema-parts.ts';

const flag = { type: 'boolean' };

const item = object(
  { type: text, role: { enum: ['user', 'system', 'developer', 'assistant'] } },
  [],
);

const tool = {
  anyOf: [
    object(
      {
        type: { const: 'function' },
        name: { type: 'string', pattern: '^[A-Za-z0-9_.-]{1,64}$' },
        description: text,
        parameters: described(anyObject, 'JSON Schema of the arguments.'),
      },
      ['type', 'name'],
    ),
    object(
      {
        type: { const: 'file_search' },
        vector_store_ids: { type: 'array', minItems: 1, maxItems: 1, items: text },
      },
      ['type', 'vector_store_ids'],
    ),
  ],
};

/** The body that `parseResponseBody` accepts. */
export const RESPONSE_BODY: JsonObject = {
  ...object(
    {
      model: described(text, 'A name that GET /v1/models lists.'),
      input: {
        anyOf: [
          { type: 'string', minLength: 1 },
          { type: 'array', minItems: 1, items: item },
        ],
        description:
          'Text, or items: messages, function calls and their outputs, reasoning, references to kept items.',
      },
      instructions: described(text, 'For this response alone; the next one does not inherit them.'),
      previous_response_id: described(text, 'The response that this one goes on from.'),
      store: described(flag, 'Keep the response; true where nothing is said.'),
      background: described(flag, 'Answer at once, run without a caller who waits.'),
      stream: described(flag, 'Answer as server-sent events.'),
      stream_options: described(anyObject, 'Only with `stream`; accepted, changes nothing.'),
      max_output_tokens: described(count, 'Most tokens of the answer, thought included.'),
      temperature: { type: 'number', minimum: 0, maximum: 2 },
      top_p: { type: 'number', exclusiveMinimum: 0, maximum: 1 },
      top_logprobs: { type: 'integer', minimum: 0, maximum: 20 },
      include: {
        type: 'array',
        items: text,
        description:
          '`message.output_text.logprobs` and `reasoning.encrypted_content` have an effect.',
      },
      tools: { type: 'array', maxItems: 128, items: tool, description: 'What it may call.' },
      tool_choice: {
        anyOf: [{ enum: ['auto', 'none', 'required'] }, object({ type: text }, ['type'])],
        description: 'Whether and which function is called.',
      },
      parallel_tool_calls: flag,
      text: described(
        object({ format: object({ type: text }, ['type']), verbosity: text }, []),
        'Form of the answer: `text`, `json_object` or `json_schema`.',
      ),
      reasoning: described(object({ effort: text }, []), 'For a remote spoke that reasons.'),
      truncation: {
        enum: ['auto', 'disabled'],
        description: '`auto` leaves out the beginning of a conversation that is too long.',
      },
      metadata: described(anyObject, 'Up to 16 pairs of strings that are given back.'),
      cadre: described(
        object({ label: text, collection: text, filter: DOCUMENT_FILTER, session: text }, []),
        'Label of the data, collection to answer from, filter of its documents, session to stay with; as the `x-cadre-` headers.',
      ),
    },
    ['model', 'input'],
    'Fields that are not listed go to a remote spoke as they are.',
  ),
  examples: [
    { model: 'auto', input: 'Hello' },
    {
      model: 'auto',
      instructions: 'Be brief.',
      input: [
        { role: 'user', content: [{ type: 'input_text', text: 'Weather in Oslo?' }] },
        { type: 'function_call', call_id: 'call_1', name: 'weather', arguments: '{}' },
        { type: 'function_call_output', call_id: 'call_1', output: 'Rain' },
      ],
      tools: [{ type: 'function', name: 'weather', parameters: { type: 'object' } }],
      max_output_tokens: 64,
    },
    {
      model: 'auto',
      input: 'Name a city as JSON.',
      text: { format: { type: 'json_schema', name: 'city', schema: { type: 'object' } } },
      store: false,
    },
    { model: 'auto', input: 'Write a long report.', background: true },
  ],
};

/** A response: what POST /v1/responses answers when it does not stream, and what is kept. */
export const RESPONSE_ANSWER: JsonObject = object(
  {
    id: text,
    object: { const: 'response' },
    created_at: { type: 'integer' },
    status: {
      enum: ['queued', 'in_progress', 'completed', 'incomplete', 'failed', 'cancelled'],
    },
    background: flag,
    error: { type: ['object', 'null'] },
    incomplete_details: { type: ['object', 'null'] },
    model: text,
    output: {
      type: 'array',
      items: object({ id: text, type: text, status: text }, ['id', 'type']),
    },
    usage: { type: ['object', 'null'] },
    store: flag,
    cadre: anyObject,
  },
  [
    'id',
    'object',
    'created_at',
    'status',
    'error',
    'incomplete_details',
    'model',
    'output',
    'usage',
  ],
);

/** One entry of GET /v1/responses/:id/input_items. */
export const RESPONSE_ITEM: JsonObject = object({ id: text, type: text }, ['id', 'type']);

export const RESPONSE_DELETED: JsonObject = object(
  { id: text, object: { const: 'response' }, deleted: { const: true } },
  ['id', 'object', 'deleted'],
);

export const INPUT_TOKENS: JsonObject = object(
  { object: { const: 'response.input_tokens' }, input_tokens: { type: 'integer' } },
  ['object', 'input_tokens'],
);
