import type { CallOptions } from './ports.ts';

/** Where a model of another server stands; `sleeping`: its process is there, its weights are put aside until it is asked. */
export type ServedState = 'out' | 'loading' | 'resident' | 'sleeping' | 'failed';

/** What a server of models says of one of them. */
export interface ServedModel {
  /** Its name there. */
  readonly id: string;
  readonly state: ServedState;
  /** Bytes that it holds, of an accelerator too; absent where the server does not say. */
  readonly memoryBytes?: number;
  /** Tokens of prompt and answer together. */
  readonly contextLength?: number;
  /** The model that it is an adapter of. */
  readonly adapterOf?: string;
}

/**
 * Which models a server that holds its own memory has, and has in it. Rejects as a model's answer
 * does, and with `invalid_request` for what the server cannot do.
 */
export interface ModelServer {
  /** Those that it could serve. */
  doList(options: CallOptions): Promise<readonly ServedModel[]>;
  /** Resolves when it is in memory; `pin`: it is to stay. Rejects with `model_not_found`. */
  doLoad(id: string, options: CallOptions & { readonly pin: boolean }): Promise<void>;
  /** False when it was not in memory. */
  doUnload(id: string, options: CallOptions): Promise<boolean>;
}

/** One configured server as the farm sees it now. */
export interface ServerStatus {
  /** Its destination. */
  readonly id: string;
  readonly kind: string;
  /** Named as spokes name them: `DESTINATION/MODEL`. */
  readonly models: readonly ServedModel[];
  /** Why nothing is known of it. */
  readonly problem?: string;
}
