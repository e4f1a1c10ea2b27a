import { describe, expect, it } from 'vitest';
import { textOf } from '../../src/core/chat.ts';
import { BatchFarm, chatLine } from './batch-farm.ts';
import { errorOf, send } from './running-server.ts';
import { answer, CALLER, failed } from './scripted-farm.ts';
import { uploaded } from './upload.ts';

const lines = (count: number) =>
  Array.from({ length: count }, (_, index) => chatLine(`line-${index}`, `question ${index}`));
const contentOf = (call: { request: { messages: readonly { content: readonly never[] }[] } }) =>
  textOf(call.request.messages[0]?.content ?? []);

describe('/v1/batches', () => {
  it('runs every line through the pipeline and puts the answers into a file', async () => {
    const house = await BatchFarm.start();
    const made = await house.make(lines(3), { metadata: { night: 'shift' } });
    expect(made.status).toBe(200);
    const waiting = JSON.parse(made.text);
    expect(waiting).toMatchObject({
      object: 'batch',
      endpoint: '/v1/chat/completions',
      status: 'validating',
      output_file_id: null,
      error_file_id: null,
      errors: null,
      metadata: { night: 'shift' },
      request_counts: { total: 0, completed: 0, failed: 0 },
    });
    expect(waiting.id).toMatch(/^batch_[a-z2-7]{24}$/);
    expect(waiting.expires_at - waiting.created_at).toBe(86_400);
    const done = await house.until(waiting.id, 'completed');
    expect(done).toMatchObject({
      request_counts: { total: 3, completed: 3, failed: 0 },
      error_file_id: null,
    });
    for (const time of ['in_progress_at', 'finalizing_at', 'completed_at'])
      expect(done[time], time).toEqual(expect.any(Number));
    const results = await house.lines(done['output_file_id']);
    expect(results.map((one) => one.custom_id)).toEqual(['line-0', 'line-1', 'line-2']);
    expect(results[0]).toMatchObject({
      error: null,
      response: {
        status_code: 200,
        body: { object: 'chat.completion', choices: [{ message: { content: 'Hello world' } }] },
      },
    });
    // The receipt's id is the request's, and it names the batch.
    expect(house.farm.calls.map((call) => call.parent)).toEqual(Array(3).fill(waiting.id));
    expect(house.farm.calls[0]?.id).toBe(results[0]?.response?.request_id);
    expect(await house.get(`/v1/files/${done['output_file_id']}`)).toMatchObject({
      purpose: 'batch_output',
    });
    expect(await house.farm.objects.doListPlaces('batch', waiting.id)).toEqual([]);
  });

  it('makes lines that are wrong lines of the error file, and runs the others', async () => {
    const house = await BatchFarm.start();
    const made = await house.make([
      chatLine('good', 'hello'),
      '{"custom_id": "cut", "method"',
      JSON.stringify({ method: 'POST', url: '/v1/chat/completions', body: {} }),
      JSON.stringify({ custom_id: 'get', method: 'GET', url: '/v1/chat/completions', body: {} }),
      JSON.stringify({ custom_id: 'elsewhere', method: 'POST', url: '/v1/embeddings', body: {} }),
      JSON.stringify({
        custom_id: 'bodiless',
        method: 'POST',
        url: '/v1/chat/completions',
        body: 1,
      }),
      chatLine('no-model', 'hello', { model: 'nobody' }),
      chatLine('streamed', 'hello', { stream: true }),
      chatLine('too-hot', 'hello', { temperature: 9 }),
      `{"custom_id":"long","x":"${'y'.repeat(100_001)}"}`,
      '   ',
    ]);
    const done = await house.until(JSON.parse(made.text).id, 'completed');
    expect(done['request_counts']).toEqual({ total: 10, completed: 1, failed: 9 });
    expect((await house.lines(done['output_file_id'])).map((one) => one.custom_id)).toEqual([
      'good',
    ]);
    const errors = await house.lines(done['error_file_id']);
    expect(
      errors.map((one) => [one.custom_id, one.error?.code ?? one.response?.status_code]),
    ).toEqual([
      [null, 'invalid_json_line'],
      [null, 'invalid_custom_id'],
      ['get', 'invalid_method'],
      ['elsewhere', 'mismatched_url'],
      ['bodiless', 'invalid_body'],
      ['no-model', 404],
      ['streamed', 400],
      ['too-hot', 400],
      [null, 'line_too_long'],
    ]);
    expect(errors[0]?.error).toEqual({
      code: 'invalid_json_line',
      message: 'the body is not valid JSON (it ends too early)',
      line: 2,
    });
    expect(errors[5]?.response?.body).toMatchObject({ error: { code: 'model_not_found' } });
  });

  it.each([
    [
      'one custom_id twice',
      [chatLine('a', 'x'), chatLine('b', 'x'), chatLine('a', 'y')],
      [{ code: 'duplicate_custom_id', line: 3 }],
    ],
    ['nothing in it', ['', '  '], [{ code: 'empty_file', line: null }]],
    [
      'no line that could be run',
      ['no JSON', `{"x":"${'y'.repeat(100_001)}"}`],
      [
        { code: 'invalid_json_line', line: 1 },
        { code: 'line_too_long', line: 2 },
      ],
    ],
  ])('fails for %s, and says where', async (_what, given, data) => {
    const house = await BatchFarm.start();
    const made = await house.make(given);
    const batch = await house.until(JSON.parse(made.text).id, 'failed');
    expect(batch['failed_at']).toEqual(expect.any(Number));
    expect(batch['errors']).toMatchObject({
      object: 'list',
      data,
    });
    expect(house.farm.calls).toEqual([]);
  });

  it('serves embeddings, orders of documents, responses and the older completions too', async () => {
    const house = await BatchFarm.start();
    const line = (url: string, body: object) =>
      JSON.stringify({ custom_id: 'a', method: 'POST', url, body });
    for (const [url, body, object] of [
      ['/v1/embeddings', { model: 'bge-small', input: ['x', 'y'] }, 'list'],
      ['/v1/rerank', { model: 'auto', query: 'x', documents: ['a', 'x y'], top_n: 1 }, 'list'],
      ['/v1/completions', { model: 'small', prompt: 'x' }, 'text_completion'],
      ['/v1/responses', { model: 'small', input: 'x' }, 'response'],
    ] as const) {
      const made = await house.make([line(url, body)], { endpoint: url });
      const done = await house.until(JSON.parse(made.text).id, 'completed');
      const [result] = await house.lines(done['output_file_id']);
      expect(result?.response?.body['object']).toBe(object);
    }
  });

  it('tries again what may pass, and says at last what did not', async () => {
    const house = await BatchFarm.start({ hurries: true });
    let asked = 0;
    house.farm.script = async function* (call) {
      asked += 1;
      const isHopeless = contentOf(call as never) === 'never';
      if (isHopeless || asked < 3) yield failed(call, 'no_spoke');
      else yield* answer(call, ['at last']);
    };
    const made = await house.make([chatLine('later', 'soon'), chatLine('never', 'never')]);
    const done = await house.until(JSON.parse(made.text).id, 'completed');
    expect((await house.lines(done['output_file_id']))[0]?.custom_id).toBe('later');
    expect((await house.lines(done['error_file_id']))[0]?.response?.status_code).toBe(503);
    expect(asked).toBe(6);
  });

  it('lists the key’s batches page by page', async () => {
    const house = await BatchFarm.start({ isRunning: false });
    const ids: string[] = [];
    for (let index = 0; index < 3; index += 1)
      ids.push(JSON.parse((await house.make(lines(1))).text).id);
    const first = await house.get('/v1/batches?limit=2');
    expect(first).toMatchObject({ object: 'list', has_more: true });
    const second = await house.get(`/v1/batches?limit=2&after=${first['last_id']}`);
    const all = [first, second].flatMap((page) => page['data'] as { id: string }[]);
    expect(new Set(all.map((batch) => batch.id))).toEqual(new Set(ids));
    expect(second['has_more']).toBe(false);
    for (const query of ['limit=0', 'limit=101', 'after=batch_none'])
      expect((await send(house.port, { path: `/v1/batches?${query}` })).status).toBe(400);
  });

  it('keeps the batches, files and answers of one key from another', async () => {
    const house = await BatchFarm.start({ isRunning: false });
    house.farm.keys.set('sk-a', CALLER);
    house.farm.keys.set('sk-b', { ...CALLER, key: 'b', principals: ['public', 'operator'] });
    const [mine, theirs] = ['sk-a', 'sk-b'].map((key) => ({ authorization: `Bearer ${key}` }));
    const made = JSON.parse((await house.make(lines(1), {}, mine)).text);
    for (const [method, path] of [
      ['GET', `/v1/batches/${made.id}`],
      ['POST', `/v1/batches/${made.id}/cancel`],
    ] as const) {
      const refused = await send(house.port, { path, method, headers: theirs ?? {} });
      expect([path, refused.status]).toEqual([path, 404]);
    }
    const stolen = await house.create({ input_file_id: made.input_file_id }, theirs);
    expect([stolen.status, errorOf(stolen).param]).toEqual([404, 'input_file_id']);
    const list = await send(house.port, { path: '/v1/batches', headers: theirs ?? {} });
    expect(JSON.parse(list.text).data).toEqual([]);
  });

  it.each([
    [{ input_file_id: 'file-none' }, 404, 'input_file_id'],
    [{ input_file_id: 7 }, 400, 'input_file_id'],
    [{ endpoint: '/v1/images' }, 400, 'endpoint'],
    [{ completion_window: 'soon' }, 400, 'completion_window'],
    [{ completion_window: '31d' }, 400, 'completion_window'],
    [{ metadata: { deep: {} } }, 400, 'metadata.deep'],
    [
      { output_expires_after: { anchor: 'never', seconds: 3600 } },
      400,
      'output_expires_after.anchor',
    ],
    [
      { output_expires_after: { anchor: 'created_at', seconds: 1 } },
      400,
      'output_expires_after.seconds',
    ],
  ])('refuses %o', async (change, status, param) => {
    const house = await BatchFarm.start({ isRunning: false });
    const file = await uploaded(house.port, chatLine('a', 'x'), 'batch');
    const refused = await house.create({ input_file_id: file, ...change });
    expect([refused.status, errorOf(refused).param]).toEqual([status, param]);
  });

  it('refuses a file for something else, and a label that is none', async () => {
    const house = await BatchFarm.start({ isRunning: false });
    const notes = await uploaded(house.port, 'notes');
    expect(errorOf(await house.create({ input_file_id: notes })).param).toBe('input_file_id');
    const file = await uploaded(house.port, chatLine('a', 'x'), 'batch');
    const refused = await house.create({ input_file_id: file }, { 'x-cadre-label': 'so-so' });
    expect([refused.status, errorOf(refused).param]).toEqual([400, 'x-cadre-label']);
  });

  it('gives every line the label of the batch and the rights of its key', async () => {
    const house = await BatchFarm.start();
    house.farm.keys.set('sk-a', { ...CALLER, budgetDaily: 1 });
    const headers = { authorization: 'Bearer sk-a', 'x-cadre-label': 'personal' };
    await house.make(lines(2), {}, headers);
    await expect.poll(() => house.farm.calls.length).toBe(2);
    for (const call of house.farm.calls)
      expect(call).toMatchObject({
        labelDeclared: 'personal',
        caller: { key: 'a', budgetDaily: 1 },
      });
  });
});
