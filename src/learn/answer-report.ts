import { splitSentences } from '../base/sentences.ts';
import { areaUnderCurve, type Interval, wilsonInterval } from '../base/statistics.ts';
import { type CertifiedThreshold, certifyThreshold } from './answer-certificate.ts';
import { isRightAnswer } from './answer-grading.ts';
import type { AnswerRow } from './answer-rows.ts';

/** A place of an answer that stands on a document. */
export interface CitedPlace {
  readonly path: string;
  /** Characters [start, end) of the answer. */
  readonly start: number;
  readonly end: number;
}

/** What the farm gave to a question. */
export interface GivenAnswer {
  /** '' where it declined. */
  readonly text: string;
  readonly citations: readonly CitedPlace[];
  /** Why it declined; absent where it answered. */
  readonly reason?: string;
  /** P(the documents answer it), 0 … 1; absent where nobody said. */
  readonly answerability?: number;
  /** Sentences that its checks held back. */
  readonly removed: number;
  readonly ms: number;
}

/**
 * `right` and `wrong` by the gold answer, `answered` where the row has none; `declined`; `invented` =
 * answered although the collection does not hold the answer.
 */
export type AnswerOutcome = 'right' | 'wrong' | 'answered' | 'declined' | 'invented';

export interface AnswerResult {
  readonly id: string;
  readonly question: string;
  readonly answerable: boolean;
  readonly outcome: AnswerOutcome;
  readonly text: string;
  readonly reason?: string;
  readonly answerability?: number;
  /** Sentences that were shown, and of these, those that no citation stands behind. */
  readonly sentences: number;
  readonly unsupported: number;
  readonly removed: number;
  /** Paths cited; whether one of the row's documents is among them. */
  readonly cited: readonly string[];
  readonly citesGold?: boolean;
  readonly ms: number;
}

