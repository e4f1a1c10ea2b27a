import { quantile } from '../base/statistics.ts';
import type { FleetPolicy } from './fleet-view.ts';
import { planFleet, settingsFor } from './plan.ts';
import { countThatFits, fifoPolicy, keepAlivePolicy, lruPolicy } from './plan-peers.ts';
import { type SimulationLimits, simulate } from './simulate.ts';
import type { Trace } from './trace.ts';

export const POLICY_NAMES = ['ours', 'fifo', 'lru', 'lru-bytes', 'keep-alive'] as const;
export type PolicyName = (typeof POLICY_NAMES)[number];

export interface ComparisonWish extends SimulationLimits {
  readonly policies: readonly PolicyName[];
  /** Of `ours`. */
  readonly patienceMs: number;
  /** A wait that is longer counts as starved. */
  readonly boundMs: number;
}

export interface PolicyResult {
  readonly policy: PolicyName;
  /** Models that it lets in at once; only of `lru`. */
  readonly modelCount?: number;
  readonly loads: number;
  readonly loadSeconds: number;
  /** Seconds from arrival to the start of service, over the requests that were served. */
  readonly wait: {
    readonly mean: number;
    readonly p50: number;
    readonly p95: number;
    readonly longest: number;
  };
  readonly served: number;
  /** Requests that waited for longer than the bound. */
  readonly starved: number;
  /** Turned away because a line was full or the deadline could not be met. */
  readonly refused: number;
}

/** What each policy makes of the same trace. */
export function comparePolicies(trace: Trace, wish: ComparisonWish): readonly PolicyResult[] {
  const modelCount = countThatFits(
    trace.models.map((one) => one.bytes),
    wish.budget,
  );
  const settings = settingsFor(wish.patienceMs);
  const policies: Readonly<Record<PolicyName, FleetPolicy>> = {
    ours: (view) => planFleet(view, settings),
    fifo: fifoPolicy(),
    lru: lruPolicy(modelCount),
    'lru-bytes': lruPolicy(),
    'keep-alive': keepAlivePolicy(),
  };
  return wish.policies.map((policy) => {
    const { loads, loadMs, waits, refused } = simulate(trace, policies[policy], wish);
    const served = [...waits].filter((wait) => !Number.isNaN(wait)).sort((a, b) => a - b);
    const seconds = (share: number) => (served.length === 0 ? 0 : quantile(served, share) / 1000);
    const total = served.reduce((sum, wait) => sum + wait, 0);
    return {
      policy,
      ...(policy === 'lru' ? { modelCount } : {}),
      loads,
      loadSeconds: loadMs / 1000,
      wait: {
        mean: total / Math.max(1, served.length) / 1000,
        p50: seconds(0.5),
        p95: seconds(0.95),
        longest: seconds(1),
      },
      served: served.length,
      starved: served.filter((wait) => wait > wish.boundMs).length,
      refused,
    };
  });
}
