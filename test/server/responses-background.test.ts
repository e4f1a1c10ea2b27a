import { describe, expect, it } from 'vitest';
import type { CadreEvent } from '../../src/core/events.ts';
import type { Farm } from '../../src/core/farm.ts';
import { eventually, readEvents, startResponses } from './response-client.ts';
import { errorOf, send, startServer } from './running-server.ts';
import { accepted, createScriptedFarm, ended, failed, untilAborted } from './scripted-farm.ts';

const BACKGROUND = { model: 'auto', input: 'hi', background: true } as const;

/** A farm whose answer waits in its middle until the test lets it go on, or aborts it. */
function slowFarm(changes: Partial<Farm> = {}) {
  const farm = createScriptedFarm({}, changes);
  const gate = Promise.withResolvers<void>();
  farm.script = async function* (call, signal): AsyncGenerator<CadreEvent> {
    yield accepted(call);
    yield { type: 'text-delta', choice: 0, text: 'slow' };
    await Promise.race([gate.promise, untilAborted(signal)]);
    if (signal.aborted) {
      yield failed(call, 'cancelled');
      return;
    }
    yield { type: 'text-delta', choice: 0, text: ' but done' };
    yield { type: 'choice-ended', choice: 0, finishReason: 'stop' };
    yield ended(call);
  };
  return { farm, letGo: gate.resolve };
}

async function startSlow(changes: Partial<Farm> = {}) {
  const { farm, letGo } = slowFarm(changes);
  const running = await startResponses(farm);
  const statusOf = async (id: string) => (await running.client.responses.retrieve(id)).status;
  const until = (id: string, status: string) =>
    eventually(async () => expect(await statusOf(id)).toBe(status));
  return { ...running, letGo, statusOf, until };
}

