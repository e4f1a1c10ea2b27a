import type { Priority } from '../core/priority.ts';

/** A request that waits for a model. */
export interface RequestView {
  /** Position in the order of arrival over all models. */
  readonly ticket: number;
  /** Milliseconds of the fleet's clock, as all times here. */
  readonly since: number;
  readonly priority: Priority;
  /** Who asks: requests of one key share what they get. */
  readonly key: string;
  /** Requests of one group are cheaper one after the other (an adapter of the model). */
  readonly group: string;
  /** Served later than this it is of no use to anyone. */
  readonly deadline?: number;
}

export interface ModelView {
  readonly id: string;
  /** `barred`: out, and cannot be started now (a pause after a crash, its size not known yet). */
  readonly state: 'out' | 'barred' | 'loading' | 'resident';
  /** Bytes that it holds or would hold. */
  readonly bytes: number;
  /** What loading it costs; 0 = not measured yet. */
  readonly loadMs: number;
  readonly loadedAt: number;
  readonly lastUsedAt: number;
  readonly activeCount: number;
  readonly pinned: boolean;
  /** Predicted requests per millisecond, as `RequestHistory.reuse`. */
  readonly reuse: number;
  /** Mean milliseconds of a request here. */
  readonly serviceMs: number;
  /** Group of the request that was served last. */
  readonly lastGroup: string;
  /** In order of arrival. */
  readonly waiting: readonly RequestView[];
}

/** All that a decision of the fleet depends on. */
export interface FleetView {
  readonly now: number;
  /** Bytes that models may hold together at this moment. */
  readonly budget: number;
  /** Bytes held beside the models of the view (embedders). */
  readonly heldElsewhere: number;
  /** Requests that a model serves side by side. */
  readonly slots: number;
  readonly models: readonly ModelView[];
  /** Share of the last minute that went into loading, 0 … ; over 1 where models load side by side. */
  readonly loadingShare: number;
  /** Milliseconds of service that a key had lately. */
  readonly usageOf: (key: string) => number;
}

export interface FleetPlan {
  /** Models whose memory is wanted for others; all idle. */
  readonly evictions: readonly string[];
  /** Models that are to be loaded when the evicted ones are gone. */
  readonly loads: readonly string[];
  readonly grants: readonly { readonly model: string; readonly ticket: number }[];
  readonly refusals: readonly Refusal[];
  /** When the same view would give another plan though nothing happened. */
  readonly lookAgainAt: number;
}

/** A request that will not be served, with what says so. */
export type Refusal = { readonly model: string; readonly ticket: number } & (
  | {
      /** Larger than all memory that could be made free for it, bytes. */
      readonly reason: 'too-large';
      readonly most: number;
      readonly budget: number;
    }
  | {
      /** It would wait so long at least, beyond its deadline. */
      readonly reason: 'too-late';
      readonly waitMs: number;
    }
);

/** What to do now. Pure: the same view gives the same plan. */
export type FleetPolicy = (view: FleetView) => FleetPlan;
