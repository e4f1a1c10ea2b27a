import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelLease } from '../core/ports.ts';
import type { AcquireOptions } from '../fleet/residency-deps.ts';
import { ThreadLease } from '../fleet/thread-lease.ts';

export type Acquire = (id: string, options: AcquireOptions) => Promise<ModelLease>;

/** Work that can wait gives way for so long at most; then the system shares the cores. */
const WAIT_MS = 30_000;

/** The cores of the machine, or of the container; one is left to the farm's own process. */
export function composeThreadLease(threads: number | undefined): ThreadLease {
  const cores = availableParallelism();
  return new ThreadLease(
    { threads: Math.min(cores, threads ?? Math.max(1, cores - 1)), cores, waitMs: WAIT_MS },
    async (ms, { signal }) => void (await sleep(ms, undefined, { signal })),
  );
}

/** A leased model holds threads until it is released; who waits for it to load holds none. */
export function withThreads(threads: ThreadLease, acquire: Acquire): Acquire {
  return async (id, options) => {
    const lease = await acquire(id, options);
    const { priority = 'interactive' } = options;
    const hold = threads.take({ holder: id, priority, most: threads.threads });
    return {
      model: lease.model,
      release: () => {
        hold.release();
        lease.release();
      },
    };
  };
}

/** Counts a process as a holder of one thread while it is busy. */
export function busyHolder(threads: ThreadLease, holder: string): (isBusy: boolean) => void {
  let hold: ReturnType<ThreadLease['take']> | undefined;
  return (isBusy) => {
    hold?.release();
    hold = isBusy
      ? threads.take({ holder, priority: 'interactive', most: 1, isFixed: true })
      : undefined;
  };
}
