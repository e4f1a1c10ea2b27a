import type { DedupReport, SplitReport } from '../core/data-work.ts';
import type { DedupWish, SplitWish } from './data-parts.ts';

// Only these commands need the work behind them; a farm starts without.

/** Keeps one of each group of like rows. Needs neither home nor farm. */
export async function dedupRows(wish: DedupWish): Promise<DedupReport> {
  const { dedupData } = await import('./data-parts.ts');
  return dedupData(wish);
}

/** Splits rows into parts that share no near-duplicate. Needs neither home nor farm. */
export async function splitRowsFile(wish: SplitWish): Promise<SplitReport> {
  const { splitData } = await import('./data-parts.ts');
  return splitData(wish);
}
