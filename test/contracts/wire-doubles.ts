import type { DestinationConfig } from '../../src/core/config.ts';

/** What a model is to have said, whatever the wire. */
export interface Told {
  readonly text?: readonly string[];
  readonly thought?: string;
  readonly calls?: readonly { readonly name: string; readonly arguments: object }[];
  readonly finish?: 'stop' | 'length' | 'tool-calls';
  /** Absent = the server counts nothing. */
  readonly usage?: { readonly prompt: number; readonly completion: number };
}

export interface Refusal {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a server read in a request, in neutral words. */
export interface Heard {
  readonly model: unknown;
  readonly text: unknown;
  readonly maxTokens: unknown;
  readonly temperature: unknown;
  readonly tools: unknown;
  /** The schema that binds the answer; 'json' = any object. */
  readonly schema: unknown;
}

/** How one kind of server speaks when it is well, and when it is not. */
export interface Wire {
  readonly destination: Partial<DestinationConfig>;
  readonly path: string;
  readonly type: string;
  /** Bytes of the answer, piece by piece; what would be the last piece says that it is over. */
  pieces(told: Told): readonly string[];
  /** An error in the middle of an answer that began well. */
  errorWithin(message: string): string;
  readonly unknownModel: Refusal;
  readonly overloaded: Refusal;
  readonly tooLong: Refusal;
  refused(message: string): Refusal;
  hear(body: Readonly<Record<string, unknown>>): Heard;
}

type Fields = Readonly<Record<string, unknown>>;
const fields = (value: unknown) => (value ?? {}) as Fields;
const list = (value: unknown) => (value ?? []) as readonly Fields[];
const json = { 'content-type': 'application/json' };
const refusal = (status: number, body: unknown, headers = {}): Refusal => ({
  status,
  body: JSON.stringify(body),
  headers: { ...json, ...headers },
});

function openAi(options: {
  readonly destination: Partial<DestinationConfig>;
  readonly thoughtField: string;
  readonly lastChunk?: object;
  readonly errorOf: (status: number, message: string, type: string) => object;
  readonly unknownModel: Refusal;
  readonly tooLong: readonly [message: string, type: string];
}): Wire {
  const { errorOf } = options;
  const data = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
  const chunk = (delta: object, finish: string | null = null, more: object = {}) =>
    data({
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta, finish_reason: finish }],
      ...more,
    });
  return {
    destination: options.destination,
    path: '/v1/chat/completions',
    type: 'text/event-stream',
    pieces: ({ text = [], thought, calls = [], finish = 'stop', usage }) => [
      chunk({ role: 'assistant', content: null }),
      ...(thought === undefined ? [] : [chunk({ [options.thoughtField]: thought })]),
      ...text.map((content) => chunk({ content })),
      ...calls.flatMap(({ name, arguments: given }, index) => {
        const written = JSON.stringify(given);
        const call = {
          index,
          id: `id-${index}`,
          type: 'function',
          function: { name, arguments: '' },
        };
        return [
          chunk({ tool_calls: [call] }),
          chunk({ tool_calls: [{ index, function: { arguments: written.slice(0, 3) } }] }),
          chunk({ tool_calls: [{ index, function: { arguments: written.slice(3) } }] }),
        ];
      }),
      chunk({}, finish === 'tool-calls' ? 'tool_calls' : finish),
      ...(usage === undefined
        ? []
        : [
            data({
              choices: [],
              usage: {
                prompt_tokens: usage.prompt,
                completion_tokens: usage.completion,
                total_tokens: usage.prompt + usage.completion,
              },
              ...options.lastChunk,
            }),
          ]),
      'data: [DONE]\n\n',
    ],
    errorWithin: (message) => data({ error: errorOf(500, message, 'server_error') }),
    unknownModel: options.unknownModel,
    overloaded: refusal(503, { error: errorOf(503, 'Loading model', 'unavailable_error') }),
    tooLong: refusal(400, { error: errorOf(400, ...options.tooLong) }),
    refused: (message) => refusal(400, { error: errorOf(400, message, 'invalid_request_error') }),
    hear(body) {
      const format = fields(body['response_format']);
      return {
        model: body['model'],
        text: list(body['messages']).at(-1)?.['content'],
        maxTokens: body['max_tokens'],
        temperature: body['temperature'],
        tools: list(body['tools']).map((tool) => fields(tool['function'])['name']),
        schema: format['type'] === 'json_object' ? 'json' : fields(format['json_schema'])['schema'],
      };
    },
  };
}

const codedError = (code: number, message: string, type: string) => ({ code, message, type });
const plainError = (_status: number, message: string, type: string) => ({ message, type });

/** Any server of OpenAI's dialect. */
export const OPENAI = openAi({
  destination: { kind: 'openai' },
  thoughtField: 'reasoning_content',
  errorOf: plainError,
  unknownModel: refusal(404, { error: { message: 'no such model', code: 'model_not_found' } }),
  tooLong: ['This model’s maximum context length is 8192 tokens', 'invalid_request_error'],
});

