export interface CircuitSettings {
  /** Failures in a row that open it. */
  readonly failures: number;
  /** Milliseconds of the first pause; doubled with each probe that fails. */
  readonly pauseMs: number;
  readonly longestMs: number;
}

export type Passage = 'through' | 'probe' | 'blocked';

/**
 * Keeps requests from a server that failed several times in a row. Closed: all pass. Open: none does
 * until the pause is over. Half-open: one probe passes; if it succeeds the circuit closes, if it
 * fails the next pause is twice as long. Times are milliseconds of a clock that never goes back.
 */
export class Circuit {
  readonly #settings: CircuitSettings;
  #failures = 0;
  /** Pauses in a row; 0 = closed. */
  #pauses = 0;
  #openUntil = 0;
  /** When the probe that is under way began. */
  #probedAt: number | undefined;

  constructor(settings: CircuitSettings) {
    this.#settings = settings;
  }

  get failures(): number {
    return this.#failures;
  }

  /** What a request that comes now would meet; changes nothing. */
  look(now: number): Passage {
    if (this.#pauses === 0) return 'through';
    if (now < this.#openUntil) return 'blocked';
    // A probe that tells nothing for the longest pause is lost; the next request is another.
    const isProbing =
      this.#probedAt !== undefined && now < this.#probedAt + this.#settings.longestMs;
    return isProbing ? 'blocked' : 'probe';
  }

  /** Takes the passage; whoever gets `probe` must report how it went. */
  enter(now: number): Passage {
    const passage = this.look(now);
    if (passage === 'probe') this.#probedAt = now;
    return passage;
  }

  /** Milliseconds until a probe is let through; 0 when one may pass or is under way. */
  remaining(now: number): number {
    return this.#pauses === 0 ? 0 : Math.max(0, this.#openUntil - now);
  }

  /** True when this closed it. */
  succeed(): boolean {
    const wasTripped = this.#pauses > 0;
    this.#failures = 0;
    this.#pauses = 0;
    this.#probedAt = undefined;
    return wasTripped;
  }

  /** True when this opened it, at least for `atLeastMs`. */
  fail(now: number, atLeastMs = 0): boolean {
    this.#failures += 1;
    // Requests that were under way when it opened tell nothing new.
    if (this.#pauses > 0 && this.#probedAt === undefined) return false;
    if (this.#pauses === 0 && this.#failures < this.#settings.failures) return false;
    this.#probedAt = undefined;
    this.#pauses += 1;
    const { pauseMs, longestMs } = this.#settings;
    const pause = Math.min(longestMs, pauseMs * 2 ** Math.min(this.#pauses - 1, 20));
    this.#openUntil = now + Math.min(longestMs, Math.max(pause, atLeastMs));
    return true;
  }

  /** A probe ended without telling anything: the next request is the probe. */
  leave(): void {
    this.#probedAt = undefined;
  }
}
