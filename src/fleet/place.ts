import type { LoadedModel } from '../core/ports.ts';
import { CrashBackoff } from './crash-backoff.ts';
import type { ModelView } from './fleet-view.ts';
import { RequestHistory } from './request-history.ts';
import { WaitLine } from './wait-line.ts';

/** One life of a model in memory; leases belong to a life, so an old one cannot disturb the next. */
export interface Life {
  loaded: LoadedModel | undefined;
  /** While it loads, 0 … 1. */
  loadedShare: number;
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
  readonly history = new RequestHistory();
  /** It stays in memory once it is there. */
  pinned = false;
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
  /** Group of the request that was served last. */
  lastGroup = '';

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

  /** Milliseconds until it is asked next, by its requests so far; undefined without any. */
  expectedMs(now: number): number | undefined {
    return this.history.isEmpty ? undefined : 1 / this.history.reuse(now);
  }

  /** What a decision about it depends on. */
  asView(now: number): ModelView {
    const { life } = this;
    const isBarred = !life && (this.neededBytes === undefined || this.backoff.remaining(now) > 0);
    return {
      id: this.id,
      state: isBarred ? 'barred' : this.state,
      bytes: life ? this.heldBytes : (this.neededBytes ?? 0),
      loadMs: this.loadMs ?? 0,
      loadedAt: life?.loadedAt ?? 0,
      lastUsedAt: life?.lastUsedAt ?? 0,
      activeCount: life?.activeCount ?? 0,
      pinned: this.pinned,
      reuse: this.history.reuse(now),
      serviceMs: this.meanServiceMs,
      lastGroup: this.lastGroup,
      waiting: this.line.waiters,
    };
  }
}
