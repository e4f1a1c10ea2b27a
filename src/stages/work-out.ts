import type { ChatRequest } from '../core/chat.ts';
import type { CheckResult } from '../core/decision.ts';
import { carriedOut } from '../verify/calculation.ts';
import { failed, quoted } from '../verify/checks.ts';
import type { Transcript } from './transcript.ts';

/**
 * Puts the working and the result in the place of the assignments that a model wrote. The check that
 * says why not, where they cannot be calculated: then another spoke is asked.
 */
export function workOut(said: Transcript, { stop = [] }: ChatRequest): CheckResult | undefined {
  // A cut calculation would give the result of its first lines.
  const worked = said.finishReason === 'length' ? undefined : carriedOut(said.text);
  if (worked === undefined)
    return failed('arithmetic', 0.1, `${quoted(said.text)} cannot be calculated`);
  const ends = stop.map((sequence) => worked.text.indexOf(sequence)).filter((place) => place >= 0);
  said.text = worked.text.slice(0, ends.length === 0 ? undefined : Math.min(...ends));
  said.isWorkedOut = true;
  return undefined;
}
