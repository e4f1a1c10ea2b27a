import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createTrainingRun, type RunTraining } from '../../src/compose/training-run.ts';
import type { TrainingJobBody } from '../../src/core/training-job.ts';
import { noAdapters } from '../fixtures/no-adapters.ts';
import { noGeneralists } from '../fixtures/no-generalists.ts';
import { newSpecialistRoom } from '../fixtures/specialist-room.ts';

const noTraffic = {
  doListReceipts: async () => [],
  doGetText: async () => undefined,
  doGetFeedback: async () => [],
};

type Options = Parameters<RunTraining>[1];

/** A run beside the room, and how a job is given to it. */
function newRun(storedBytes = 1_000_000) {
  const made = newSpecialistRoom();
  const { objects, registry, room } = made;
  const run = createTrainingRun({
    ...{ objects, registry, room },
    traffic: noTraffic,
    adapters: noAdapters,
    embedder: () => undefined,
    generalists: noGeneralists,
    clock: { now: Date.now, elapsed: () => performance.now() },
    watts: () => 15,
    storedBytesPerKey: () => storedBytes,
  });
  const nothing = async () => undefined;
  const train = (id: string, order: object, options: Partial<Options> = {}) => {
    const body = { order: { kind: 'intents', promote: false, ...order } } as TrainingJobBody;
    const row = { kind: 'fine_tuning_job', id, key: 'loopback', createdAt: 1, body } as const;
    const { signal } = new AbortController();
    return run(row, { signal, requireOwn: nothing, say: nothing, ...options });
  };
  return { ...made, train };
}

it('lets the version of a job serve that a process made and did not live to promote', async () => {
  const { room, leave, train } = newRun();
  const { body } = await leave();
  expect((await room.lineage('pets')).live).toBeNull();
  const told: string[] = [];
  const say: Options['say'] = async ({ message }) => void told.push(message);
  const again = () => train(body.manifest.job, { name: 'pets' }, { say });
  expect(await again()).toEqual({ result: 'pets@1', rows: 4 });
  expect((await room.lineage('pets')).live).toBe(1);
  expect(told).toEqual(['pets@1 is live: it is the first of its name, nothing is replaced']);
  // Killed once more, before the job's end was stored.
  expect(await again()).toEqual({ result: 'pets@1', rows: 4 });
  expect((await room.lineage('pets')).versions).toHaveLength(1);
});

it('makes nothing for a key that has no room left', async () => {
  const { leave, train } = newRun(33);
  await leave();
  await expect(train('ftjob-b', { name: 'birds' })).rejects.toMatchObject({ code: 'storage_full' });
});

it('lets no version of a job serve that somebody cancelled meanwhile', async () => {
  const { room, leave, train } = newRun();
  const { body } = await leave();
  const requireOwn = () => Promise.reject(new Error('cancelled elsewhere'));
  const order = { name: 'pets', promote: true };
  await expect(train(body.manifest.job, order, { requireOwn })).rejects.toThrow(
    'cancelled elsewhere',
  );
  expect((await room.lineage('pets')).live).toBeNull();
});

it('counts the versions that were compared with the live one before', async () => {
  const { room, train } = newRun(100_000_000);
  const folder = mkdtempSync(join(tmpdir(), 'cadre-rows-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'rows.csv');
  const lines = Array.from({ length: 60 }, (_, at) => {
    const label = at % 2 === 0 ? 'cat' : 'dog';
    return `my ${label} number ${at} sleeps on chair ${at * 7},${label}`;
  });
  writeFileSync(path, ['text,label', ...lines].join('\n'));
  const order = { name: 'pets', data: { kind: 'path', path }, test: null, target: null };
  for (let seed = 1; seed <= 3; seed += 1) await train(`ftjob-${seed}`, { ...order, seed });
  const { live, versions } = await room.lineage('pets');
  expect(live).toBe(1);
  expect(versions.map((one) => one.manifest.report.comparison?.attempt)).toEqual([2, 1, undefined]);
}, 180_000);
