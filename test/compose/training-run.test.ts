import { expect, it } from 'vitest';
import { createTrainingRun } from '../../src/compose/training-run.ts';
import type { TrainingJobBody } from '../../src/core/training-job.ts';
import { newSpecialistRoom } from '../fixtures/specialist-room.ts';
import { temporaryObjects } from '../fixtures/temporary-objects.ts';

it('lets the version of a job serve that a process made and did not live to promote', async () => {
  const { registry, room, leave } = newSpecialistRoom();
  const run = createTrainingRun({
    objects: temporaryObjects(),
    registry,
    room,
    embedder: () => undefined,
    clock: { now: Date.now, elapsed: () => performance.now() },
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
    embedder: () => undefined,
    clock: { now: Date.now, elapsed: () => performance.now() },
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
    embedder: () => undefined,
    clock: { now: Date.now, elapsed: () => performance.now() },
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
