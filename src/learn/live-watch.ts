import { alarmThreshold, CALM, type CusumState, watchOutcome } from '../base/cusum.ts';
import type { SpecialistManifest } from '../core/specialist.ts';
import type { SpecialistWatch } from '../core/specialist-watch.ts';

/** A live version has fallen where so much of what was expected of it is right. */
const FALL = 0.7;
/** One false alarm, at most, is to be expected in so many graded answers. */
const CALM_ANSWERS = 10_000;
const THRESHOLD = alarmThreshold(CALM_ANSWERS, 1);
/** What the held-out rows said counts as so many graded answers of the version before. */
const PRIOR = 20;
/** More is expected of none: three slips of a thumb are no fall. */
const EXPECTED_MOST = 0.95;

export const UNWATCHED: SpecialistWatch = { answers: 0, right: 0, chart: CALM };

/**
 * What callers' grades should be of a live version: as good as those that they gave the version before
 * it, for who is content says less than who is not; where they said little, its share right on rows
 * that it had not seen.
 */
export function expectedGrade(
  { report }: SpecialistManifest,
  before: SpecialistWatch = UNWATCHED,
): number {
  const share = (before.right + PRIOR * report.servedAccuracy) / (before.answers + PRIOR);
  return Math.min(EXPECTED_MOST, share);
}

/** The watch after one more graded answer, `score` 0 … 1. */
export function watchAnswer(
  watch: SpecialistWatch,
  score: number,
  expected: number,
): SpecialistWatch {
  return {
    ...watch,
    answers: watch.answers + 1,
    right: watch.right + score,
    chart: watchOutcome(watch.chart, score, expected, FALL),
  };
}

/** Why the version must go, in words; undefined while it may stay. */
export function alarmOf({ chart }: SpecialistWatch): string | undefined {
  return chart.sum < THRESHOLD ? undefined : `callers found it worse: ${wordsOf(chart)}`;
}

function wordsOf({ trials, right, expected }: CusumState): string {
  return `of its last ${trials} graded answers ${right.toFixed(1)} were right, where ${expected.toFixed(1)} were to be expected (CUSUM, at most one false alarm in ${CALM_ANSWERS})`;
}
