import type { ErrorCode } from '../../core/errors.ts';
import type { SampledRow, ShownRow } from '../../core/generalist.ts';
import type { Instruction } from '../../core/instruction.ts';
import type { LabelSource, QueueRow, TrafficText } from '../../core/labelling.ts';
import type {
  LeftOut,
  RungReport,
  SpecialistKind,
  SpecialistReport,
} from '../../core/specialist.ts';

/** What the farm and the thread that trains micro-models say to each other. */
export interface FolderOrder {
  readonly type: 'folder';
  readonly files: readonly { readonly path: string; readonly text: string }[];
  /** Kept in the model, to know it again. */
  readonly source: string;
  readonly seed: number;
}

/** A file of labelled rows: on this machine, or its bytes. */
export type RowsFile =
  | { readonly name: string; readonly path: string }
  | { readonly name: string; readonly bytes: Uint8Array };

/** A specialist from rows of a file. */
export interface SpecialistOrder {
  readonly type: Exclude<SpecialistKind, 'adapter'>;
  readonly data: RowsFile;
  /** The data are texts of the traffic with what is said of them, one JSON each line. */
  readonly isTraffic?: true;
  readonly test?: RowsFile;
  readonly seed: number;
  readonly target?: number;
  /** Of numbers alone: how far off one counts as right. */
  readonly tolerance?: number;
  /** The version that serves now: its bytes and the keys of the rows that it was taught. */
  readonly incumbent?: {
    readonly version: number;
    /** How many versions were compared with it, the one to be made among them. */
    readonly attempt: number;
    readonly bytes: Uint8Array;
    readonly taught: Uint8Array;
  };
}

/** The rows of an adapter, which a program of its own is taught with. */
export interface RowsOrder {
  readonly type: 'rows';
  readonly data: RowsFile;
  readonly test?: RowsFile;
  /** Keys of the rows that the version that serves was taught. */
  readonly incumbentTaught?: Uint8Array;
}

/** The rows of the traffic whose label a person should say. */
export interface QueueOrder {
  readonly type: 'queue';
  readonly texts: readonly TrafficText[];
  /** Those that are known beside what the traffic says. */
  readonly labels: readonly string[];
  /** The specialist that serves: its bytes. */
  readonly model?: Uint8Array;
  readonly limit: number;
  readonly seed: number;
}

/** What a thread is started for. */
export type ThreadOrder = FolderOrder | SpecialistOrder | RowsOrder | QueueOrder;

/** `embedder`: id of the one that gives vectors; the thread asks for them then. */
export type TrainingOrder = ThreadOrder & { readonly embedder?: string };

export interface QueueReply {
  readonly type: 'queue';
  readonly rows: readonly QueueRow[];
  /** Sorted. */
  readonly labels: readonly string[];
  /** Different texts, and those that a person labelled. */
  readonly texts: number;
  readonly given: number;
}

export interface TrainedReply {
  readonly type: 'trained';
  readonly bytes: Uint8Array;
  /** Examples that were left out, in words. */
  readonly problems: readonly string[];
}

export interface MadeReply {
  readonly type: 'made';
  readonly bytes: Uint8Array;
  /** Keys of the rows that it was taught, 8 bytes each, in ascending order. */
  readonly taught: Uint8Array;
  readonly report: SpecialistReport;
  /** Some rows that it was measured on, to ask another model. */
  readonly sample?: readonly SampledRow[];
  /** Some rows that it was taught, to show another model what is asked. */
  readonly shown?: readonly ShownRow[];
  /** SHA-256 of the files' bytes, hex. */
  readonly dataHash: string;
  readonly testHash: string | null;
  /** Of traffic: rows by who said their label. */
  readonly sources?: Readonly<Partial<Record<LabelSource, number>>>;
}

/** A row of an adapter. */
export interface InstructedRow {
  readonly messages: readonly {
    readonly role: 'system' | 'user' | 'assistant';
    readonly content: string;
  }[];
  readonly answer: string;
  /** Which of the instructions it has; −1 for none. */
  readonly instruction: number;
}

/** A row to measure on. */
export interface MeasuredRow extends InstructedRow {
  /** The version that serves was taught it. */
  readonly isKnown: boolean;
}

export interface RowsReply {
  readonly type: 'rows';
  /** JSON lines for the trainer, and how many. */
  readonly lines: Uint8Array;
  readonly count: number;
  /** Never shown to it. */
  readonly measured: readonly MeasuredRow[];
  /** What its rows ask for in the same words. */
  readonly instructions: readonly Instruction[];
  /** Some that it is taught, to show another model what is asked. */
  readonly shown: readonly InstructedRow[];
  readonly taught: Uint8Array;
  readonly leftOut: readonly LeftOut[];
  readonly warnings: readonly string[];
  readonly dataHash: string;
  readonly testHash: string | null;
}

/** Where the training stands. */
export type TrainingProgress =
  | {
      readonly stage: 'read';
      readonly rows: number;
      readonly labels: number;
      readonly leftOut: number;
    }
  | { readonly stage: 'embedding'; readonly done: number; readonly total: number }
  | { readonly stage: 'rung'; readonly rung: RungReport };

export type TrainingReply =
  /** The thread needs one vector per text. */
  | {
      readonly type: 'texts';
      readonly texts: readonly string[];
      readonly kind: 'query' | 'passage';
    }
  | { readonly type: 'progress'; readonly progress: TrainingProgress }
  | TrainedReply
  | MadeReply
  | RowsReply
  | QueueReply
  | {
      readonly type: 'failed';
      readonly code: ErrorCode;
      readonly message: string;
      readonly param?: string;
    };

export interface VectorsMessage {
  readonly vectors: readonly Float32Array[];
  /** CPU of all; time on the clock where the embedder does not tell. */
  readonly cpuMs: number;
}
