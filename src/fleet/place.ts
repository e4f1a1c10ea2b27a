import type { LoadedModel } from '../core/ports.ts';
import { CrashBackoff } from './crash-backoff.ts';
import type { Resident } from './victims.ts';
import { WaitLine } from './wait-line.ts';

/** One life of a model in memory; leases belong to a life, so an old one cannot disturb the next. */
export interface Life {
  loaded: LoadedModel | undefined;
  activeCount: number;
  /** Milliseconds of the monotonic clock. */
  loadedAt: number;
  lastUsedAt: number;
  /** Why the process ended by itself. */
  exitReason: string | undefined;
  /** It is being unloaded, so its exit is no crash. */
  isLeaving: boolean;
}

/** What the fleet knows of one model while it runs. */
export class Place {
  readonly id: string;
  readonly line = new WaitLine();
  readonly backoff = new CrashBackoff();
  /** Loading when it has no `loaded` yet. */
  life: Life | undefined;
  /** Measured at the last load, or estimated before the first; undefined = not known yet. */
  neededBytes: number | undefined;
  isEstimating = false;
  isWakeupSet = false;
  loadMs: number | undefined;
  problem: string | undefined;
  /** Mean milliseconds of a request here; for the advice to callers who are turned away. */
  meanServiceMs = 2000;

  constructor(id: string) {
    this.id = id;
  }

  get state(): 'out' | 'loading' | 'resident' {
    if (!this.life) return 'out';
    return this.life.loaded ? 'resident' : 'loading';
  }

  /** Bytes that count against the budget. */
  get heldBytes(): number {
    return this.life ? (this.life.loaded?.memoryBytes ?? this.neededBytes ?? 0) : 0;
  }

  /** As a candidate for making room; undefined when it holds no memory that could be had. */
  asResident(now: number): Resident | undefined {
    const { life } = this;
    if (!life?.loaded) return undefined;
    return {
      id: this.id,
      memoryBytes: life.loaded.memoryBytes,
      loadMs: life.loaded.loadMs,
      idleMs: life.activeCount > 0 ? 0 : now - life.lastUsedAt,
    };
  }
}