/** Ollama: one JSON text per line; docs.ollama.com/api. */
export const OLLAMA: Wire = {
  destination: { kind: 'ollama' },
  path: '/api/chat',
  type: 'application/x-ndjson',
  pieces({ text = [], thought, calls = [], finish = 'stop', usage }) {
    const line = (message: object, more: object = {}) =>
      `${JSON.stringify({ model: 'm', created_at: '2026-01-01T00:00:00Z', message: { role: 'assistant', content: '', ...message }, done: false, ...more })}\n`;
    return [
      ...(thought === undefined ? [] : [line({ thinking: thought })]),
      ...text.map((content) => line({ content })),
      // Each call is whole, with arguments that are no text, on a line of its own.
      ...calls.map((call) => line({ tool_calls: [{ function: { index: 0, ...call } }] })),
      line(
        {},
        {
          done: true,
          done_reason: finish === 'length' ? 'length' : 'stop',
          total_duration: 9_000_000,
          load_duration: 1_000_000,
          ...(usage === undefined
            ? {}
            : {
                prompt_eval_count: usage.prompt,
                prompt_eval_duration: 3_000_000,
                eval_count: usage.completion,
                eval_duration: 5_000_000,
              }),
        },
      ),
    ];
  },
  errorWithin: (error) => `${JSON.stringify({ error })}\n`,
  unknownModel: refusal(404, { error: "model 'm' not found" }),
  overloaded: refusal(503, {
    error: 'server busy, please try again.  maximum pending requests exceeded',
  }),
  tooLong: refusal(400, { error: 'the input length exceeds the context length' }),
  refused: (error) => refusal(400, { error }),
  hear(body) {
    const options = fields(body['options']);
    return {
      model: body['model'],
      text: list(body['messages']).at(-1)?.['content'],
      maxTokens: options['num_predict'],
      temperature: options['temperature'],
      tools: list(body['tools']).map((tool) => fields(tool['function'])['name']),
      schema: body['format'],
    };
  },
};

/** Anthropic’s dialect. Schemas have no place of their own there: they go into a tool. */
export const ANTHROPIC: Wire = {
  destination: { kind: 'anthropic' },
  path: '/v1/messages',
  type: 'text/event-stream',
  pieces({ text = [], thought, calls = [], finish = 'stop', usage }) {
    const event = (type: string, more: object = {}) =>
      `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;
    const delta = (index: number, value: object) =>
      event('content_block_delta', { index, delta: value });
    const begun = calls.map(({ name, arguments: given }, index) => {
      const block = { type: 'tool_use', id: `id-${index}`, name, input: {} };
      const written = { type: 'input_json_delta', partial_json: JSON.stringify(given) };
      return (
        event('content_block_start', { index: index + 1, content_block: block }) +
        delta(index + 1, written)
      );
    });
    const reason = { stop: 'end_turn', length: 'max_tokens', 'tool-calls': 'tool_use' }[finish];
    return [
      event('message_start', {
        message: { usage: { input_tokens: usage?.prompt ?? 1, output_tokens: 1 } },
      }),
      ...(thought === undefined ? [] : [delta(0, { type: 'thinking_delta', thinking: thought })]),
      ...text.map((words) => delta(0, { type: 'text_delta', text: words })),
      ...begun,
      event('message_delta', {
        delta: { stop_reason: reason },
        usage: { output_tokens: usage?.completion ?? 1 },
      }),
      event('message_stop'),
    ];
  },
  errorWithin: (message) =>
    `event: error\ndata: ${JSON.stringify({ type: 'error', error: { type: 'api_error', message } })}\n\n`,
  unknownModel: refusal(404, {
    type: 'error',
    error: { type: 'not_found_error', message: 'model: m' },
  }),
  overloaded: refusal(529, {
    type: 'error',
    error: { type: 'overloaded_error', message: 'Overloaded' },
  }),
  tooLong: refusal(400, {
    type: 'error',
    error: { type: 'invalid_request_error', message: 'prompt is too long: 9 tokens > 8 maximum' },
  }),
  refused: (message) =>
    refusal(400, { type: 'error', error: { type: 'invalid_request_error', message } }),
  hear(body) {
    const tools = list(body['tools']);
    const [block] = list(list(body['messages']).at(-1)?.['content']);
    return {
      model: body['model'],
      text: block?.['text'],
      maxTokens: body['max_tokens'],
      temperature: body['temperature'],
      tools: tools.map((tool) => tool['name']),
      schema: fields(tools.at(-1))['input_schema'],
    };
  },
};
/** llama-server: OpenAI's dialect with times beside the counts; tools/server of ggml-org/llama.cpp. */
export const LLAMA_SERVER = openAi({
  destination: { kind: 'llama-server' },
  thoughtField: 'reasoning_content',
  lastChunk: {
    timings: { cache_n: 0, prompt_n: 7, prompt_ms: 3, predicted_n: 2, predicted_ms: 5 },
  },
  errorOf: codedError,
  unknownModel: refusal(400, {
    error: codedError(400, "model 'm' not found", 'invalid_request_error'),
  }),
  tooLong: [
    'request (9 tokens) exceeds the available context size (8 tokens), try increasing it',
    'exceed_context_size_error',
  ],
});

/** vLLM: OpenAI's dialect, numbers for codes, thought under its newer name. */
export const VLLM = openAi({
  destination: { kind: 'vllm' },
  thoughtField: 'reasoning',
  errorOf: (code, message, type) => ({ message, type, param: null, code }),
  unknownModel: refusal(404, {
    error: {
      message: 'The model `m` does not exist.',
      type: 'NotFoundError',
      param: 'model',
      code: 404,
    },
  }),
  tooLong: [
    'This model’s maximum context length is 8192 tokens. However, you requested 9000',
    'BadRequestError',
  ],
});
