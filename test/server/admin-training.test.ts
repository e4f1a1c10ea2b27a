import { expect, it } from 'vitest';
import { errorOf, send, startServer } from './running-server.ts';
import { CALLER, createScriptedFarm } from './scripted-farm.ts';

const ALL = '/cadre/v1/training-jobs';

it('shows the operator every training job, a key its own, and lets the operator cancel one', async () => {
  const farm = createScriptedFarm();
  for (const key of ['a', 'b']) farm.keys.set(`sk-${key}`, { ...CALLER, key });
  farm.keys.set('sk-op', { ...CALLER, key: 'op', principals: ['public', 'operator'] });
  const { port } = await startServer(farm);
  const order = {
    kind: 'intents' as const,
    name: 'triage',
    data: { kind: 'path' as const, path: '/rows.csv' },
    test: null,
    target: null,
    seed: 1,
    promote: false,
  };
  const { id } = await farm.trainingJobs.create(order, { ...CALLER, key: 'a' }, {});
  const as = (secret: string) => ({ authorization: `Bearer ${secret}` });
  const list = async (secret: string) => {
    const { text } = await send(port, { path: ALL, headers: as(secret) });
    return (JSON.parse(text) as { jobs: { id: string; key: string }[] }).jobs;
  };
  await expect.poll(() => list('sk-op')).toMatchObject([{ id, key: 'a', status: 'running' }]);
  expect(await list('sk-a')).toMatchObject([
    { name: 'triage', kind: 'intents', last: { message: expect.stringContaining('started') } },
  ]);
  expect(await list('sk-b')).toEqual([]);
  const cancel = (secret: string, job = id) =>
    send(port, { path: `${ALL}/${job}/cancel`, body: '{}', headers: as(secret) });
  expect(errorOf(await cancel('sk-a')).code).toBe('forbidden');
  expect(errorOf(await cancel('sk-op', 'ftjob-nothing')).code).toBe('object_not_found');
  expect(JSON.parse((await cancel('sk-op')).text)).toMatchObject({ job: { status: 'cancelled' } });
  expect(await list('sk-a')).toMatchObject([{ id, status: 'cancelled' }]);
});
