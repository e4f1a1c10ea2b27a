import { expect, it, onTestFinished } from 'vitest';
import { createEgress } from '../../src/adapters/egress/egress.ts';
import { createOllamaModel } from '../../src/adapters/models/ollama-model.ts';
import { textPart } from '../../src/core/chat.ts';
import { type DestinationConfig, parseConfig } from '../../src/core/config.ts';
import type { ModelEvent, ModelRequest } from '../../src/core/ports.ts';
import { PERMIT, sendPieces, startVendor } from '../fixtures/vendor.ts';

const REQUEST: ModelRequest = {
  messages: [{ role: 'user', content: textPart('hi') }],
  sampling: {},
  maxTokens: 9,
};
const END = { message: { role: 'assistant', content: '' }, done: true, done_reason: 'stop' };

/** What the server got, and what was made of its lines. */
async function exchange(
  request: ModelRequest,
  lines: readonly object[] = [END],
  change: Partial<DestinationConfig> = {},
) {
  const vendor = await startVendor((_request, response) =>
    sendPieces(
      response,
      lines.map((line) => `${JSON.stringify(line)}\n`),
      'end',
      'application/x-ndjson',
    ),
  );
  const destination = vendor.destination({ kind: 'ollama', url: vendor.url, ...change });
  const egress = createEgress({ refusal: () => undefined, destinations: [destination] });
  onTestFinished(() => egress.close());
  const model = createOllamaModel({ destination, model: 'm:1b', key: undefined, egress });
  const events: ModelEvent[] = [];
  const { signal } = new AbortController();
  for await (const event of model.doChat(request, { signal, permit: PERMIT })) events.push(event);
  return { sent: JSON.parse(vendor.requests[0]?.body ?? ''), events };
}

it('asks so that nothing of a prompt is cut in silence', async () => {
  const { sent } = await exchange(REQUEST, [END], { contextTokens: 8192, keepSeconds: 600 });
  expect(sent).toEqual({
    model: 'm:1b',
    messages: [{ role: 'user', content: 'hi' }],
    stream: true,
    truncate: false,
    shift: false,
    keep_alive: 600,
    options: { num_predict: 9, num_ctx: 8192 },
  });
});

it('sends pictures, thought, calls of tools and their results as Ollama reads them', async () => {
  const { sent } = await exchange({
    ...REQUEST,
    messages: [
      { role: 'user', content: [{ type: 'image', url: 'data:image/png;base64,AA==' }] },
      {
        role: 'assistant',
        content: [{ type: 'thinking', text: 'hm' }],
        toolCalls: [
          { id: 'c1', name: 'look', arguments: '{"city":"Oslo"}' },
          { id: 'c2', name: 'look', arguments: '{broken' },
        ],
      },
      { role: 'tool', toolCallId: 'c1', content: textPart('7 °C') },
    ],
    tools: [{ name: 'look' }, { name: 'tell' }],
    toolChoice: { name: 'look' },
  });
  expect(sent.messages).toEqual([
    { role: 'user', content: '', images: ['AA=='] },
    {
      role: 'assistant',
      content: '',
      thinking: 'hm',
      tool_calls: [
        { id: 'c1', function: { index: 0, name: 'look', arguments: { city: 'Oslo' } } },
        { id: 'c2', function: { index: 1, name: 'look', arguments: { arguments: '{broken' } } },
      ],
    },
    { role: 'tool', content: '7 °C', tool_name: 'look', tool_call_id: 'c1' },
  ]);
  expect(sent.tools).toEqual([{ type: 'function', function: { name: 'look' } }]);
});

it('hands on what only Ollama knows, but not how long a model stays in memory', async () => {
  const extra = { think: 'low', keep_alive: -1, model: 'stolen', truncate: true };
  const { sent } = await exchange({ ...REQUEST, dialect: 'ollama', extra });
  expect(sent).toMatchObject({ think: 'low', model: 'm:1b', truncate: false });
  expect(sent.keep_alive).toBeUndefined();
  expect((await exchange({ ...REQUEST, extra })).sent.think).toBeUndefined();
});

it('takes times from the server, and log-probabilities', async () => {
  const logprobs = [
    { token: 'a', logprob: -0.5, bytes: [97], top_logprobs: [{ token: 'b', logprob: -1 }] },
  ];
  const said = { message: { role: 'assistant', content: 'a' }, done: false, logprobs };
  const times = {
    prompt_eval_count: 3,
    prompt_eval_duration: 2e6,
    eval_count: 1,
    eval_duration: 4e6,
  };
  const { sent, events } = await exchange({ ...REQUEST, logprobs: 1 }, [
    said,
    { ...END, ...times },
  ]);
  expect(sent).toMatchObject({ logprobs: true, top_logprobs: 1 });
  expect(events).toEqual([
    {
      type: 'text',
      text: 'a',
      logprobs: [{ token: 'a', logprob: -0.5, top: [{ token: 'b', logprob: -1 }] }],
    },
    {
      type: 'ended',
      finishReason: 'stop',
      usage: { promptTokens: 3, cachedTokens: 0, completionTokens: 1 },
      promptMs: 2,
      generationMs: 4,
    },
  ]);
});

it('gives every call an id of its own where the server gives none', async () => {
  const call = { message: { tool_calls: [{ function: { name: 'f', arguments: { a: 1 } } }] } };
  const { events } = await exchange(REQUEST, [call, call, END]);
  const ids = events.flatMap((event) => (event.type === 'tool-call' ? [event.id] : []));
  expect(new Set(ids).size).toBe(2);
});

it('is asked at the root of its server, however the URL is written', () => {
  const [named, old] = parseConfig({
    destinations: [
      { id: 'a', vendor: 'ollama' },
      { id: 'b', vendor: 'ollama', url: 'http://10.0.0.4:11434/v1/' },
    ],
  }).destinations;
  expect(named).toMatchObject({ kind: 'ollama', url: 'http://127.0.0.1:11434' });
  expect(old).toMatchObject({ kind: 'ollama', url: 'http://10.0.0.4:11434' });
});
