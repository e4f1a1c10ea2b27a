import { describe, expect, it } from 'vitest';
import type { CadreEvent } from '../../../src/core/events.ts';
import type { Answer } from '../running-server.ts';
import { CITATION, call, farmSaying, stopped, text, thought } from '../said-events.ts';
import { accepted, createScriptedFarm, failed } from '../scripted-farm.ts';
import { clientOf, HELLO, post } from './client.ts';

const eventsOf = (answer: Answer) =>
  answer.text
    .split('\n\n')
    .filter(Boolean)
    .map((block) => {
      const [name = '', data = ''] = block.split('\n');
      const fields = JSON.parse(data.slice(6)) as { type: string };
      expect(name).toBe(`event: ${fields.type}`);
      return fields;
    });

describe('an answer to Anthropic’s own client', () => {
  it('is one message with usage, receipt and the request’s id', async () => {
    const { client } = await clientOf(farmSaying(text('Hello'), text(' world'), stopped()));
    const { data, request_id: id } = await client.messages.create(HELLO).withResponse();
    expect(id).toMatch(/^req_/);
    expect(data).toMatchObject({
      id: `msg_${id?.slice(4)}`,
      role: 'assistant',
      model: 'auto',
      content: [{ type: 'text', text: 'Hello world' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: 2, cache_read_input_tokens: 1, output_tokens: 2 },
      cadre: { receipt: id, spoke: 'small' },
    });
  });

  it.each<[string, readonly CadreEvent[], object[]]>([
    ['text', [text('Hello'), text(' world'), stopped()], [{ type: 'text', text: 'Hello world' }]],
    [
      'parallel calls that come interleaved',
      [
        text('Looking.'),
        call(0, '{"a"', { id: 'a', name: 'f' }),
        call(1, '{"b"', { id: 'b', name: 'g' }),
        call(0, ':1}'),
        call(1, ':2}'),
        call(2, '', { id: 'c', name: 'f' }),
        stopped({ finishReason: 'tool-calls' }),
      ],
      [
        { type: 'text', text: 'Looking.' },
        { type: 'tool_use', id: 'a', name: 'f', input: { a: 1 } },
        { type: 'tool_use', id: 'b', name: 'g', input: { b: 2 } },
        { type: 'tool_use', id: 'c', name: 'f', input: {} },
      ],
    ],
    [
      'thought with its seal',
      [
        thought({ text: 'Let me ' }),
        thought({ text: 'see.' }),
        thought({ signature: 'sig' }),
        thought({ redacted: 'sealed' }),
        text('Four.'),
        stopped(),
      ],
      [
        { type: 'thinking', thinking: 'Let me see.', signature: 'sig' },
        { type: 'redacted_thinking', data: 'sealed' },
        { type: 'text', text: 'Four.' },
      ],
    ],
    [
      'a cited sentence',
      [text('As it says: '), text('Ann approves.', [CITATION]), stopped()],
      [
        { type: 'text', text: 'As it says: ' },
        {
          type: 'text',
          text: 'Ann approves.',
          citations: [
            {
              type: 'char_location',
              cited_text: 'Trips are approved by Ann.',
              document_index: 0,
              document_title: 'rules.md',
              file_id: null,
              start_char_index: 10,
              end_char_index: 36,
            },
          ],
        },
      ],
    ],
    [
      'a sentence from a page',
      [
        text('Ann approves.', [
          { ...CITATION, sentence: { ...CITATION.sentence, page: 3, title: 'Travel rules' } },
        ]),
        stopped(),
      ],
      [
        {
          type: 'text',
          text: 'Ann approves.',
          citations: [
            {
              type: 'page_location',
              cited_text: 'Trips are approved by Ann.',
              document_index: 0,
              document_title: 'Travel rules',
              file_id: null,
              start_page_number: 3,
              end_page_number: 4,
            },
          ],
        },
      ],
    ],
    ['nothing', [stopped()], [{ type: 'text', text: '' }]],
  ])('is the same streamed and whole: %s', async (_what, steps, content) => {
    const { client } = await clientOf(farmSaying(...steps));
    const asked = { ...HELLO, thinking: { type: 'enabled', budget_tokens: 1024 } } as const;
    const whole = await client.messages.create(asked);
    const stream = client.messages.stream(asked);
    const streamed = await stream.finalMessage();
    expect(streamed.content).toEqual(whole.content);
    expect(streamed).toMatchObject({ stop_reason: whole.stop_reason, usage: whole.usage });
    expect(whole.content).toEqual(content);
  });

  it('names the stop sequence that ended it', async () => {
    const { client } = await clientOf(farmSaying(text('a'), stopped({ stopSequence: 'END' })));
    const answer = await client.messages.create(HELLO);
    expect(answer).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: 'END' });
  });

  it.each([
    ['length', 'max_tokens'],
    ['content-filter', 'refusal'],
  ])('ends for %s as %s', async (finishReason, stopReason) => {
    const { client } = await clientOf(farmSaying(text('a'), stopped({ finishReason })));
    expect((await client.messages.create(HELLO)).stop_reason).toBe(stopReason);
  });

  it('keeps thought from who did not ask for it', async () => {
    const { client } = await clientOf(farmSaying(thought({ text: 'Hm.' }), text('a'), stopped()));
    const answer = await client.messages.create(HELLO);
    expect(answer.content).toEqual([{ type: 'text', text: 'a' }]);
  });
});

describe('a streamed message', () => {
  it('has the dialect’s events in their order', async () => {
    const { port } = await clientOf(farmSaying(text('Hi'), stopped()));
    const answer = await post(port, { ...HELLO, stream: true });
    expect(answer.headers['content-type']).toMatch(/^text\/event-stream/);
    const events = eventsOf(answer);
    expect(events.map((event) => event.type)).toEqual([
      'message_start',
      'ping',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    expect(events[0]).toMatchObject({ message: { content: [], stop_reason: null } });
  });

  it('that breaks off ends with an error and no message_stop', async () => {
    const farm = createScriptedFarm();
    farm.script = async function* (asked) {
      yield accepted(asked);
      yield { type: 'text-delta', choice: 0, text: 'Hal' };
      await new Promise((resolve) => setImmediate(resolve));
      yield failed(asked, 'no_spoke');
    };
    const { client, port } = await clientOf(farm);
    const events = eventsOf(await post(port, { ...HELLO, stream: true }));
    expect(events.at(-1)).toMatchObject({
      type: 'error',
      error: { type: 'overloaded_error' },
      request_id: expect.stringMatching(/^req_/),
    });
    expect(events.some((event) => event.type === 'message_stop')).toBe(false);
    await expect(client.messages.stream(HELLO).finalMessage()).rejects.toThrow('overloaded');
  });

  it('that fails before its first word is an ordinary error', async () => {
    const farm = createScriptedFarm();
    farm.script = async function* (asked) {
      yield accepted(asked);
      yield failed(asked, 'no_spoke');
    };
    const { client } = await clientOf(farm);
    const broken = client.messages.stream(HELLO).finalMessage();
    await expect(broken).rejects.toMatchObject({ status: 503 });
  });
});
