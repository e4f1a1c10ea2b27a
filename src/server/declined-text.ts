import type { CadreEvent } from '../core/events.ts';
import type { Abstention } from '../core/evidence.ts';

/**
 * A declined answer in words, as a refusal: a client that knows nothing of `cadre.abstained` would
 * show an empty message.
 */
export function declinedText({ reason }: Abstention): Extract<CadreEvent, { type: 'text-delta' }> {
  const text = `I cannot answer this reliably: ${reason.replace(/[.\s]+$/, '')}.`;
  return { type: 'text-delta', choice: 0, text, refusal: true };
}
