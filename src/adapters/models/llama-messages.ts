import type { AdapterFile } from '../../core/adapter.ts';
import type { ErrorCode } from '../../core/errors.ts';
import type { ModelEvent, ModelRequest } from '../../core/ports.ts';

export interface AdapterLimits {
  /** Contexts that adapters share, made when they are needed, each with all slots; ≥ 1. */
  readonly contexts: number;
  /** Bytes that adapters may take together. */
  readonly bytes: number;
}

/** What the parent tells the model process. */
export type LlamaCommand =
  | {
      readonly type: 'load';
      /** A file whose header was checked; a malformed one aborts the process. */
      readonly path: string;
      /** Tokens of one slot; cut to what the model was trained on. */
      readonly contextTokens: number;
      /** Conversations kept at once, ≥ 1. */
      readonly slots: number;
      /** At most, and until it is told another number. */
      readonly threads: number;
      /** Prompt tokens read between two looks at cancellation, ≥ 1. */
      readonly batchTokens: number;
      /** Absent = no adapters are served. */
      readonly adapters?: AdapterLimits;
      /** Bytes that saved beginnings of prompts may take in temporary files; absent = none. */
      readonly prefixBytes?: number;
    }
  | {
      readonly type: 'chat';
      readonly id: number;
      readonly request: ModelRequest;
      /** A file whose header was checked against the model's. */
      readonly adapter?: AdapterFile;
    }
  | { readonly type: 'count'; readonly id: number; readonly request: ModelRequest }
  /** `pause` holds a stream back whose reader is slow; `resume` lets it go on. */
  | { readonly type: 'cancel' | 'pause' | 'resume'; readonly id: number }
  /** From its next step on it computes with so many. */
  | { readonly type: 'threads'; readonly count: number }
  | { readonly type: 'unload' };

/** What the model process answers. */
export type LlamaReport =
  | { readonly type: 'loading'; readonly progress: number }
  | {
      readonly type: 'ready';
      readonly memoryBytes: number;
      readonly contextTokens: number;
      readonly trainContextTokens: number;
      readonly loadMs: number;
    }
  | { readonly type: 'event'; readonly id: number; readonly event: ModelEvent }
  /** Answers `count`. */
  | { readonly type: 'counted'; readonly id: number; readonly tokens: number }
  | {
      readonly type: 'failed';
      /** null = the load failed. */
      readonly id: number | null;
      readonly code: ErrorCode;
      readonly message: string;
      readonly param?: string;
    }
  /** Adapters came or left since it was told last. */
  | { readonly type: 'memory'; readonly memoryBytes: number; readonly adapterCount: number }
  /** Once a second; `tokenCount` is all tokens read and written since the start. */
  | { readonly type: 'heartbeat'; readonly tokenCount: number };