/** A count with its share and 95 % interval (Wilson). */
export interface CountedShare {
  readonly count: number;
  readonly of: number;
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

export interface AnswerReport {
  readonly questions: number;
  readonly answerable: number;
  /** Of the answerable ones. */
  readonly answered: CountedShare;
  readonly right: CountedShare;
  readonly wrong: CountedShare;
  readonly declined: CountedShare;
  /** Of the right answers to rows with documents. */
  readonly rightCitingGold: CountedShare;
  /** Of the others: answered although they should have been declined. */
  readonly invented: CountedShare;
  /** Of all answers that were shown and could be graded. */
  readonly wrongOfShown: CountedShare;
  /** Of the shown sentences: those without a source. */
  readonly unsupported: CountedShare;
  readonly removed: number;
  /** Whether P(answerable) is higher where there is an answer; absent where one kind is missing. */
  readonly auroc?: number;
  /** Invented and answered shares if only answers above the threshold were shown. */
  readonly curve: readonly CurvePoint[];
  /** At most 5 % invented, 90 % confidence; absent where the questions do not suffice for it. */
  readonly certified?: CertifiedThreshold;
}

export interface CurvePoint {
  readonly threshold: number;
  readonly answered: number;
  readonly right: number;
  readonly invented: number;
}

const CURVE_STEPS = 20;

export function gradeAnswer(row: AnswerRow, given: GivenAnswer): AnswerResult {
  const sentences = splitSentences(given.text).filter((one) => /[\p{L}\p{N}]/u.test(one.text));
  const unsupported = sentences.filter(
    (one) => !given.citations.some(({ start, end }) => start < one.end && one.start < end),
  ).length;
  const cited = [...new Set(given.citations.map((one) => one.path))];
  return {
    id: row.id,
    question: row.question,
    answerable: row.answerable,
    outcome: outcomeOf(row, given),
    text: given.text,
    ...(given.reason === undefined ? {} : { reason: given.reason }),
    ...(given.answerability === undefined ? {} : { answerability: given.answerability }),
    sentences: sentences.length,
    unsupported,
    removed: given.removed,
    cited,
    ...(row.documents.length === 0
      ? {}
      : { citesGold: row.documents.some((path) => cited.includes(path)) }),
    ms: Math.round(given.ms),
  };
}

function outcomeOf(row: AnswerRow, given: GivenAnswer): AnswerOutcome {
  if (given.text.trim() === '') return 'declined';
  if (!row.answerable) return 'invented';
  if (row.gold.length === 0) return 'answered';
  return isRightAnswer(given.text, row.gold) ? 'right' : 'wrong';
}

export function reportAnswers(results: readonly AnswerResult[]): AnswerReport {
  const answerable = results.filter((one) => one.answerable);
  const others = results.filter((one) => !one.answerable);
  const having = (outcome: AnswerOutcome) => results.filter((one) => one.outcome === outcome);
  const right = having('right');
  const wrong = having('wrong');
  const declined = answerable.filter((one) => one.outcome === 'declined').length;
  const graded = right.length + wrong.length;
  const invented = having('invented').length;
  const documented = right.filter((one) => one.citesGold !== undefined);
  const sum = (of: (one: AnswerResult) => number) =>
    results.reduce((total, one) => total + of(one), 0);
  const auroc = aurocOf(answerable, others);
  return {
    questions: results.length,
    answerable: answerable.length,
    answered: shareOf(answerable.length - declined, answerable.length),
    right: shareOf(right.length, answerable.length),
    wrong: shareOf(wrong.length, answerable.length),
    declined: shareOf(declined, answerable.length),
    rightCitingGold: shareOf(documented.filter((one) => one.citesGold).length, documented.length),
    invented: shareOf(invented, others.length),
    wrongOfShown: shareOf(wrong.length + invented, graded + invented),
    unsupported: shareOf(
      sum((one) => one.unsupported),
      sum((one) => one.sentences),
    ),
    removed: sum((one) => one.removed),
    ...(auroc === undefined ? {} : { auroc }),
    curve: curveOf(answerable, others),
    ...certifiedOf(others),
  };
}

function aurocOf(
  answerable: readonly AnswerResult[],
  others: readonly AnswerResult[],
): number | undefined {
  const scores = (rows: readonly AnswerResult[]) => rows.flatMap((one) => one.answerability ?? []);
  const [positives, negatives] = [scores(answerable), scores(others)];
  if (positives.length === 0 || negatives.length === 0) return undefined;
  return areaUnderCurve(positives, negatives);
}

/** What may be promised of questions that should be declined, where P is known of all of them. */
function certifiedOf(others: readonly AnswerResult[]): { certified?: CertifiedThreshold } {
  const known = others.flatMap(({ outcome, answerability: probability }) =>
    probability === undefined ? [] : [{ isShown: outcome === 'invented', probability }],
  );
  const certified =
    known.length < others.length ? undefined : certifyThreshold(known, { alpha: 0.05, risk: 0.1 });
  return certified === undefined ? {} : { certified };
}

/** What of the shown answers is left above each threshold of P(answerable). */
function curveOf(
  answerable: readonly AnswerResult[],
  others: readonly AnswerResult[],
): readonly CurvePoint[] {
  if (![...answerable, ...others].some((one) => one.answerability !== undefined)) return [];
  return Array.from({ length: CURVE_STEPS }, (_, step) => {
    const threshold = step / CURVE_STEPS;
    const kept = (rows: readonly AnswerResult[], isOf: (one: AnswerResult) => boolean) =>
      rows.filter((one) => isOf(one) && (one.answerability ?? 0) >= threshold).length /
      Math.max(1, rows.length);
    return {
      threshold,
      answered: kept(answerable, (one) => one.outcome !== 'declined'),
      right: kept(answerable, (one) => one.outcome === 'right'),
      invented: kept(others, (one) => one.outcome === 'invented'),
    };
  });
}

function shareOf(count: number, of: number): CountedShare {
  if (of === 0) return { count, of, share: 0, low: 0, high: 1 };
  const { low, high }: Interval = wilsonInterval(count, of);
  return { count, of, share: count / of, low, high };
}
