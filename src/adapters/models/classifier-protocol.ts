import type { ErrorCode } from '../../core/errors.ts';

/** What the farm and the thread that trains micro-models say to each other. */
export interface TrainingOrder {
  readonly files: readonly { readonly path: string; readonly text: string }[];
  /** Kept in the model, to know it again. */
  readonly source: string;
  readonly seed: number;
  /** Train the embedding head too; the thread asks for vectors then. */
  readonly wantsVectors: boolean;
}

export type TrainingReply =
  /** The thread needs one vector per text, rows first, then its background sentences. */
  | { readonly type: 'texts'; readonly texts: readonly string[] }
  | {
      readonly type: 'trained';
      readonly bytes: Uint8Array;
      /** Examples that were left out, in words. */
      readonly problems: readonly string[];
    }
  | { readonly type: 'failed'; readonly code: ErrorCode; readonly message: string };

export interface VectorsMessage {
  readonly embedder: string;
  readonly vectors: readonly Float32Array[];
}
