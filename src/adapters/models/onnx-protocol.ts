import type { ErrorCode } from '../../core/errors.ts';

/** What the farm's process and the one process of all ONNX models say to each other. */
export type EmbedKind = 'query' | 'passage';

export interface OnnxModelSpec {
  readonly id: string;
  /** Absolute path of the weights. */
  readonly path: string;
  /** Absolute path of tokenizer.json. */
  readonly tokenizerPath: string;
  readonly dimensions: number;
  readonly pooling: 'cls' | 'mean';
  /** Put before every query, never before a passage. */
  readonly queryPrefix: string;
  /** Longer texts are cut, the last token stays the end mark. */
  readonly maxTokens: number;
  readonly threads: number;
}

export type OnnxRequest =
  | { readonly type: 'load'; readonly call: number; readonly model: OnnxModelSpec }
  | {
      readonly type: 'embed';
      readonly call: number;
      /** Loaded first when it is not resident. */
      readonly model: OnnxModelSpec;
      readonly kind: EmbedKind;
      readonly texts: readonly string[];
    }
  | {
      readonly type: 'match';
      readonly call: number;
      readonly model: OnnxModelSpec;
      readonly query: string;
      readonly texts: readonly string[];
      /** Milliseconds; texts that are not reached by then stay without a score. */
      readonly budgetMs: number;
    }
  | { readonly type: 'cancel'; readonly call: number };

export type OnnxReply =
  | {
      readonly type: 'loaded';
      readonly call: number;
      readonly memoryBytes: number;
    }
  | {
      readonly type: 'embedded';
      readonly call: number;
      readonly vectors: readonly Float32Array[];
      /** Tokens read over all texts, marks included. */
      readonly tokenCount: number;
      /** Texts that were longer than the model reads. */
      readonly cutCount: number;
      /** Milliseconds of CPU of these texts, over all threads, loading left out. */
      readonly cpuMs: number;
      /** Resident bytes of the process. */
      readonly memoryBytes: number;
    }
  | {
      readonly type: 'matched';
      readonly call: number;
      /** Of the first texts, in order; as many as the budget allowed. */
      readonly scores: readonly number[];
      readonly memoryBytes: number;
    }
  /** A sign of life within a long list of texts. */
  | { readonly type: 'progress'; readonly call: number; readonly done: number }
  | {
      readonly type: 'failed';
      readonly call: number;
      readonly code: ErrorCode;
      readonly message: string;
    };
