import type { Config } from '../core/config.ts';
import type { Energy } from '../core/receipt.ts';

/** Two readings of a power counter that counts microjoules and starts again at `range`. */
export interface PowerReading {
  readonly start: number;
  readonly end: number;
  readonly range: number;
  /** Part of the machine's busy time in between that this request caused, 0 … 1. */
  readonly share: number;
}

/**
 * Joules of a request: measured where a plausible reading of a power counter is given, else
 * modelled as busy CPU seconds × watts of a busy core.
 */
export function energyOf(options: {
  readonly cpuSeconds: number;
  readonly config: Pick<Config['record'], 'watts'>;
  readonly reading?: PowerReading;
}): Energy {
  const measured = options.reading && joulesOf(options.reading);
  if (measured !== undefined) return { joules: measured, tier: 'measured' };
  return { joules: options.cpuSeconds * options.config.watts, tier: 'modelled' };
}

/** Undefined for a reading that no counter can have given; then nothing is claimed to be measured. */
function joulesOf({ start, end, range, share }: PowerReading): number | undefined {
  const within = (value: number) => value >= 0 && value <= range;
  if (!(range > 0 && within(start) && within(end) && share >= 0 && share <= 1)) return undefined;
  const microjoules = end >= start ? end - start : end - start + range;
  return (microjoules / 1e6) * share;
}