describe('responses in the background', () => {
  it('are answered at once as queued, run on their own, and can be polled', async () => {
    const { client, letGo, until, farm } = await startSlow();
    const made = await client.responses.create(BACKGROUND);
    expect(made).toMatchObject({ status: 'queued', background: true, output: [] });
    await until(made.id, 'in_progress');
    letGo();
    await until(made.id, 'completed');
    const done = await client.responses.retrieve(made.id);
    expect(done).toMatchObject({ output_text: 'slow but done', usage: { total_tokens: 5 } });
    expect(done).toMatchObject({ cadre: { receipt: farm.calls[0]?.id } });
    const next = await client.responses.create({
      model: 'auto',
      input: 'more',
      previous_response_id: made.id,
    });
    expect(next.status).toBe('completed');
  });

  it('cannot be gone on from before they are done', async () => {
    const { client, post, letGo, until } = await startSlow();
    const made = await client.responses.create(BACKGROUND);
    const early = await post({ previous_response_id: made.id });
    expect([early.status, errorOf(early).code]).toEqual([400, 'previous_response_not_found']);
    expect(errorOf(early).message).toContain('is not done');
    letGo();
    await until(made.id, 'completed');
  });

  it('can be cancelled once, which stops the work; what is over stays as it is', async () => {
    const { client, farm, letGo, until, post } = await startSlow();
    const made = await client.responses.create(BACKGROUND);
    await until(made.id, 'in_progress');
    const cancelled = await client.responses.cancel(made.id);
    expect(cancelled).toMatchObject({ status: 'cancelled', error: null });
    expect(await client.responses.retrieve(made.id)).toMatchObject({ status: 'cancelled' });
    expect(await client.responses.cancel(made.id)).toMatchObject({ status: 'cancelled' });
    letGo();
    const finished = await client.responses.create(BACKGROUND);
    await until(finished.id, 'completed');
    expect(await client.responses.cancel(finished.id)).toMatchObject({ status: 'completed' });
    const direct = JSON.parse((await post({})).text) as { id: string };
    await expect(client.responses.cancel(direct.id)).rejects.toMatchObject({ status: 400 });
    await expect(client.responses.cancel('resp_none')).rejects.toMatchObject({ status: 404 });
    expect(farm.calls).toHaveLength(3);
  });

  it('are stopped and gone when they are deleted', async () => {
    const { client, until, farm } = await startSlow();
    let id = '';
    for await (const event of await client.responses.create({ ...BACKGROUND, stream: true })) {
      if (event.type === 'response.created') ({ id } = event.response);
      if (event.type === 'response.in_progress') break;
    }
    await until(id, 'in_progress');
    await client.responses.delete(id);
    await expect(client.responses.retrieve(id)).rejects.toMatchObject({ status: 404 });
    expect(await farm.objects.doListObjects({ kind: 'response', limit: 10 })).toEqual([]);
  });

  it('end as failed with the reason', async () => {
    const { client, farm, until } = await startSlow();
    for (const code of ['no_spoke', 'internal'] as const) {
      farm.script = async function* (call) {
        yield accepted(call);
        yield failed(call, code);
      };
      const made = await client.responses.create(BACKGROUND);
      await until(made.id, 'failed');
      const { error } = await client.responses.retrieve(made.id);
      expect(error?.code).toBe('server_error');
      expect(error?.message.includes('secret')).toBe(code === 'no_spoke');
    }
    farm.script = async function* (call) {
      yield accepted(call);
      throw new Error('the secret stack');
    };
    const made = await client.responses.create(BACKGROUND);
    await until(made.id, 'failed');
    expect(JSON.stringify(await client.responses.retrieve(made.id))).not.toContain('secret');
  });

  it('end as failed when the farm stops before they are done', async () => {
    const { client, server, farm, until } = await startSlow();
    const made = await client.responses.create(BACKGROUND);
    await until(made.id, 'in_progress');
    await server.close({ drainSeconds: 0 });
    const row = await farm.objects.doGetObject('response', made.id);
    expect(row?.body['response']).toMatchObject({ status: 'failed' });
  });

  it('are found to have failed when the process that ran them is gone', async () => {
    const { client, farm, until, letGo } = await startSlow();
    const made = await client.responses.create(BACKGROUND);
    await until(made.id, 'in_progress');
    // Another server over the same store, as after a restart.
    const { port } = await startServer(createScriptedFarm({}, { objects: farm.objects }));
    const path = `/v1/responses/${made.id}`;
    const found = JSON.parse((await send(port, { path })).text);
    expect(found).toMatchObject({ status: 'failed', error: { code: 'server_error' } });
    // The old process, should it still be there, does not overwrite what was told.
    letGo();
    await eventually(async () => expect(await client.responses.cancel(made.id)).toBeDefined());
    expect(JSON.parse((await send(port, { path })).text)).toEqual(found);
  });

  it('may run on another node that shares the store, until their deadline', async () => {
    const shared = { store: { postgresEnv: 'DATABASE_URL' } };
    const first = slowFarm();
    const one = await startResponses(first.farm);
    const made = await one.client.responses.create(BACKGROUND);
    await eventually(async () =>
      expect((await one.client.responses.retrieve(made.id)).status).toBe('in_progress'),
    );
    const farm = createScriptedFarm(shared, { objects: first.farm.objects });
    const two = await startResponses(farm);
    expect(await two.client.responses.retrieve(made.id)).toMatchObject({ status: 'in_progress' });
    expect(await two.client.responses.cancel(made.id)).toMatchObject({ status: 'cancelled' });
    first.letGo();
    await eventually(async () => expect(await one.client.responses.cancel(made.id)).toBeDefined());
    expect(await two.client.responses.retrieve(made.id)).toMatchObject({ status: 'cancelled' });
  });

  it('are streamed to readers who leave and come back', async () => {
    const { client, port, letGo } = await startSlow();
    const stream = await client.responses.create({ ...BACKGROUND, stream: true });
    const seen: string[] = [];
    let id = '';
    let last = -1;
    for await (const event of stream) {
      seen.push(event.type);
      last = event.sequence_number;
      if (event.type === 'response.created') ({ id } = event.response);
      if (event.type === 'response.output_text.delta') break;
    }
    expect(seen.slice(0, 3)).toEqual([
      'response.created',
      'response.queued',
      'response.in_progress',
    ]);
    letGo();
    const path = `/v1/responses/${id}?stream=true`;
    const rest = readEvents((await send(port, { path: `${path}&starting_after=${last}` })).text);
    expect(rest[0]?.sequence_number).toBe(last + 1);
    expect(rest.at(-1)?.type).toBe('response.completed');
    const again = readEvents((await send(port, { path })).text);
    expect(again.map((event) => event.sequence_number)).toEqual(again.map((_, index) => index));
    expect(again.slice(-rest.length)).toEqual(rest);
    const final = await client.responses.stream({ response_id: id }).finalResponse();
    expect(final.output_text).toBe('slow but done');
  });

  it('are not streamed again where they never were', async () => {
    const { client, port, letGo, until } = await startSlow();
    const made = await client.responses.create(BACKGROUND);
    const answer = await send(port, { path: `/v1/responses/${made.id}?stream=true` });
    expect([answer.status, errorOf(answer).param]).toEqual([400, 'stream']);
    letGo();
    await until(made.id, 'completed');
  });

  it('take a place among the running requests, and are refused where there is none', async () => {
    const config = { limits: { concurrentRequests: 1 } };
    const { farm, letGo } = slowFarm();
    const full = createScriptedFarm(config, { objects: farm.objects, ask: farm.ask });
    const { client, post } = await startResponses(full);
    const made = await client.responses.create(BACKGROUND);
    const second = await post({ background: true });
    expect([second.status, errorOf(second).code]).toEqual([503, 'overloaded']);
    expect(await farm.objects.doListObjects({ kind: 'response', limit: 10 })).toHaveLength(1);
    letGo();
    await eventually(async () =>
      expect((await client.responses.retrieve(made.id)).status).toBe('completed'),
    );
  });
});
