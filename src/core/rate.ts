/** What a key has left of one of its limits per minute. */
export interface Allowance {
  /** Per minute. */
  readonly limit: number;
  /** Whole, ≥ 0. */
  readonly remaining: number;
  /** Milliseconds until all of it is back. */
  readonly resetMs: number;
}

/** The limits that a key has, as they stand; empty for a key without any. */
export interface RateStanding {
  readonly requests?: Allowance;
  readonly tokens?: Allowance;
}

export type RateAnswer =
  | { readonly allowed: true; readonly standing: RateStanding }
  | {
      readonly allowed: false;
      /** Which limit refuses. */
      readonly lacks: 'requests' | 'tokens';
      /** Whole seconds, at least 1. */
      readonly retryAfter: number;
      readonly standing: RateStanding;
    };
