import type { Caller } from './call.ts';
import type { JsonObject } from './chat.ts';

/** The states of OpenAI's batches. */
export type BatchStatus =
  | 'validating'
  | 'failed'
  | 'in_progress'
  | 'finalizing'
  | 'completed'
  | 'expired'
  | 'cancelling'
  | 'cancelled';

/** How a batch can end. */
export type BatchEnd = Extract<BatchStatus, 'completed' | 'failed' | 'expired' | 'cancelled'>;

/** Why a batch failed as a whole. */
export type BatchProblem = {
  readonly code: string;
  readonly message: string;
  /** Line of the input file, from 1. */
  readonly line: number | null;
};

/**
 * What a batch's object holds. Its content are the results so far: one part per line of the input
 * file, at the line's place. A type, not an interface, because it is stored as a JsonObject.
 */
export type BatchBody = {
  readonly endpoint: string;
  readonly inputFile: string;
  /** As the caller wrote it, e.g. `24h`. */
  readonly window: string;
  /** When the window ends, milliseconds since the epoch. */
  readonly deadline: number;
  readonly status: BatchStatus;
  readonly counts: BatchCounts;
  readonly problems: readonly BatchProblem[];
  /** When each state began, milliseconds since the epoch. */
  readonly times: { readonly [status: string]: number };
  readonly outputFile: string | null;
  readonly errorFile: string | null;
  /** How long result files stay. */
  readonly outputSeconds: number;
  /** `x-cadre-…` headers of its creation; they hold for every line. */
  readonly headers: { readonly [name: string]: string };
  readonly metadata: JsonObject | null;
  /** The process that works on it, and until when no other may. */
  readonly lease: { readonly holder: string; readonly until: number } | null;
  /** Set while its files are written: what it is then, and their ids. */
  readonly ending: {
    readonly status: BatchEnd;
    readonly outputFile: string;
    readonly errorFile: string;
  } | null;
};

export type BatchCounts = {
  readonly total: number;
  readonly completed: number;
  readonly failed: number;
};

/** The batch queue as the server sees it. */
export interface Batches {
  /** Something changed: a batch was made. */
  wake(): void;
  /** Cancels a batch that is not over; its state afterwards, undefined when there is none. */
  cancel(id: string): Promise<BatchBody | undefined>;
}

/** One line of an input file as a request, or what is wrong with it. */
export type BatchLine =
  | { readonly customId: string; readonly body: JsonObject }
  | { readonly customId: string | null; readonly problem: LineProblem };

export interface LineProblem {
  readonly code: string;
  readonly message: string;
}

/** What came of a line, as a line of the output or the error file. */
export interface LineResult {
  readonly isError: boolean;
  readonly bytes: Uint8Array;
  /** Milliseconds to wait before the same may succeed; absent where it will not. */
  readonly retryMs?: number;
}

/** A line that is run. */
export interface LineOrder {
  readonly batch: string;
  readonly endpoint: string;
  readonly headers: { readonly [name: string]: string };
  readonly customId: string;
  readonly body: JsonObject;
  readonly caller: Caller;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

/** What the queue needs of the side that knows the wire formats. */
export interface BatchWire {
  readLine(bytes: Uint8Array, endpoint: string): BatchLine;
  /** A failure of the request is a result; rejects only when the signal aborts. */
  doRunLine(order: LineOrder, options: { readonly signal: AbortSignal }): Promise<LineResult>;
  /** The line of a request that was not run. */
  printProblem(customId: string | null, problem: BatchProblem): Uint8Array;
  /** Resolves when nobody else has been served for so many milliseconds. */
  doWaitForQuiet(ms: number, options: { readonly signal: AbortSignal }): Promise<void>;
  newFileId(): string;
  /** Stores lines as a file of the key, over whatever is there under its id. */
  doSaveFile(
    file: {
      readonly id: string;
      readonly key: string;
      readonly filename: string;
      readonly expiresAt: number;
    },
    lines: AsyncIterable<Uint8Array>,
  ): Promise<void>;
}
