import { CadreError } from '../../src/core/errors.ts';
import type { Fault } from '../../src/core/fault.ts';
import { FARM, VENDOR } from './scripted-parts.ts';

export const failing = (
  fault: Fault,
  code: 'upstream_failed' | 'config_invalid' = 'upstream_failed',
) => new CadreError(code, `scripted ${fault}`, { fault });

/** Two remote spokes and a local one; `near` stands in for `far`, `small` for both. */
export function farm(more: object = {}, spoke: object = {}, otherClearance = 'internal') {
  const destination = (id: string) => ({
    ...VENDOR,
    id,
    retry: { firstSeconds: 0.001 },
    breaker: { failures: 3 },
    prices: { m: { input: 2.5, output: 10 } },
    ...more,
  });
  return {
    destinations: [destination('vendor'), { ...destination('other'), clearance: otherClearance }],
    spokes: [
      ...FARM.spokes,
      { id: 'far', model: 'vendor/m', fallback: ['near', 'small'], ...spoke },
      { id: 'near', model: 'other/m' },
    ],
  };
}
