import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textOf } from '../../src/core/chat.ts';
import type { ObjectStore } from '../../src/core/objects.ts';
import { BatchFarm, chatLine } from './batch-farm.ts';
import { answer, failed, untilAborted } from './scripted-farm.ts';

const WORDS = Array.from({ length: 8 }, (_, index) => `q${index}`);

describe('a batch of a farm that stopped', () => {
  it('goes on where it stood, and does nothing twice that was recorded', async () => {
    const house = await BatchFarm.start();
    const asked: string[] = [];
    house.farm.script = async function* (call, signal) {
      const word = textOf(call.request.messages[0]?.content ?? []);
      asked.push(word);
      if (word === 'q3' && asked.length === 4) {
        await untilAborted(signal);
        yield failed(call, 'cancelled');
      } else yield* answer(call, ['done']);
    };
    const { id } = JSON.parse(
      (await house.make(WORDS.map((word) => chatLine(`id-${word}`, word)))).text,
    );
    await expect.poll(() => asked.length).toBe(4);
    await house.halt();
    expect(await house.get(`/v1/batches/${id}`)).toMatchObject({
      status: 'in_progress',
      request_counts: { total: 8, completed: 3, failed: 0 },
    });
    house.resume();
    const done = await house.until(id, 'completed');
    expect(asked).toEqual(['q0', 'q1', 'q2', 'q3', 'q3', 'q4', 'q5', 'q6', 'q7']);
    expect((await house.lines(done['output_file_id'])).map((one) => one.custom_id)).toEqual(
      WORDS.map((word) => `id-${word}`),
    );
  });

  it('ends with one line per custom_id wherever the store fails', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 4 }),
        async (failures) => {
          const house = await BatchFarm.start({ isRunning: false });
          const { id } = JSON.parse(
            (await house.make([...WORDS.slice(0, 3), 'broken'].map(lineOf))).text,
          );
          for (const after of failures) {
            const mend = breakStore(house.farm.objects, after);
            house.resume();
            await Promise.race([mend.broken, house.until(id, 'completed')]);
            await house.halt();
            mend.mend();
          }
          house.resume();
          const done = await house.until(id, 'completed');
          const results = [
            ...(await house.lines(done['output_file_id'])),
            ...(await house.lines(done['error_file_id'])),
          ];
          expect(results.map((one) => one.custom_id)).toEqual(['id-q0', 'id-q1', 'id-q2', null]);
          expect(done['request_counts']).toEqual({ total: 4, completed: 3, failed: 1 });
          await house.halt();
        },
      ),
      { numRuns: 15 },
    );
  });

  it('is not taken by a second process while the first one’s lease holds', async () => {
    const house = await BatchFarm.start({ parts: { isAlone: false }, isRunning: false });
    const { id } = JSON.parse((await house.make([chatLine('a', 'x')])).text);
    const row = await house.farm.objects.doGetObject('batch', id);
    if (row === undefined) throw new Error('no batch');
    const lease = (until: number) => ({ ...row.body, lease: { holder: 'other', until } });
    await house.farm.objects.doPutObject({ ...row, body: lease(Date.now() + 60_000) });
    house.resume();
    const free = JSON.parse((await house.make([chatLine('a', 'x')])).text).id;
    await house.until(free, 'completed');
    expect(await house.get(`/v1/batches/${id}`)).toMatchObject({ status: 'validating' });
    await house.farm.objects.doPutObject({ ...row, body: lease(Date.now() - 1) });
    house.queue.wake();
    await house.until(id, 'completed');
  });
});

function lineOf(word: string): string {
  return word === 'broken' ? '{"custom_id":' : chatLine(`id-${word}`, word);
}

/** Lets some writes through and then refuses all, as a disk that is full does. */
function breakStore(objects: ObjectStore, after: number) {
  const whole = { ...objects };
  const broken = Promise.withResolvers<void>();
  let left = after;
  const guard = () => {
    left -= 1;
    if (left >= 0) return;
    broken.resolve();
    throw new Error('the disk is full');
  };
  Object.assign(objects, {
    doPutPart: async (...part: Parameters<ObjectStore['doPutPart']>) => {
      guard();
      return whole.doPutPart(...part);
    },
    doPutObject: async (...row: Parameters<ObjectStore['doPutObject']>) => {
      guard();
      return whole.doPutObject(...row);
    },
    doChangeObject: async (...change: Parameters<ObjectStore['doChangeObject']>) => {
      guard();
      return whole.doChangeObject(...change);
    },
  });
  return { broken: broken.promise, mend: () => Object.assign(objects, whole) };
}
