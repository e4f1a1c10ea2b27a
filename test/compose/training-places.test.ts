import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { RunTraining } from '../../src/compose/training-run.ts';
import { LOOPBACK } from '../../src/core/call.ts';
import { CadreError } from '../../src/core/errors.ts';
import type { ObjectStore } from '../../src/core/objects.ts';
import type { TrainingJobBody } from '../../src/core/training-job.ts';
import { temporaryObjects } from '../fixtures/temporary-objects.ts';
import { bodyOf, endless, ORDER, queueOf, until } from '../fixtures/training-queues.ts';

describe('a training job', () => {
  it('is left to the node whose files it reads, also when that one is gone for a while', async () => {
    const objects = temporaryObjects();
    const upload = { ...ORDER, name: 'birds', data: { kind: 'upload', file: 'file-a' } } as const;
    const first = queueOf(objects, endless, { isAlone: false });
    const [own, anyones] = [
      await first.create(ORDER, LOOPBACK, {}),
      await first.create(upload, LOOPBACK, {}),
    ];
    await first.close();
    const made: string[] = [];
    const run: RunTraining = async (row) => {
      made.push(row.id);
      return { result: 'x@1', rows: 4 };
    };
    const other = queueOf(objects, run, { isAlone: false, holder: 'two', home: 'home-two' });
    other.start();
    await until(objects, anyones.id, ({ status }) => status === 'succeeded');
    // Longer than a look takes.
    await sleep(100);
    expect(made).toEqual([anyones.id]);
    expect(await bodyOf(objects, own.id)).toMatchObject({ status: 'queued' });
    queueOf(objects, run, { isAlone: false, holder: 'three' }).start();
    await until(objects, own.id, ({ status }) => status === 'succeeded');
  });

  it('tells who follows it that it waits for the disk, once, and goes on when there is room', async () => {
    const objects = temporaryObjects();
    let isFull = true;
    const log: string[] = [];
    const doChangeObject: ObjectStore['doChangeObject'] = (...given) => {
      if (isFull && (given[0].body as TrainingJobBody).status === 'running')
        return Promise.reject(new CadreError('disk_full', 'no space is left to write state.db'));
      return objects.doChangeObject(...given);
    };
    const queue = queueOf(
      Object.assign(Object.create(objects) as ObjectStore, { doChangeObject }),
      async () => ({ result: 'pets@1', rows: 4 }),
      { log: (line) => log.push(line) },
    );
    const { id } = await queue.create(ORDER, LOOPBACK, {});
    const told: string[] = [];
    for await (const { message } of queue.follow(id, AbortSignal.timeout(10_000))) {
      told.push(message);
      if (!message.includes('no space')) continue;
      // Some looks more, each of which fails as this one did.
      await sleep(200);
      isFull = false;
    }
    expect(told.filter((words) => words.includes('no space is left to write state.db'))).toEqual([
      expect.stringContaining('the job is kept, and goes on'),
    ]);
    expect(told.at(-1)).toContain('completed');
    expect(log).toEqual(['training jobs: no space is left to write state.db']);
  });
});
