import { CadreError } from '../core/errors.ts';
import type { CadreEvent } from '../core/events.ts';

/** The error that ended a stream. */
export function failureOf(event: Extract<CadreEvent, { type: 'request-failed' }>): CadreError {
  return new CadreError(event.code, event.message, {
    ...(event.param === undefined ? {} : { param: event.param }),
    ...(event.retryAfter === undefined ? {} : { retryAfter: event.retryAfter }),
  });
}

/** What a caller may see of an error: nothing of a defect's own words. */
export function publicError(error: CadreError): CadreError {
  return error.code === 'internal' ? new CadreError('internal', 'an internal error') : error;
}
