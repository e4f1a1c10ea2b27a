import type { JsonObject } from '../../core/chat.ts';
import { CadreError } from '../../core/errors.ts';
import type { FeedbackRow } from '../../core/outcome.ts';
import { optionalNumber, optionalText, requiredText } from '../wire-fields.ts';

/** Characters of a correction. */
export const MAX_CORRECTION = 20_000;

interface Feedback {
  readonly receipt: string;
  /** At least one, of each source at most one. */
  readonly said: readonly Pick<FeedbackRow, 'source' | 'score' | 'text'>[];
}

/** The body of POST /v1/feedback. */
export function parseFeedbackBody(body: JsonObject): Feedback {
  const receipt = requiredText(body, 'receipt');
  const thumbs = optionalText(body, 'thumbs');
  if (thumbs !== undefined && thumbs !== 'up' && thumbs !== 'down')
    throw new CadreError('invalid_request', 'thumbs must be `up` or `down`', { param: 'thumbs' });
  const score = optionalNumber(body, 'score', { min: 0, max: 1 });
  const correction = optionalText(body, 'correction', 'correction', MAX_CORRECTION);
  // A form that was left empty corrects nothing.
  const text = correction?.trim() === '' ? undefined : correction;
  const said: Feedback['said'] = [
    ...(thumbs === undefined
      ? []
      : [{ source: 'thumbs' as const, score: thumbs === 'up' ? 1 : 0 }]),
    ...(text === undefined ? [] : [{ source: 'correction' as const, score: 0, text }]),
    ...(score === undefined ? [] : [{ source: 'score' as const, score }]),
  ];
  if (said.length === 0)
    throw new CadreError(
      'invalid_request',
      'say something of the answer: `thumbs`, `score` or `correction`',
    );
  return { receipt, said };
}
