import type { BatchWire } from '../core/batch.ts';
import type { Caller } from '../core/call.ts';
import type { ObjectStore } from '../core/objects.ts';
import type { Clock } from '../core/ports.ts';
import type { Slots } from './slots.ts';

/** What the queue is made of. */
export interface QueueParts {
  readonly objects: ObjectStore;
  /** The owner of a key's batches; undefined when the key was revoked. */
  readonly callerOf: (key: string) => Promise<Caller | undefined>;
  readonly clock: Clock;
  /** Resolves when the time is over or the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Resolves when all that waits had its turn. */
  readonly nextTurn: () => Promise<void>;
  /** Names this process among those that share the store. */
  readonly holder: string;
  /** No other process works on this store, so a lease that is there is of a dead one. */
  readonly isAlone: boolean;
  /** Lines that run at once over all batches. */
  readonly concurrent: number;
  /** How long nobody may have been served before a line runs. */
  readonly quietMs: number;
  /** Longest time of one line. */
  readonly requestMs: number;
  /** Longest line of an input file. */
  readonly lineBytes: number;
  readonly log: (line: string) => void;
}

export interface RunParts extends QueueParts {
  readonly wire: BatchWire;
  readonly slots: Slots;
  /** Aborts when the farm stops. */
  readonly stop: AbortSignal;
}
