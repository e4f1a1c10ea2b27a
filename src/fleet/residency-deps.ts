import type { ModelEntry } from '../core/catalogue.ts';
import type { CallOptions, Clock, ModelLoader } from '../core/ports.ts';

export interface ResidencyDeps {
  readonly loader: ModelLoader;
  readonly clock: Clock;
  /** Resolves after `ms`; rejects with the signal's reason on an abort. */
  readonly wait: (ms: number, options: CallOptions) => Promise<void>;
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
  /** Tokens of one conversation; decides the memory of a model. */
  readonly contextTokens: number;
}
