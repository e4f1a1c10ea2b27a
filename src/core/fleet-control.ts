import type { ServerStatus } from './model-server.ts';
import type { CallOptions } from './ports.ts';

/**
 * What a person can have done to the models in memory, here and, named `DESTINATION/MODEL`, in servers
 * that hold their own.
 */
export interface FleetControl {
  /** False when it is not in memory. Rejects with `conflict` while it loads, serves or is pinned. */
  unload(id: string): Promise<boolean>;
  /** Loads a model, as a request for it would; `pin` keeps it in memory. Rejects with `out_of_memory`. */
  load(id: string, options: CallOptions & { readonly pin: boolean }): Promise<void>;
  /** False when it was not pinned. */
  unpin(id: string): boolean;
  /** Servers that hold their own models, each with what it has; one that does not answer tells its problem. */
  servers(options: CallOptions): Promise<readonly ServerStatus[]>;
}
