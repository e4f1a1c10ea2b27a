import { certifyThreshold } from '../../src/learn/answer-certificate.ts';
import { answerProbability } from '../../src/verify/answerability.ts';
import { fitAnswerability } from './declining-fit.ts';
import type { SignedRow } from './declining-replay.ts';

/** A row whose answer passed every check but that of P, or did not. */
export interface OpenRow extends SignedRow {
  readonly isShown: boolean;
}

interface Judged {
  readonly isShown: boolean;
  readonly probability: number;
}

/** Most that may be invented on the rows that a threshold is chosen on. */
const MOST_INVENTED = 0.05;

/** How a threshold is chosen on unanswerable rows. */
export const THRESHOLD_RULES = {
  /** The least at which at most 5 % of them is invented. */
  share: (judged: readonly Judged[]) => {
    const shown = judged.filter((one) => one.isShown).map((one) => one.probability);
    const allowed = Math.floor(MOST_INVENTED * judged.length);
    // Just above the first that is one too many.
    return (shown.toSorted((a, b) => b - a)[allowed] ?? 0) + 1e-9;
  },
  /** The product's certificate: at most 5 % with 90 % confidence; 1 where there is none. */
  certificate: (judged: readonly Judged[]) =>
    certifyThreshold(judged, { alpha: 0.05, risk: 0.1 })?.threshold ?? 1,
} as const;

/**
 * Per source a threshold that no row of it had a part in: it is chosen on P of each other source by
 * weights of the remaining ones.
 */
export function thresholdsBySource(
  rows: readonly OpenRow[],
  choose: (judged: readonly Judged[]) => number,
): ReadonlyMap<string, number> {
  const sources = [...new Set(rows.map((row) => row.question.source))];
  return new Map(
    sources.map((held) => {
      const others = rows.filter((row) => row.question.source !== held);
      const inner = sources.filter((source) => source !== held);
      return [held, choose(inner.flatMap((source) => unanswerableOf(others, source)))];
    }),
  );
}

function unanswerableOf(rows: readonly OpenRow[], source: string): readonly Judged[] {
  const weights = fitAnswerability(rows.filter((row) => row.question.source !== source));
  return rows
    .filter((row) => row.question.source === source && !row.answerable)
    .map(({ isShown, signs }) => ({ isShown, probability: answerProbability(signs, weights) }));
}
