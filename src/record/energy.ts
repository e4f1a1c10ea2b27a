import type { Config } from '../core/config.ts';
import type { Energy } from '../core/receipt.ts';

/** Joules of a request, modelled as busy CPU seconds × watts of a busy core. */
export function energyOf(options: {
  readonly cpuSeconds: number;
  readonly config: Pick<Config['record'], 'watts'>;
}): Energy {
  return { joules: options.cpuSeconds * options.config.watts, tier: 'modelled' };
}
