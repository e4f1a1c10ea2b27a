import { describe, expect, it } from 'vitest';
import { echoFarm, say, startResponses } from './response-client.ts';
import { errorOf } from './running-server.ts';
import { accepted, createScriptedFarm, ended, receiptOf } from './scripted-farm.ts';

describe('responses', () => {
  it('answer whole, with what the request said', async () => {
    const { client, farm } = await startResponses();
    const { data, response } = await client.responses
      .create({
        model: 'small',
        instructions: 'Be brief.',
        input: [
          { role: 'developer', content: 'In English.' },
          { role: 'user', content: [{ type: 'input_text', text: 'look' }] },
          { type: 'reasoning', id: 'rs_x', summary: [{ type: 'summary_text', text: 'Hm.' }] },
          { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}' },
          { type: 'function_call_output', call_id: 'c1', output: 'done' },
        ],
        tools: [
          { type: 'function', name: 'f', parameters: { type: 'object' }, strict: true },
          { type: 'function', name: 'g', parameters: null, strict: null },
        ],
        tool_choice: { type: 'function', name: 'f' },
        parallel_tool_calls: false,
        text: { format: { type: 'json_schema', name: 'x', schema: { type: 'object' } } },
        reasoning: { effort: 'low' },
        max_output_tokens: 9,
        temperature: 0.5,
        metadata: { order: '7' },
        user: 'somebody',
      })
      .withResponse();
    expect(data).toMatchObject({
      object: 'response',
      status: 'completed',
      output_text: 'Hello world',
      instructions: 'Be brief.',
      max_output_tokens: 9,
      metadata: { order: '7' },
      parallel_tool_calls: false,
      temperature: 0.5,
      top_p: null,
      error: null,
      incomplete_details: null,
      previous_response_id: null,
    });
    expect(data.id).toMatch(/^resp_[a-z2-7]{24}$/);
    expect(response.headers.get('x-cadre-receipt')?.slice(4)).toBe(data.id.slice(5));
    expect(response.headers.get('x-cadre-spoke')).toBe('small');
    expect(farm.calls[0]?.request).toEqual({
      model: 'small',
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
        { role: 'system', content: [{ type: 'text', text: 'In English.' }] },
        { role: 'user', content: [{ type: 'text', text: 'look' }] },
        {
          role: 'assistant',
          content: [{ type: 'thinking', text: 'Hm.' }],
          toolCalls: [{ id: 'c1', name: 'f', arguments: '{}' }],
        },
        { role: 'tool', toolCallId: 'c1', content: [{ type: 'text', text: 'done' }] },
      ],
      tools: [
        { name: 'f', parameters: { type: 'object' }, extra: { strict: true } },
        { name: 'g', extra: { strict: null } },
      ],
      toolChoice: { name: 'f' },
      parallelToolCalls: false,
      responseFormat: { type: 'json-schema', name: 'x', schema: { type: 'object' } },
      sampling: { temperature: 0.5 },
      maxTokens: 9,
      extra: { user: 'somebody', reasoning_effort: 'low' },
    });
  });

  it('go on from a stored one: its conversation, but not its instructions', async () => {
    const { client, farm } = await startResponses(echoFarm());
    const first = await client.responses.create({
      model: 'auto',
      input: 'one',
      instructions: 'Rhyme.',
    });
    const second = await client.responses.create({
      model: 'auto',
      input: 'two',
      previous_response_id: first.id,
    });
    const third = await client.responses.create({
      model: 'auto',
      input: 'three',
      previous_response_id: second.id,
      instructions: 'Be loud.',
    });
    expect(first.output_text).toBe('2:one');
    expect(second.output_text).toBe('3:two');
    expect(third.output_text).toBe('6:three');
    expect(third.previous_response_id).toBe(second.id);
    expect(farm.calls[2]?.request.messages.map(({ role }) => role)).toEqual([
      'system',
      'user',
      'assistant',
      'user',
      'assistant',
      'user',
    ]);
  });

  it('hand a tool’s output to the call of a stored one, and take references to its items', async () => {
    const farm = createScriptedFarm();
    farm.script = (call) =>
      say(
        call,
        [
          { type: 'thinking-delta', choice: 0, text: 'Hm.', signature: 'sealed' },
          { type: 'tool-call-delta', choice: 0, index: 0, id: 'c1', name: 'f', arguments: '{}' },
        ],
        'tool-calls',
      );
    const { client, post } = await startResponses(farm);
    const first = await client.responses.create({ model: 'auto', input: 'look' });
    const output = { type: 'function_call_output' as const, call_id: 'c1', output: '4' };
    await client.responses.create({
      model: 'auto',
      previous_response_id: first.id,
      input: [output],
    });
    const references = first.output.map(({ id }) => ({ type: 'item_reference', id }));
    const user = { role: 'user', content: 'look' };
    expect((await post({ input: [user, ...references, output] })).status).toBe(200);
    const returned = first.output.map((item) => ({ ...item }));
    expect((await post({ input: [user, ...returned, output] })).status).toBe(200);
    const [, chained, referred, sentBack] = farm.calls.map((call) => call.request.messages);
    expect(referred).toEqual(chained);
    expect(sentBack).toEqual(chained);
    expect(chained?.slice(1)).toEqual([
      {
        role: 'assistant',
        content: [{ type: 'thinking', text: 'Hm.', signature: 'sealed' }],
        toolCalls: [{ id: 'c1', name: 'f', arguments: '{}' }],
      },
      { role: 'tool', toolCallId: 'c1', content: [{ type: 'text', text: '4' }] },
    ]);
    const orphan = await post({ input: [output] });
    expect(errorOf(orphan)).toMatchObject({ code: 'invalid_request', param: 'input' });
    const stranger = await post({ input: [{ type: 'item_reference', id: 'msg_elsewhere' }] });
    expect(errorOf(stranger)).toMatchObject({ param: 'input[0].id' });
  });

  it('have their tokens counted before they are asked, the conversation before them too', async () => {
    const { client, farm } = await startResponses();
    const first = await client.responses.create({ model: 'auto', input: 'one' });
    const counted = await client.responses.inputTokens.count({
      model: 'auto',
      input: 'two',
      previous_response_id: first.id,
    });
    // Ten for each message, by the script.
    expect(counted).toMatchObject({ object: 'response.input_tokens', input_tokens: 30 });
    expect(farm.calls).toHaveLength(1);
  });

  it('answer from the one collection that a file search names', async () => {
    const { post, farm } = await startResponses();
    const search = { type: 'file_search', vector_store_ids: ['law'] };
    expect((await post({ tools: [search] })).status).toBe(200);
    expect(farm.calls[0]).toMatchObject({ collection: 'law' });
    expect(farm.calls[0]?.request).not.toHaveProperty('tools');
    const clash = await post({ tools: [search], cadre: { collection: 'tax' } });
    expect(errorOf(clash).param).toBe('cadre.collection');
  });

  it('leave the beginning of a conversation out where `truncation` is auto', async () => {
    const farm = createScriptedFarm();
    farm.script = async function* (call) {
      yield accepted(call);
      if (call.request.messages.length > 3) {
        const receipt = receiptOf(call.id, call.caller.key);
        const message = 'the prompt is too long';
        yield { type: 'request-failed', code: 'context_length_exceeded', message, receipt };
        return;
      }
      yield { type: 'text-delta', choice: 0, text: 'fits' };
      yield { type: 'choice-ended', choice: 0, finishReason: 'stop' };
      yield ended(call);
    };
    const { post, stream } = await startResponses(farm);
    const input = ['one', 'two', 'three', 'four', 'five', 'six', 'seven'].map((content, index) => ({
      role: index % 2 === 0 ? 'user' : 'assistant',
      content,
    }));
    const refused = await post({ input, instructions: 'Be brief.' });
    expect([refused.status, errorOf(refused).code]).toEqual([400, 'context_length_exceeded']);
    const events = await stream({ input, instructions: 'Be brief.', truncation: 'auto' });
    expect(events.map((event) => event.type).slice(0, 3)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
    ]);
    expect(events.at(-1)?.type).toBe('response.completed');
    expect(farm.calls.at(-1)?.request.messages.map(({ role }) => role)).toEqual(['system', 'user']);
  });
});
