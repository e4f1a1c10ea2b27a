import type { Priority } from '../core/priority.ts';

/** What one process or thread of the farm could use. */
export interface ThreadAsk {
  readonly priority: Priority;
  /** Threads, ≥ 1. */
  readonly most: number;
  /** It keeps `most` as long as it works: nobody can tell it another number. */
  readonly isFixed?: boolean;
}

/**
 * Threads of each, in the order of the asks; at least one, so that together they are more than `total`
 * only where more ask than there are threads. What is fixed is left to it; beside a request that
 * somebody waits for everything else has one thread; the rest is dealt out evenly.
 */
export function shareThreads(total: number, asks: readonly ThreadAsk[]): number[] {
  const shares = asks.map(({ most, isFixed = false }) => (isFixed ? most : 1));
  const wanting = asks.flatMap(({ isFixed = false }, index) => (isFixed ? [] : [index]));
  const urgent = wanting.filter((index) => asks[index]?.priority === 'interactive');
  const dealt = urgent.length > 0 ? urgent : wanting;
  let rest = total - shares.reduce((sum, share) => sum + share, 0);
  while (rest > 0) {
    const open = dealt.filter((index) => (shares[index] ?? 0) < (asks[index]?.most ?? 0));
    if (open.length === 0) break;
    for (const index of open.slice(0, rest)) shares[index] = (shares[index] ?? 0) + 1;
    rest -= open.length;
  }
  return shares;
}
