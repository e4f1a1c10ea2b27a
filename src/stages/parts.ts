import type { Call } from '../core/call.ts';
import type { CanaryRoute } from '../core/canary.ts';
import type { Config, SpokeConfig } from '../core/config.ts';
import type { CadreEvent } from '../core/events.ts';
import type { Label } from '../core/label.ts';
import type { Clock, ModelLease, Random } from '../core/ports.ts';
import type { Priority } from '../core/priority.ts';
import type { ReceiptStore } from '../core/stores.ts';
import type { Upstreams } from '../fleet/upstreams.ts';
import type { GateInForce } from '../gate/gate-in-force.ts';
import type { Pins } from '../gate/pins.ts';
import type { GateSpoke } from '../gate/route.ts';
import type { Knowledge } from '../ground/knowledge.ts';
import type { Budgets } from '../policy/budget.ts';
import type { PermitOffice } from '../policy/permits.ts';
import type { Metrics } from '../record/metrics.ts';
import type { CheckedReleaseOptions } from '../verify/release-piece.ts';
import type { SharedAnswers } from './shared-answers.ts';

/** A spoke with what the farm knows about it at this moment. */
export interface SpokeRuntime {
  readonly config: SpokeConfig;
  /** Who may use it and see it; absent = every key. */
  readonly readers?: readonly string[];
  /** The gate's view: installed, resident, healthy, prices, speeds. */
  readonly gate: GateSpoke;
}

type Judging = Pick<CheckedReleaseOptions, 'scorer' | 'threshold' | 'promise' | 'onRead'>;

/** What the stages of a request are made of; main composes it. */
export interface PipelineParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Random;
  readonly receipts: ReceiptStore;
  readonly gate: () => GateInForce;
  readonly pins: Pins;
  readonly permits: PermitOffice;
  readonly budgets: Budgets;
  readonly knowledge: Knowledge;
  readonly metrics: Metrics;
  /** Absent where no answers are shared. */
  readonly shared?: SharedAnswers;
  /** What was lately seen of remote models. */
  readonly upstreams: Upstreams;
  /** Spokes as they stand now. */
  readonly spokes: () => readonly SpokeRuntime[];
  /** A version of a specialist that is tried in its place at times. */
  readonly canaryOf?: (spoke: string) => CanaryRoute | undefined;
  /** Loads a spoke's model if need be, else the lease is there at once; a classifier and a remote model are models like any other. */
  readonly acquire: (
    spoke: SpokeConfig,
    options: {
      readonly signal: AbortSignal;
      readonly onProgress: (progress: number) => void;
      readonly key: string;
      readonly priority: Priority;
      /** Milliseconds since the epoch. */
      readonly deadline: number;
    },
  ) => ModelLease | Promise<ModelLease>;
  /** Unit vectors for the support check; absent while the embedder is not installed. */
  readonly embed: (
    texts: readonly string[],
    signal: AbortSignal,
  ) => Promise<Float32Array[]> | undefined;
  /**
   * Who judges the sentences of an answer, from which P(supported) on they are shown, and what that
   * promises; `about` = the collection that it stands on and the key that asked.
   */
  readonly grounding: (about?: {
    readonly collection: string;
    readonly key: string;
  }) => Promise<Judging> | Judging;
  /** Label of a collection's content, from the configuration. */
  readonly collectionLabel: (name: string) => Label;
  /** Called with what a local attempt measured: tokens per second. */
  readonly onSpeed: (
    model: string,
    promptTokensPerSecond: number | undefined,
    generatedTokensPerSecond: number | undefined,
  ) => void;
  /** Secret salt of the feature hashes. */
  readonly salt: string;
  /** Threads that local models use, for CPU seconds. */
  readonly threads: number;
}

export type Ask = (call: Call, signal: AbortSignal) => AsyncIterable<CadreEvent>;
