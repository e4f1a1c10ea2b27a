import type { Dialect } from './chat.ts';

export type Verdict = 'pass' | 'fail' | 'skip';

/** One row of the table. */
export interface CheckResult {
  /** `group.name`. */
  readonly id: string;
  /** The promise, in one line. */
  readonly what: string;
  /** A required one that fails makes the gateway fail. */
  readonly required: boolean;
  readonly verdict: Verdict;
  /** What was seen, or why it was skipped. */
  readonly seen: string;
  readonly ms: number;
}

/** What `cadre eval conformance` was asked for. */
export interface ConformanceWish {
  /** With or without `/v1` at its end. */
  readonly baseUrl: string;
  readonly dialect: Dialect;
  readonly model: string;
  readonly key?: string;
  /** Name of the environment variable that holds the key. */
  readonly keyEnv?: string;
  /** Sent with every request, e.g. what tells a gateway where to forward to. */
  readonly headers: Readonly<Record<string, string>>;
  /** Models of other endpoints, by endpoint: `embeddings`, `rerank`, `moderations`. */
  readonly models: Readonly<Record<string, string>>;
  /** Port for the scripted vendor; absent = no control of the upstream. */
  readonly upstreamPort?: number;
  /** Put before the names of the vendor’s models. */
  readonly upstreamPrefix: string;
  /** Seconds that a gateway may be silent before it counts as hanging. */
  readonly patience: number;
  /** Only checks whose id begins with one of these; empty = all. */
  readonly only: readonly string[];
}

export interface ConformanceReport {
  readonly eval: 'conformance';
  readonly gateway: string;
  readonly dialect: Dialect;
  readonly model: string;
  readonly upstream: 'scripted' | 'its own';
  readonly metrics: {
    readonly checks: number;
    readonly passed: number;
    readonly failed: number;
    readonly failedRequired: number;
    readonly skipped: number;
  };
  readonly checks: readonly CheckResult[];
  readonly versions: Readonly<Record<string, string>>;
}
