import { describe, expect, it } from 'vitest';
import { ThreadLease, type ThreadWish } from '../../src/fleet/thread-lease.ts';
import { shareThreads } from '../../src/fleet/thread-shares.ts';
import { HandClock } from '../fixtures/hand-clock.ts';

const NEVER = { signal: new AbortController().signal };
const TRAINING = { holder: 'training', priority: 'background', most: 1, isFixed: true } as const;

function model(holder: string, priority: ThreadWish['priority'] = 'interactive'): ThreadWish {
  return { holder, priority, most: 8 };
}

function openLease(threads = 4, cores = threads) {
  const clock = new HandClock();
  return { clock, lease: new ThreadLease({ threads, cores, waitMs: 1000 }, clock.wait) };
}

const held = (lease: ThreadLease) =>
  Object.fromEntries(lease.holders().map(({ holder, threads }) => [holder, threads]));
/** Until all that was resolved has gone on. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('shares of threads', () => {
  const live = { priority: 'interactive', most: 8 } as const;
  const later = { priority: 'background', most: 8 } as const;
  const fixed = (most: number) => ({ priority: 'background', most, isFixed: true }) as const;

  it.each([
    ['all to one that is alone', 8, [live], [8]],
    ['no more than one can use', 8, [{ ...live, most: 2 }], [2]],
    ['evenly, the first has what is left over', 8, [live, live, live], [3, 3, 2]],
    ['one to whatever nobody waits for', 8, [live, later, later], [6, 1, 1]],
    ['all to work in the background where nobody waits', 8, [later, later], [4, 4]],
    ['what is fixed to it, the rest to others', 8, [fixed(4), live], [4, 4]],
    ['one at least', 1, [live, live, fixed(1)], [1, 1, 1]],
  ])('%s', (_, total, asks, shares) => {
    expect(shareThreads(total, asks)).toEqual(shares);
  });

  it('are never more together than there are, as long as there are enough', () => {
    for (let total = 1; total <= 9; total += 1)
      for (let count = 1; count <= total; count += 1)
        for (let urgent = 0; urgent <= count; urgent += 1) {
          const asks = Array.from({ length: count }, (_, at) => (at < urgent ? live : later));
          const shares = shareThreads(total, asks);
          expect(shares.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(total);
          expect(Math.min(...shares)).toBeGreaterThanOrEqual(1);
        }
  });
});

describe('the lease of threads', () => {
  it('tells each process its share when another one begins and ends', () => {
    const { lease } = openLease();
    const told: Record<string, number[]> = { a: [], b: [] };
    for (const id of ['a', 'b']) lease.follow(id, (threads) => told[id]?.push(threads));
    const first = lease.take(model('a'));
    const second = lease.take(model('b'));
    expect(held(lease)).toEqual({ a: 2, b: 2 });
    second.release();
    second.release();
    expect(held(lease)).toEqual({ a: 4 });
    first.release();
    expect(held(lease)).toEqual({});
    expect(told).toEqual({ a: [4, 2, 4], b: [2] });
  });

  it('gives requests of one model its threads together, by the most urgent of them', () => {
    const { lease } = openLease();
    lease.take(model('a', 'batch'));
    const urgent = lease.take(model('a'));
    lease.take(model('b', 'background'));
    expect(lease.holders()).toEqual([
      { holder: 'a', threads: 3, priority: 'interactive' },
      { holder: 'b', threads: 1, priority: 'background' },
    ]);
    urgent.release();
    expect(held(lease)).toEqual({ a: 2, b: 2 });
  });

  it('tells a process that came in the place of another one', () => {
    const { lease } = openLease();
    lease.follow('a', () => undefined);
    lease.take(model('a'));
    const told: number[] = [];
    lease.follow('a', (threads) => told.push(threads));
    expect(told).toEqual([4]);
  });

  it('lets work that can wait begin when a core is free for it', async () => {
    const { lease } = openLease(2);
    const holds = [lease.take(model('a')), lease.take(model('b'))];
    const training = lease.withThread('training', NEVER, async () => held(lease));
    await settled();
    expect(held(lease)).toEqual({ a: 1, b: 1 });
    holds[0]?.release();
    expect(await training).toEqual({ b: 1, training: 1 });
    expect(held(lease)).toEqual({ b: 2 });
  });

  it('lets it begin all the same when it has waited long enough', async () => {
    const { lease, clock } = openLease(1);
    lease.take(model('a'));
    const taking = lease.takeLater(TRAINING, NEVER);
    await settled();
    expect(held(lease)).toEqual({ a: 1 });
    clock.advance(1000);
    const { threads } = await taking;
    expect(threads).toBe(1);
    expect(held(lease)).toEqual({ a: 1, training: 1 });
  });

  it('lets all begin that there is room for, one after the other', async () => {
    const { lease } = openLease(2);
    const blocking = lease.take({ ...TRAINING, holder: 'trainer', most: 2 });
    const begun: string[] = [];
    const taken = ['one', 'two'].map((holder) =>
      lease.takeLater({ ...TRAINING, holder }, NEVER).then(() => begun.push(holder)),
    );
    await settled();
    expect(begun).toEqual([]);
    blocking.release();
    await Promise.all(taken);
    expect(held(lease)).toEqual({ one: 1, two: 1 });
  });

  it('lets work begin in the order in which it came, though there was no room at its first turn', async () => {
    const { lease } = openLease(2);
    const holds = [lease.take(model('a')), lease.take(model('b'))];
    const begun: string[] = [];
    const asks = [2, 1, 1].map(async (most, index) => {
      const hold = await lease.takeLater({ ...TRAINING, holder: `work ${index}`, most }, NEVER);
      begun.push(`work ${index}`);
      hold.release();
    });
    for (const hold of holds) {
      hold.release();
      await settled();
    }
    await Promise.all(asks);
    expect(begun).toEqual(['work 0', 'work 1', 'work 2']);
  });

  it('keeps nobody waiting for a core who computes already', async () => {
    const { lease } = openLease(1);
    lease.take(model('a'));
    void lease.takeLater(TRAINING, NEVER);
    await lease.takeLater(model('a', 'background'), NEVER);
    expect(held(lease)).toEqual({ a: 1 });
  });

  it('keeps nobody in the line who was cancelled', async () => {
    const { lease } = openLease(1);
    const hold = lease.take(model('a'));
    const stop = new AbortController();
    const given = lease.takeLater(TRAINING, { signal: stop.signal });
    const next = lease.takeLater({ ...TRAINING, holder: 'quantising' }, NEVER);
    stop.abort(new Error('not any more'));
    await expect(given).rejects.toThrow('not any more');
    hold.release();
    await next;
    expect(held(lease)).toEqual({ quantising: 1 });
  });

  it('has the thread back of work that failed', async () => {
    const { lease } = openLease();
    const failing = lease.withThread('training', NEVER, async () => {
      throw new Error('bad rows');
    });
    await expect(failing).rejects.toThrow('bad rows');
    expect(held(lease)).toEqual({});
  });
});
