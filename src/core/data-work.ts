/** A part that a split wrote. */
export interface SplitPart {
  readonly file: string;
  readonly rows: number;
  /** SHA-256 of its bytes. */
  readonly hash: string;
}

/** How a set was split; lies beside the parts as `split.json`. */
export interface SplitReport {
  readonly file: string;
  readonly hash: string;
  /** `row`, `group`, `cluster` or `time`. */
  readonly by: string;
  /** The column of the groups or times. */
  readonly column?: string;
  /** Of times: rows from here on are the test part. */
  readonly cut?: string;
  readonly seed: number;
  readonly share: number;
  /** Overlap from which rows are near-duplicates and stay together. */
  readonly near: number;
  readonly train: SplitPart;
  readonly test: SplitPart;
  readonly leftOut: SplitPart;
  /** Rows without text or label; in no part. */
  readonly broken: number;
  readonly labels: readonly {
    readonly label: string;
    readonly train: number;
    readonly test: number;
  }[];
  readonly withoutTest: readonly string[];
  /** Difference in accuracy that the test part shows with 80 % probability at 90 %; null from 1,000 rows on. */
  readonly detectableGap: number | null;
  readonly notes: readonly string[];
}

/** What `cadre data dedup` kept. */
export interface DedupReport {
  readonly file: string;
  readonly hash: string;
  readonly near: number;
  readonly read: number;
  readonly kept: SplitPart;
  readonly dropped: SplitPart;
  /** Dropped word for word, nearly, and for want of a text or label. */
  readonly same: number;
  readonly nearly: number;
  readonly broken: number;
  /** Pairs of like texts under two labels; both are kept. */
  readonly contradictions: number;
  readonly notes: readonly string[];
}
