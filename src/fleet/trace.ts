import type { Priority } from '../core/priority.ts';

/** A model as a trace knows it. */
export interface TraceModel {
  readonly id: string;
  readonly bytes: number;
  readonly loadMs: number;
}

export interface TraceRequest {
  /** Milliseconds from the start of the trace. */
  readonly at: number;
  readonly model: string;
  /** Milliseconds that the model is busy with it. */
  readonly serviceMs: number;
  readonly key: string;
  readonly priority: Priority;
  readonly group: string;
  /** Milliseconds from `at`. */
  readonly deadlineMs?: number;
}

/** Requests to replay. */
export interface Trace {
  readonly models: readonly TraceModel[];
  /** In order of arrival. */
  readonly requests: readonly TraceRequest[];
}
