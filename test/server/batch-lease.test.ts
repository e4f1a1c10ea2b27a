import { expect, it, onTestFinished } from 'vitest';
import type { BatchBody } from '../../src/core/batch.ts';
import { textOf } from '../../src/core/chat.ts';
import type { ObjectRow, ObjectStore } from '../../src/core/objects.ts';
import { BatchFarm, chatLine } from './batch-farm.ts';
import { answer, type ScriptedFarm } from './scripted-farm.ts';

const LINES = ['q0', 'q1', 'q2', 'q3'].map((word) => chatLine(`id-${word}`, word));

/** Runs `meanwhile` while the second line is served, as another node would. */
function interfere(farm: ScriptedFarm, meanwhile: () => Promise<void>): string[] {
  const asked: string[] = [];
  farm.script = async function* (call) {
    const word = textOf(call.request.messages[0]?.content ?? []);
    asked.push(word);
    if (word === 'q1') await meanwhile();
    yield* answer(call, ['done']);
  };
  return asked;
}

async function rowOf(objects: ObjectStore, id: string): Promise<ObjectRow & { body: BatchBody }> {
  const row = await objects.doGetObject('batch', id);
  if (row === undefined) throw new Error('no batch');
  return row as ObjectRow & { body: BatchBody };
}

/** Another batch has come to its end, so nothing of the first is on its way any more. */
async function untilSettled(house: BatchFarm): Promise<void> {
  const other = JSON.parse((await house.make([chatLine('a', 'x'), chatLine('b', 'x')])).text).id;
  await house.until(other, 'completed');
}

it('leaves a batch to the node that took it over', async () => {
  const house = await BatchFarm.start({ parts: { isAlone: false }, isRunning: false });
  const { objects } = house.farm;
  const { id } = JSON.parse((await house.make(LINES)).text);
  const lease = { holder: 'other', until: Date.now() + 3_600_000 };
  const asked = interfere(house.farm, async () => {
    const row = await rowOf(objects, id);
    await objects.doPutObject({ ...row, body: { ...row.body, lease } });
  });
  house.resume();
  await expect.poll(() => asked).toContain('q1');
  await untilSettled(house);
  expect(asked.filter((word) => word !== 'x')).toEqual(['q0', 'q1']);
  expect((await rowOf(objects, id)).body).toMatchObject({ status: 'in_progress', lease });
});

it('never opens again what another node has ended', async () => {
  const house = await BatchFarm.start({ parts: { isAlone: false }, isRunning: false });
  const { objects } = house.farm;
  const { id } = JSON.parse((await house.make(LINES)).text);
  const end = { status: 'completed', outputFile: 'file-whole', lease: null } as const;
  const asked = interfere(house.farm, async () => {
    const row = await rowOf(objects, id);
    await objects.doPutObject({ ...row, body: { ...row.body, ...end } });
    await objects.doDropParts('batch', id);
  });
  house.resume();
  await expect.poll(() => asked).toContain('q1');
  await untilSettled(house);
  await house.halt();
  expect(asked.filter((word) => word !== 'x')).toEqual(['q0', 'q1']);
  expect((await rowOf(objects, id)).body).toMatchObject(end);
});

it('keeps its lease however long a line takes', async () => {
  let now = Date.now();
  const sleepers = new Set<() => void>();
  const house = await BatchFarm.start({
    parts: {
      isAlone: false,
      clock: { now: () => now, elapsed: () => 0 },
      // A minute passes when the test says so.
      sleep: (_ms, signal) =>
        new Promise((resolve) => {
          sleepers.add(resolve);
          signal.addEventListener('abort', () => resolve(), { once: true });
        }),
    },
  });
  const release = Promise.withResolvers<void>();
  onTestFinished(() => release.resolve());
  const asked = interfere(house.farm, () => release.promise);
  const { id } = JSON.parse((await house.make(LINES)).text);
  await expect.poll(() => asked).toEqual(['q0', 'q1']);
  for (let minute = 0; minute < 11; minute += 1) {
    const { body } = await rowOf(house.farm.objects, id);
    now += 60_000;
    for (const wake of sleepers) wake();
    sleepers.clear();
    await expect
      .poll(async () => (await rowOf(house.farm.objects, id)).body.lease?.until)
      .toBe((body.lease?.until ?? 0) + 60_000);
  }
  release.resolve();
  await house.until(id, 'completed');
});
