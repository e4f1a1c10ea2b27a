import type { ModelEntry } from '../core/catalogue.ts';
import type { CallOptions, Clock, ModelLoader } from '../core/ports.ts';
import type { Priority } from '../core/priority.ts';
import type { FleetPolicy } from './fleet-view.ts';

export interface ResidencyDeps {
  readonly loader: ModelLoader;
  readonly clock: Clock;
  /** Resolves after `ms`; rejects with the signal's reason on an abort. */
  readonly wait: (ms: number, options: CallOptions) => Promise<void>;
  /** Bytes that the machine could still give without swapping. */
  readonly freeMemory: () => number;
  /** Absent = `planFleet`. */
  readonly policy?: FleetPolicy;
  /** The entry of a model that is whole on disk; throws the reason when it is not. */
  readonly requireInstalled: (id: string) => ModelEntry;
}

export interface ResidencyLimits {
  /** Bytes for all models together. */
  readonly memoryBudget: number;
  /** Requests that one model serves side by side. */
  readonly slots: number;
  /** Requests that may wait for one model. */
  readonly queueLength: number;
  /** How long a request may be passed over so that fewer models are loaded, milliseconds. */
  readonly patienceMs: number;
  /** Tokens of one conversation; decides the memory of a model. */
  readonly contextTokens: number;
}

export type AcquireOptions = CallOptions & {
  /** 0 … 1, while the model is being loaded. */
  readonly onProgress?: (progress: number) => void;
  /** Absent = somebody waits for the answer. */
  readonly priority?: Priority;
  /** Requests of one key share what they get; absent = one key for all. */
  readonly key?: string;
  /** Requests of one group are served one after the other where that costs nobody his turn. */
  readonly group?: string;
  /** Milliseconds since the epoch; who cannot be served by then is refused at once. */
  readonly deadline?: number;
};
