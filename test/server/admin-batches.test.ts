import { expect, it } from 'vitest';
import { BatchFarm, chatLine } from './batch-farm.ts';
import { errorOf, send } from './running-server.ts';
import { CALLER } from './scripted-farm.ts';

const ALL = '/cadre/v1/batches';

it('shows the operator how every batch stands, a key its own, and nobody the words', async () => {
  const house = await BatchFarm.start({ isRunning: false });
  for (const [secret, key] of [
    ['sk-a', 'a'],
    ['sk-b', 'b'],
  ] as const)
    house.farm.keys.set(secret, { ...CALLER, key });
  house.farm.keys.set('sk-op', { ...CALLER, key: 'op', principals: ['public', 'operator'] });
  const as = (secret: string) => ({ authorization: `Bearer ${secret}` });
  const lines = [chatLine('one', 'hello')];
  const { id } = JSON.parse(
    (await house.make(lines, { metadata: { a: 'word' } }, as('sk-a'))).text,
  );
  const read = async (path: string, secret: string) => {
    const answer = await send(house.port, { path, headers: as(secret) });
    return { status: answer.status, body: JSON.parse(answer.text) };
  };
  expect((await read(ALL, 'sk-op')).body).toMatchObject({
    batches: [{ id, key: 'a', status: 'validating', metadata: null }],
  });
  expect((await read(ALL, 'sk-a')).body.batches).toHaveLength(1);
  expect((await read(ALL, 'sk-b')).body.batches).toEqual([]);
  expect((await read(`${ALL}/${id}`, 'sk-op')).body.batch.id).toBe(id);
  expect((await read(`${ALL}/${id}`, 'sk-b')).status).toBe(404);
  const cancel = (secret: string) =>
    send(house.port, { path: `${ALL}/${id}/cancel`, body: '{}', headers: as(secret) });
  expect(errorOf(await cancel('sk-a')).code).toBe('forbidden');
  expect(JSON.parse((await cancel('sk-op')).text).batch.status).toBe('cancelling');
});

it('names what made a batch fail without the words of its owner', async () => {
  const house = await BatchFarm.start();
  const { id } = JSON.parse(
    (await house.make([chatLine('walrus', 'x'), chatLine('walrus', 'x')])).text,
  );
  expect((await house.until(id, 'failed'))['errors']).toMatchObject({
    data: [{ message: expect.stringContaining('walrus') }],
  });
  const { text } = await send(house.port, { path: `${ALL}/${id}` });
  expect(JSON.parse(text).batch.errors.data).toEqual([
    { code: 'duplicate_custom_id', message: 'duplicate custom id in line 2', line: 2, param: null },
  ]);
});
