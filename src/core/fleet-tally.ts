/** What became of the models in memory since the farm started. */
export interface FleetTally {
  /** Loads that were begun. */
  readonly loads: number;
  /** Models that gave way to others. */
  readonly evictions: number;
  /**
   * Loads that the same requests, served as they came, would have cost where as many models stay as
   * always fit together and the least recently used one leaves.
   */
  readonly loadsByCount: number;
  /** Requests that a model serves side by side. */
  readonly slots: number;
  /** The last ones, newest first. */
  readonly recent: readonly FleetMove[];
}

export interface FleetMove {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly model: string;
  readonly act: 'loaded' | 'evicted';
}
