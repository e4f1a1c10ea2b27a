import type { FeedbackRow, Outcome } from '../core/outcome.ts';
import type { Receipt } from '../core/receipt.ts';

/**
 * All grades of a request's answers: what callers said of the one they were shown, what the checks
 * made of it, which spokes' answers did not pass them, and what it showed to ask another spoke again
 * (`shadows`: receipts of that). Nothing is stored twice: checks and escalations are in the receipt
 * already.
 */
export function outcomesOf(
  receipt: Receipt,
  feedback: readonly FeedbackRow[],
  shadows: readonly Receipt[] = [],
): Outcome[] {
  const outcomes: Outcome[] = receipt.attempts
    .filter((one) => one.outcome === 'escalated')
    .map(({ spoke }) => escalationOf(receipt, spoke));
  for (const { shadow } of shadows)
    for (const { spoke, score } of shadow?.grades ?? [])
      outcomes.push({ spoke, source: 'shadow', score });
  const spoke = answererOf(receipt);
  if (spoke === undefined) return outcomes;
  if (receipt.confidence !== undefined)
    outcomes.push({ spoke, source: 'verification', score: receipt.confidence });
  for (const { source, score } of feedback) outcomes.push({ spoke, source, score });
  return outcomes;
}

/**
 * A planned cascade goes on from answers that may well be right, only not sure enough: that is what the
 * checks made of them, and no miss.
 */
export function escalationOf({ assessments = [] }: Receipt, spoke: string): Outcome {
  const assessed = assessments.find((one) => one.spoke === spoke);
  return assessed === undefined
    ? { spoke, source: 'escalation', score: 0 }
    : { spoke, source: 'verification', score: assessed.probability };
}

/** Whose answer was shown; undefined where none was, or it was computed for another request. */
export function answererOf({ attempts }: Receipt): string | undefined {
  return attempts.findLast((one) => one.outcome === 'released')?.spoke;
}

/**
 * A person who gave a figure was more careful than one who corrected, and he than one with a thumb; all
 * know more than another spoke does.
 */
const TRUST: readonly Outcome['source'][] = [
  'score',
  'correction',
  'thumbs',
  'escalation',
  'shadow',
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
