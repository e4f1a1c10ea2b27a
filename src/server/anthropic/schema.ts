import type { JsonObject } from '../../core/chat.ts';
import { anyObject, count, described, object, text } from '../schema-parts.ts';

/** Blocks by their type; fields that are not named here go to a remote server of the same dialect. */
const block = described(
  object({ type: text }, ['type']),
  'text, image (base64), document (plain text), tool_use, tool_result, thinking, redacted_thinking',
);
const content: JsonObject = { anyOf: [text, { type: 'array', items: block }] };
const message = object({ role: { enum: ['user', 'assistant'] }, content }, ['role', 'content']);
const tool = object(
  {
    name: { type: 'string', pattern: '^[A-Za-z0-9_.-]{1,128}$' },
    description: text,
    input_schema: described(anyObject, 'JSON Schema of the arguments.'),
  },
  ['name', 'input_schema'],
);
const format = object({ type: { const: 'json_schema' }, schema: anyObject }, ['type', 'schema']);

/** What a model reads. */
const prompt: JsonObject = {
  model: described(text, 'A name of GET /v1/models.'),
  messages: { type: 'array', minItems: 1, items: message },
  system: described(content, 'Instructions, as text or as blocks of text.'),
  tools: { type: 'array', maxItems: 128, items: tool },
  tool_choice: described(
    object({ type: { enum: ['auto', 'any', 'tool', 'none'] } }, ['type']),
    'With `name` for `tool`, and `disable_parallel_tool_use`.',
  ),
  thinking: described(
    object({ type: text }, ['type']),
    'For a remote model that thinks; its thought is shown unless the type is `disabled`.',
  ),
};

const EXAMPLE = { model: 'auto', messages: [{ role: 'user', content: 'Say hello.' }] };
const WITH_TOOL = {
  model: 'auto',
  system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }],
  messages: [
    { role: 'user', content: [{ type: 'text', text: 'Weather in Oslo?' }] },
    {
      role: 'assistant',
      content: [{ type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Oslo' } }],
    },
    {
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: '7 °C' }],
    },
  ],
  tools: [{ name: 'weather', input_schema: { type: 'object' } }],
  tool_choice: { type: 'auto', disable_parallel_tool_use: true },
};

/** The body that `parseMessagesBody` accepts. */
export const MESSAGES_BODY: JsonObject = {
  ...object(
    {
      ...prompt,
      max_tokens: described(count, 'Most tokens of the answer.'),
      stream: { type: 'boolean', default: false },
      stop_sequences: { type: 'array', maxItems: 16, items: { type: 'string', minLength: 1 } },
      temperature: { type: 'number', minimum: 0, maximum: 1 },
      top_p: { type: 'number', exclusiveMinimum: 0, maximum: 1 },
      top_k: { type: 'integer', minimum: 0 },
      output_config: described(
        object({ format }, []),
        'A JSON Schema that binds the answer; what else it holds is the vendor’s.',
      ),
      cadre: described(
        anyObject,
        '`label`, `collection`, `session`, `cache`, `footnotes`, `reading`.',
      ),
    },
    ['model', 'messages', 'max_tokens'],
  ),
  examples: [
    { ...EXAMPLE, max_tokens: 64 },
    { ...WITH_TOOL, max_tokens: 64, temperature: 0, stop_sequences: ['END'] },
  ],
};

export const COUNT_BODY: JsonObject = {
  ...object(prompt, ['model', 'messages']),
  examples: [EXAMPLE, WITH_TOOL],
};

const usage = object(
  {
    input_tokens: { type: 'integer' },
    cache_creation_input_tokens: { type: 'integer' },
    cache_creation: object(
      {
        ephemeral_5m_input_tokens: { type: 'integer' },
        ephemeral_1h_input_tokens: { type: 'integer' },
      },
      [],
    ),
    cache_read_input_tokens: { type: 'integer' },
    output_tokens: { type: 'integer' },
  },
  ['input_tokens', 'output_tokens'],
);

export const MESSAGES_ANSWER: JsonObject = object(
  {
    id: text,
    type: { const: 'message' },
    role: { const: 'assistant' },
    model: text,
    content: { type: 'array', items: block },
    stop_reason: { enum: ['end_turn', 'max_tokens', 'stop_sequence', 'tool_use', 'refusal'] },
    stop_sequence: { type: ['string', 'null'] },
    usage,
    cadre: described(anyObject, '`receipt`, `spoke`, `citations` and, if declined, `abstained`.'),
  },
  ['id', 'type', 'role', 'model', 'content', 'stop_reason', 'stop_sequence', 'usage'],
);

export const COUNT_ANSWER: JsonObject = object({ input_tokens: { type: 'integer' } }, [
  'input_tokens',
]);
