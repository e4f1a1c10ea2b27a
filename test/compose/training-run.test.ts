import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createTrainingRun } from '../../src/compose/training-run.ts';
import type { TrainingJobBody } from '../../src/core/training-job.ts';
import { noAdapters } from '../fixtures/no-adapters.ts';
import { noGeneralists } from '../fixtures/no-generalists.ts';
import { newSpecialistRoom } from '../fixtures/specialist-room.ts';
import { temporaryObjects } from '../fixtures/temporary-objects.ts';

const noTraffic = {
  doListReceipts: async () => [],
  doGetText: async () => undefined,
  doGetFeedback: async () => [],
};

it('lets the version of a job serve that a process made and did not live to promote', async () => {
  const { registry, room, leave } = newSpecialistRoom();
  const run = createTrainingRun({
    objects: temporaryObjects(),
    registry,
    room,
    traffic: noTraffic,
    adapters: noAdapters,
    embedder: () => undefined,
    generalists: noGeneralists,
    clock: { now: Date.now, elapsed: () => performance.now() },
    watts: () => 15,
    storedBytesPerKey: () => 1_000_000,
  });
  const { body } = await leave();
  expect((await room.lineage('pets')).live).toBeNull();
  const order = { name: 'pets', kind: 'intents', promote: false };
  const job = { ...({ kind: 'fine_tuning_job', id: body.manifest.job, key: 'loopback' } as const) };
  const row = { ...job, createdAt: 1, body: { order } as unknown as TrainingJobBody };
  const told: string[] = [];
  const say = async ({ message }: { readonly message: string }) => void told.push(message);
  const requireOwn = async () => undefined;
  const options = { signal: new AbortController().signal, requireOwn, say };
  expect(await run(row, options)).toEqual({ result: 'pets@1', rows: 4 });
  expect((await room.lineage('pets')).live).toBe(1);
  expect(told).toEqual(['pets@1 is live: it is the first of its name, nothing is replaced']);
  // Killed once more, before the job's end was stored.
  expect(await run(row, options)).toEqual({ result: 'pets@1', rows: 4 });
  expect((await room.lineage('pets')).versions).toHaveLength(1);
});

it('makes nothing for a key that has no room left', async () => {
  const { objects, registry, room, leave } = newSpecialistRoom();
  await leave();
  const run = createTrainingRun({
    objects,
    registry,
    room,
    traffic: noTraffic,
    adapters: noAdapters,
    embedder: () => undefined,
    generalists: noGeneralists,
    clock: { now: Date.now, elapsed: () => performance.now() },
    watts: () => 15,
    storedBytesPerKey: () => 33,
  });
  const order = { name: 'birds', kind: 'intents', promote: false };
  const job = { ...({ kind: 'fine_tuning_job', id: 'ftjob-b', key: 'loopback' } as const) };
  const row = { ...job, createdAt: 1, body: { order } as unknown as TrainingJobBody };
  const say = async () => undefined;
  const options = { signal: new AbortController().signal, requireOwn: say, say };
  const made = run(row, options);
  await expect(made).rejects.toMatchObject({ code: 'storage_full' });
});

it('lets no version of a job serve that somebody cancelled meanwhile', async () => {
  const { objects, registry, room, leave } = newSpecialistRoom();
  const run = createTrainingRun({
    objects,
    registry,
    room,
    traffic: noTraffic,
    adapters: noAdapters,
    embedder: () => undefined,
    generalists: noGeneralists,
    clock: { now: Date.now, elapsed: () => performance.now() },
    watts: () => 15,
    storedBytesPerKey: () => 1_000_000,
  });
  const { body } = await leave();
  const order = { name: 'pets', kind: 'intents', promote: true };
  const job = { ...({ kind: 'fine_tuning_job', id: body.manifest.job, key: 'loopback' } as const) };
  const row = { ...job, createdAt: 1, body: { order } as unknown as TrainingJobBody };
  const options = {
    signal: new AbortController().signal,
    requireOwn: () => Promise.reject(new Error('cancelled elsewhere')),
    say: async () => undefined,
  };
  await expect(run(row, options)).rejects.toThrow('cancelled elsewhere');
  expect((await room.lineage('pets')).live).toBeNull();
});

it('counts the versions that were compared with the live one before', async () => {
  const { objects, registry, room } = newSpecialistRoom();
  const run = createTrainingRun({
    objects,
    registry,
    room,
    traffic: noTraffic,
    adapters: noAdapters,
    embedder: () => undefined,
    generalists: noGeneralists,
    clock: { now: Date.now, elapsed: () => performance.now() },
    watts: () => 15,
    storedBytesPerKey: () => 100_000_000,
  });
  const folder = mkdtempSync(join(tmpdir(), 'cadre-rows-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'rows.csv');
  const lines = Array.from({ length: 60 }, (_, at) => {
    const label = at % 2 === 0 ? 'cat' : 'dog';
    return `my ${label} number ${at} sleeps on chair ${at * 7},${label}`;
  });
  writeFileSync(path, ['text,label', ...lines].join('\n'));
  const data = { kind: 'path', path };
  const train = (seed: number) => {
    const order = { name: 'pets', kind: 'intents', data, test: null, target: null, seed };
    const body = { order: { ...order, promote: false } } as unknown as TrainingJobBody;
    const job = { kind: 'fine_tuning_job', id: `ftjob-${seed}`, key: 'loopback' } as const;
    const nothing = async () => undefined;
    const signal = new AbortController().signal;
    return run({ ...job, createdAt: 1, body }, { signal, requireOwn: nothing, say: nothing });
  };
  for (let seed = 1; seed <= 3; seed += 1) await train(seed);
  const { live, versions } = await room.lineage('pets');
  expect(live).toBe(1);
  expect(versions.map((one) => one.manifest.report.comparison?.attempt)).toEqual([2, 1, undefined]);
}, 60_000);
