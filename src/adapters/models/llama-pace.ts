/** What a model does: read at least one prompt, or only write answers. */
export type Phase = 'reading' | 'writing';

/** No step takes so many times as long as usual on a machine that is merely busy. */
const TIMES = 10;
/** A pause of the system or of the disk is no reason to give an answer up. */
const LEAST_MS = 10_000;
/** Steps until the usual time is known. */
const LEAST_SEEN = 20;
/** Of the newest step in the mean. */
const WEIGHT = 0.05;

/** How long one step of a model takes, by what was seen of it. */
export class Pace {
  readonly #seen: Record<Phase, { count: number; meanMs: number }> = {
    reading: { count: 0, meanMs: 0 },
    writing: { count: 0, meanMs: 0 },
  };

  /** `ms`: of a whole step; of one that reads, what it takes for as many tokens as a step has at most. */
  note(phase: Phase, ms: number): void {
    const seen = this.#seen[phase];
    seen.count += 1;
    seen.meanMs += (ms - seen.meanMs) * Math.max(WEIGHT, 1 / seen.count);
  }

  /** Milliseconds; undefined until enough was seen. */
  usualMs(phase: Phase): number | undefined {
    const { count, meanMs } = this.#seen[phase];
    return count < LEAST_SEEN ? undefined : meanMs;
  }

  /** Milliseconds without progress after which a model is stuck: 10 s or longer, at most `mostMs`. */
  patienceMs(phase: Phase, mostMs: number): number {
    const usual = this.usualMs(phase);
    return usual === undefined ? mostMs : Math.min(mostMs, Math.max(LEAST_MS, TIMES * usual));
  }
}
