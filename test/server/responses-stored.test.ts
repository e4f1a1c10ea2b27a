import { describe, expect, it } from 'vitest';
import { echoFarm, startResponses } from './response-client.ts';
import { errorOf, send } from './running-server.ts';
import { accepted, CALLER, createScriptedFarm, failed, untilAborted } from './scripted-farm.ts';

const SECOND = { ...CALLER, key: 'b' };

/** Two keys, each with its own header. */
async function startKeys() {
  const farm = echoFarm();
  farm.keys.set('one', CALLER).set('two', SECOND);
  const running = await startResponses(farm);
  const as = (key: string) => ({ authorization: `Bearer ${key}` });
  return { ...running, as };
}

describe('kept responses', () => {
  it('can be retrieved, listed by their input, and deleted', async () => {
    const { client, post } = await startResponses();
    const made = await client.responses.create({
      model: 'auto',
      input: [
        { role: 'user', content: 'one' },
        { role: 'assistant', content: 'two' },
        { id: 'msg_mine', role: 'user', content: 'three', type: 'message' } as never,
      ],
    });
    expect(await client.responses.retrieve(made.id)).toEqual(made);
    const page = await client.responses.inputItems.list(made.id, { limit: 2, order: 'asc' });
    expect(page.data).toMatchObject([
      { role: 'user', content: [{ type: 'input_text', text: 'one' }] },
      { role: 'assistant', content: [{ type: 'output_text', text: 'two' }] },
    ]);
    expect(page).toMatchObject({ has_more: true });
    const all: (string | undefined)[] = [];
    for await (const item of client.responses.inputItems.list(made.id, { limit: 1 }))
      all.push(item.id);
    expect(all).toHaveLength(3);
    expect(all[0]).toBe('msg_mine');
    await client.responses.delete(made.id);
    await expect(client.responses.retrieve(made.id)).rejects.toMatchObject({ status: 404 });
    await expect(client.responses.delete(made.id)).rejects.toMatchObject({ status: 404 });
    await expect(client.responses.inputItems.list(made.id)).rejects.toMatchObject({ status: 404 });
    const after = await post({ previous_response_id: made.id });
    expect([after.status, errorOf(after)]).toMatchObject([
      400,
      { code: 'previous_response_not_found', param: 'previous_response_id' },
    ]);
    expect(errorOf(after).message).toContain(made.id);
  });

  it('list every item once, whatever ids their sender gave them', async () => {
    const { client } = await startResponses();
    const twice = { id: 'msg_same', role: 'user', content: 'x', type: 'message' } as never;
    const made = await client.responses.create({ model: 'auto', input: [twice, twice, twice] });
    const ids: (string | undefined)[] = [];
    for await (const item of client.responses.inputItems.list(made.id, { limit: 1, order: 'asc' }))
      ids.push(item.id);
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(3);
  });

  it('name the response that a conversation lost', async () => {
    const { client, post } = await startResponses();
    const first = await client.responses.create({ model: 'auto', input: 'one' });
    const previous = { previous_response_id: first.id };
    const second = await client.responses.create({ model: 'auto', input: 'two', ...previous });
    await client.responses.delete(first.id);
    const third = await post({ previous_response_id: second.id });
    expect(errorOf(third).code).toBe('previous_response_not_found');
    expect(errorOf(third).message).toContain(first.id);
  });

  it('are seen by their own key alone', async () => {
    const { post, port, as } = await startKeys();
    const made = JSON.parse((await post({}, as('one'))).text) as { id: string; output: object[] };
    const path = `/v1/responses/${made.id}`;
    expect((await send(port, { path, headers: as('one') })).status).toBe(200);
    for (const request of [
      { path },
      { path, method: 'DELETE' },
      { path: `${path}/cancel`, method: 'POST' },
      { path: `${path}/input_items` },
    ]) {
      const foreign = await send(port, { ...request, headers: as('two') });
      const missing = await send(port, {
        ...request,
        path: request.path.replace(made.id, 'resp_none'),
        headers: as('two'),
      });
      expect([foreign.status, missing.status]).toEqual([404, 404]);
      expect(foreign.text.replaceAll(made.id, 'resp_none')).toBe(missing.text);
    }
    const chained = await post({ previous_response_id: made.id }, as('two'));
    expect([chained.status, errorOf(chained).code]).toEqual([400, 'previous_response_not_found']);
    const [item] = made.output as { id: string }[];
    const input = [{ type: 'item_reference', id: item?.id }];
    expect((await post({ input }, as('two'))).status).toBe(400);
    expect((await send(port, { path, headers: as('one') })).status).toBe(200);
  });

  it('are not kept where the request or the farm forbids it', async () => {
    const { client, post } = await startResponses();
    const unstored = await client.responses.create({ model: 'auto', input: 'hi', store: false });
    await expect(client.responses.retrieve(unstored.id)).rejects.toMatchObject({ status: 404 });
    expect(unstored).toMatchObject({ store: false });
    expect(errorOf(await post({ background: true, store: false })).param).toBe('background');

    const farm = createScriptedFarm({ record: { responses: false } });
    const silent = await startResponses(farm);
    const made = await silent.client.responses.create({ model: 'auto', input: 'hi', store: true });
    expect(made).toMatchObject({ store: false, output_text: 'Hello world' });
    await expect(silent.client.responses.retrieve(made.id)).rejects.toMatchObject({ status: 404 });
    const chained = await silent.post({ previous_response_id: made.id });
    expect(errorOf(chained).code).toBe('previous_response_not_found');
    expect(errorOf(chained).message).toContain('record.responses');
    expect(errorOf(await silent.post({ background: true })).param).toBe('background');
  });

  it('are stored before their last byte, and have failed where that is impossible', async () => {
    const farm = createScriptedFarm();
    const { client, post, stream } = await startResponses(farm);
    const events = await stream({});
    const id = String(events.at(-1)?.response?.['id']);
    expect(await client.responses.retrieve(id)).toMatchObject({ status: 'completed' });

    const full = createScriptedFarm(
      {},
      {
        objects: {
          ...farm.objects,
          doPutObject: async () => {
            throw new Error('the secret disk');
          },
        },
      },
    );
    const broken = await startResponses(full);
    const whole = await broken.post({});
    expect([whole.status, errorOf(whole).code]).toEqual([503, 'store_failed']);
    expect(whole.text).not.toContain('secret');
    expect((await post({ store: false })).status).toBe(200);
  });

  it('leave nothing behind when they fail or their caller goes away', async () => {
    const farm = createScriptedFarm();
    farm.script = async function* (call) {
      yield accepted(call);
      yield failed(call, 'no_spoke');
    };
    const { post, client } = await startResponses(farm);
    expect((await post({})).status).toBe(503);
    const gone = Promise.withResolvers<void>();
    farm.script = async function* (call, signal) {
      yield accepted(call);
      yield { type: 'text-delta', choice: 0, text: 'half' };
      await untilAborted(signal);
      gone.resolve();
      yield failed(call, 'cancelled');
    };
    for await (const event of await client.responses.create({
      model: 'auto',
      input: 'hi',
      stream: true,
    }))
      if (event.type === 'response.output_text.delta') break;
    await gone.promise;
    expect(await farm.objects.doListObjects({ kind: 'response', limit: 10 })).toEqual([]);
  });

  it('expire, and live longer while a conversation goes on from them', async () => {
    const { client, farm, post } = await startResponses();
    const made = await client.responses.create({ model: 'auto', input: 'one' });
    const row = await farm.objects.doGetObject('response', made.id);
    if (row === undefined) throw new Error('the response was not stored');
    const days = ((row.expiresAt ?? 0) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(6.9);
    expect(days).toBeLessThanOrEqual(7);
    await farm.objects.doPutObject({ ...row, expiresAt: Date.now() + 60_000 });
    expect((await post({ previous_response_id: made.id })).status).toBe(200);
    const renewed = await farm.objects.doGetObject('response', made.id);
    expect(renewed?.expiresAt).toBeGreaterThan(Date.now() + 6 * 86_400_000);
    await farm.objects.doPutObject({ ...row, expiresAt: Date.now() - 1 });
    await expect(client.responses.retrieve(made.id)).rejects.toMatchObject({ status: 404 });
    const late = await post({ previous_response_id: made.id });
    expect(errorOf(late).code).toBe('previous_response_not_found');
  });
});
