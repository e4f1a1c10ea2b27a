/**
 * Signals whose owner aborts them at a time that is known, in milliseconds since the epoch. Who needs
 * no earlier end can take such a signal as it is: joining it with a timer of its own
 * (`AbortSignal.any`) cost 20 µs per request and objects that only the collector clears away.
 */
const ENDS = new WeakMap<AbortSignal, number>();

/** To be called by the signal's owner, who keeps his word. */
export function promiseEnd(signal: AbortSignal, at: number): void {
  ENDS.set(signal, at);
}

/** A signal that aborts with `signal`, and at the given time at the latest. `now` as `at`. */
export function endingBy(signal: AbortSignal, at: number, now: number): AbortSignal {
  const end = ENDS.get(signal);
  if (end !== undefined && end <= at) return signal;
  return AbortSignal.any([signal, AbortSignal.timeout(Math.max(1, at - now))]);
}
