import { describe, expect, it } from 'vitest';
import { Turns } from '../../src/ground/turns.ts';

const { signal } = new AbortController();

describe('turns', () => {
  it('go to one at a time, in order, and to the next where one leaves the queue', async () => {
    const turns = new Turns();
    const first = await turns.take('a', signal);
    const leaving = new AbortController();
    const second = turns.take('a', leaving.signal);
    const third = turns.take('a', signal);
    const other = await turns.take('b', signal);
    leaving.abort(new Error('left'));
    await expect(second).rejects.toThrow('left');
    first.release();
    (await third).release();
    other.release();
  });

  it('are waited for no longer than the caller says, and then say what to do', async () => {
    const turns = new Turns();
    const holder = await turns.take('a', signal);
    await expect(turns.take('a', signal, 5)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('ask again when that has ended'),
    });
    expect(holder.signal.aborted).toBe(false);
    const next = turns.take('a', signal, 60_000);
    holder.release();
    expect((await next).signal.aborted).toBe(false);
  });
});
