import { type CadreError, toCadreError } from '../core/errors.ts';

/**
 * What work failed with: why it was stopped, where it was, unless the error that it threw for that
 * says more of it (a deadline that passed while a model was being loaded).
 */
export function faultOf(signal: AbortSignal, thrown: unknown): CadreError {
  const says = thrown instanceof Error && thrown.cause === signal.reason;
  return toCadreError(signal.aborted && !says ? signal.reason : thrown);
}
