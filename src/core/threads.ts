import type { CallOptions } from './ports.ts';
import type { Priority } from './priority.ts';

/** Something that computes now. */
export interface ThreadHolder {
  /** A model, or the kind of work. */
  readonly holder: string;
  readonly threads: number;
  /** The most urgent thing that it does. */
  readonly priority: Priority;
}

/**
 * Runs work of one thread that can wait until a core is free for it, and counts its thread as long as
 * it runs. `holder` names it.
 */
export type WithThread = <T>(
  holder: string,
  options: CallOptions,
  work: () => Promise<T>,
) => Promise<T>;
