import type { Caller } from './call.ts';
import type { JsonObject } from './chat.ts';
import type { Described, Descriptions } from './description.ts';
import type { Labels, TrafficWish } from './labelling.ts';
import type { ObjectRow } from './objects.ts';
import type { SpecialistKind, Specialists } from './specialist.ts';

/** The states of OpenAI's fine-tuning jobs. */
export type TrainingStatus = 'queued' | 'running' | 'paused' | 'succeeded' | 'failed' | 'cancelled';

/** Where rows come from: a file of this machine, or one that was uploaded. */
export type TrainingData =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'upload'; readonly file: string }
  /** Requests whose text was kept. */
  | ({ readonly kind: 'traffic' } & TrafficWish);

export type TrainingOrderWords = {
  readonly kind: SpecialistKind;
  readonly name: string;
  readonly data: TrainingData;
  /** The data are rows that a model wrote by a description. */
  readonly described?: Described;
  /** Rows to measure on alone. */
  readonly test: TrainingData | null;
  /** Accuracy that is good enough: the ladder stops at the first rung that reaches it. */
  readonly target: number | null;
  /** Of numbers alone: how far off one counts as right. */
  readonly tolerance?: number;
  readonly seed: number;
  /** Of an adapter alone. */
  readonly adapter?: {
    /** The local model, or a spoke that it answers. */
    readonly base: string;
    readonly trainer: string;
    /** What the trainer runs on may be fetched. */
    readonly mayInstall: boolean;
  };
  /** Put it in the place of the live version where it is better on the same rows. */
  readonly promote: boolean;
  /** The local generalist is not asked the same rows. */
  readonly isAlone?: true;
};

/** What a job's object holds; its content are its events, one part each. */
export type TrainingJobBody = {
  readonly order: TrainingOrderWords;
  /** What it makes serves its key alone. */
  readonly isPrivate?: true;
  /** The home that alone can do it, of several nodes: its files are there. Absent = any. */
  readonly home?: string;
  readonly status: TrainingStatus;
  /** When each state began last, milliseconds since the epoch. */
  readonly times: { readonly [status: string]: number };
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly param: string | null;
  } | null;
  /** NAME@VERSION that it made. */
  readonly result: string | null;
  /** Rows that were read; null until then. */
  readonly rows: number | null;
  /** How often it was begun and left by a process that ended without a word. */
  readonly starts: number;
  /** Places of its story that are taken; absent before the first event. */
  readonly told?: number;
  /** What the caller sent and gets back. */
  readonly wire: JsonObject;
  /** The process that works on it, and until when no other may. */
  readonly lease: { readonly holder: string; readonly until: number } | null;
};

/** Whether an order goes by files of the machine that took it: rows, or a base and its trainer. */
export function isOfOneHome({ data, test, kind }: TrainingOrderWords): boolean {
  return kind === 'adapter' || data.kind === 'path' || test?.kind === 'path';
}

/** One line of its story. */
export type TrainingEvent = {
  /** Its place in the story, from 0; −1 = what could not be stored. */
  readonly place: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  /** Figures for programs. */
  readonly data: JsonObject;
};

/** How a job stands, for people. */
export interface TrainingStanding
  extends Pick<TrainingJobBody, 'status' | 'times' | 'error' | 'result' | 'rows'> {
  readonly id: string;
  /** Id of the key that began it. */
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly name: string;
  readonly kind: SpecialistKind;
  /** What its story said last; only while it is not over. */
  readonly last?: TrainingEvent;
}

/** The queue of training jobs as the server sees it: one job at a time, the others wait. */
export interface TrainingJobs {
  /** Rejects with `invalid_request` (name, kind), `conflict` or `overloaded`. */
  create(order: TrainingOrderWords, caller: Caller, wire: JsonObject): Promise<ObjectRow>;
  /** Ends it at once; its state afterwards, undefined when there is none. */
  cancel(id: string): Promise<TrainingJobBody | undefined>;
  /** Lets others go first; what it has done is done again later. */
  pause(id: string): Promise<TrainingJobBody | undefined>;
  resume(id: string): Promise<TrainingJobBody | undefined>;
  /** Its events so far, oldest first. */
  events(id: string): Promise<readonly TrainingEvent[]>;
  /** Its events from the first one on, as they come; ends with the job. */
  follow(id: string, signal: AbortSignal): AsyncIterable<TrainingEvent>;
}

export function isOverJob({ status }: Pick<TrainingJobBody, 'status'>): boolean {
  return status === 'succeeded' || status === 'failed' || status === 'cancelled';
}

/** What makes specialists, and what becomes of them. */
export interface Training {
  readonly labels: Labels;
  readonly descriptions: Descriptions;
  readonly trainingJobs: TrainingJobs;
  readonly specialists: Specialists;
}
