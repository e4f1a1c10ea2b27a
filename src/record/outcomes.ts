import type { FeedbackRow, Outcome } from '../core/outcome.ts';
import type { Receipt } from '../core/receipt.ts';

/**
 * All grades of a request's answers: what callers said of the one they were shown, what the checks
 * made of it, and which spokes' answers did not pass them. Nothing is stored twice: the checks and
 * escalations are in the receipt already.
 */
export function outcomesOf(receipt: Receipt, feedback: readonly FeedbackRow[]): Outcome[] {
  const outcomes: Outcome[] = receipt.attempts
    .filter((one) => one.outcome === 'escalated')
    .map(({ spoke }) => ({ spoke, source: 'escalation', score: 0 }));
  const spoke = answererOf(receipt);
  if (spoke === undefined) return outcomes;
  if (receipt.confidence !== undefined)
    outcomes.push({ spoke, source: 'verification', score: receipt.confidence });
  for (const { source, score } of feedback) outcomes.push({ spoke, source, score });
  return outcomes;
}

/** Whose answer was shown; undefined where none was, or it was computed for another request. */
export function answererOf({ attempts }: Receipt): string | undefined {
  return attempts.findLast((one) => one.outcome === 'released')?.spoke;
}

/** A person who gave a figure was more careful than one who corrected, and he than one with a thumb. */
const TRUST: readonly Outcome['source'][] = [
  'score',
  'correction',
  'thumbs',
  'escalation',
  'verification',
];

/** The grade of a spoke's answer to learn from: what the most careful source said; undefined for none. */
export function gradeOf(outcomes: readonly Outcome[], spoke: string): Outcome | undefined {
  const own = outcomes.filter((one) => one.spoke === spoke);
  for (const source of TRUST) {
    const found = own.find((one) => one.source === source);
    if (found !== undefined) return found;
  }
  return undefined;
}
