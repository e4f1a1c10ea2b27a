import type { Verdict } from '../core/conformance.ts';
import type { Probe } from './probe.ts';

export interface Finding {
  readonly verdict: Verdict;
  readonly seen: string;
}

/** One promise of a gateway and how to find out whether it is kept. */
export interface Check {
  /** `group.name`. */
  readonly id: string;
  readonly what: string;
  readonly required: boolean;
  readonly run: (probe: Probe) => Promise<Finding>;
}

export function pass(seen: string): Finding {
  return { verdict: 'pass', seen };
}

export function fail(seen: string): Finding {
  return { verdict: 'fail', seen };
}

export function skip(seen: string): Finding {
  return { verdict: 'skip', seen };
}

/** Passes when the list of faults is empty, else tells the first ones. */
export function judge(faults: readonly (string | false | undefined)[], seen: string): Finding {
  const found = faults.filter((one) => typeof one === 'string');
  return found.length === 0 ? pass(seen) : fail(found.slice(0, 3).join('; '));
}
