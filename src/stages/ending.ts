import type { CadreError } from '../core/errors.ts';
import type { Outcome } from '../core/receipt.ts';
import type { ShadowOutcome } from '../core/shadow.ts';
import type { SharedAnswer } from '../core/shared-answer.ts';

/** How the life of a request ended. */
export interface Ending {
  readonly outcome: Outcome;
  readonly confidence?: number;
  readonly error?: CadreError;
  /** The answer was computed for another request. */
  readonly shared?: SharedAnswer;
  /** Nobody was shown the answer: it was compared with one that was. */
  readonly shadow?: ShadowOutcome;
}
