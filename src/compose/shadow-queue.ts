import type { Call } from '../core/call.ts';
import type { PolicyVerdict, RouteDecision } from '../core/decision.ts';
import type { ShadowOrder } from '../core/shadow.ts';

/** An answered request that waits to be asked again; in memory only. */
export interface ShadowJob extends Pick<ShadowOrder, 'of' | 'served' | 'text' | 'finishReason'> {
  readonly request: Call['request'];
  readonly label: PolicyVerdict['label'];
  readonly decision: RouteDecision;
  /** Every spoke that was asked, also those whose answer was not shown. */
  readonly asked: readonly string[];
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Milliseconds that the spokes took. */
  readonly runMs: number;
  /** Characters of request and answer. */
  readonly size: number;
  /** How often it was begun and gave way. */
  readonly tries: number;
}

const JOBS_MOST = 32;
/** Characters of all jobs together. */
const SIZE_MOST = 4_000_000;
/** A job that waited longer says little of what the farm does now, and its text should go. */
const WAIT_MOST_MS = 15 * 60_000;

/** The requests that wait for an idle moment: few, and the oldest gives way to the newest. */
export class ShadowQueue<Job extends ShadowJob = ShadowJob> {
  readonly #jobs: Job[] = [];
  readonly #onDrop: (reason: 'queue-full' | 'too-late') => void;
  #size = 0;

  constructor(onDrop: (reason: 'queue-full' | 'too-late') => void) {
    this.#onDrop = onDrop;
  }

  get length(): number {
    return this.#jobs.length;
  }

  /** When the one that is next was answered. */
  get oldestAt(): number | undefined {
    return this.#jobs[0]?.at;
  }

  push(job: Job): void {
    this.#jobs.push(job);
    this.#size += job.size;
    this.#trim();
  }

  /** Before all others: it had begun. */
  putBack(job: Job): void {
    this.#jobs.unshift(job);
    this.#size += job.size;
    this.#trim();
  }

  /** The oldest that is still worth asking; `now` in milliseconds since the epoch. */
  take(now: number): Job | undefined {
    for (let job = this.#shift(); job !== undefined; job = this.#shift()) {
      if (now - job.at <= WAIT_MOST_MS) return job;
      this.#onDrop('too-late');
    }
    return undefined;
  }

  clear(): void {
    this.#jobs.length = 0;
    this.#size = 0;
  }

  #shift(): Job | undefined {
    const job = this.#jobs.shift();
    this.#size -= job?.size ?? 0;
    return job;
  }

  #trim(): void {
    while (this.#jobs.length > JOBS_MOST || this.#size > SIZE_MOST) {
      this.#shift();
      this.#onDrop('queue-full');
    }
  }
}
