import type { Config } from '../core/config.ts';

const DAY_MS = 86_400_000;

/** Times (ms since the epoch) before which receipts and kept text are deleted; text never outlives its receipt. */
export function retentionCutoffs(
  now: number,
  config: Pick<Config['record'], 'retentionDays' | 'textRetentionDays'>,
): { readonly receipts: number; readonly text: number } {
  const { retentionDays, textRetentionDays } = config;
  return {
    receipts: now - retentionDays * DAY_MS,
    text: now - Math.min(retentionDays, textRetentionDays) * DAY_MS,
  };
}
