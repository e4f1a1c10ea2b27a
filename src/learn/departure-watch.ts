import { alarmThreshold, CALM, watchOutcome } from '../base/cusum.ts';
import { wilsonInterval } from '../base/statistics.ts';
import type { DepartureWatch } from '../core/specialist-watch.ts';

/** Answers that tell what is usual. */
export const USUAL_ANSWERS = 300;
/** Answers that are kept have fallen where they are so much of what is usual. */
const FALL = 0.85;
/** One false alarm, at most, is to be expected in so many answers. */
const CALM_ANSWERS = 100_000;
const THRESHOLD = alarmThreshold(CALM_ANSWERS, 1);

/** The gate of a watch over requests that named the specialist. */
export const NO_GATE = -1;

/**
 * The watch after one more answer, `isGone` where another spoke was asked after it or it named no label.
 * Another gate asks for other things: under a new one it begins anew. Page's cumulative sum, looked at
 * after every answer; what is usual is taken at the upper end of its 95 % interval (Wilson), for a rate
 * that was measured too low by chance would make an alarm of what is as it was.
 */
export function watchDeparture(
  watch: DepartureWatch | undefined,
  { isGone, gate }: { readonly isGone: boolean; readonly gate: number },
  before: DepartureWatch | undefined,
): DepartureWatch {
  const known = watch?.gate === gate ? watch : begun(gate, before);
  const one = isGone ? 1 : 0;
  const counted = { gate, answers: known.answers + 1, gone: known.gone + one };
  const { usual } = known;
  if (usual.answers < USUAL_ANSWERS)
    return {
      ...counted,
      usual: { answers: usual.answers + 1, gone: usual.gone + one },
      chart: CALM,
    };
  const kept = 1 - wilsonInterval(usual.gone, usual.answers).high;
  return { ...counted, usual, chart: watchOutcome(known.chart, 1 - one, kept, FALL) };
}

/** Why the version must go, in words; undefined while it may stay. */
export function departureAlarmOf({ chart, usual, gate }: DepartureWatch): string | undefined {
  if (chart.sum < THRESHOLD) return undefined;
  const gone = gate === NO_GATE ? 'named no label' : 'went on to another spoke or named no label';
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  return `${percent(1 - chart.right / chart.trials)} of its last ${chart.trials} answers ${gone}, where ${percent(usual.gone / usual.answers)} of ${usual.answers} are usual (CUSUM, at most one false alarm in ${CALM_ANSWERS.toLocaleString('en')})`;
}

function begun(gate: number, before: DepartureWatch | undefined): DepartureWatch {
  const isKnown = before?.gate === gate && before.answers >= USUAL_ANSWERS;
  const usual = isKnown ? { answers: before.answers, gone: before.gone } : { answers: 0, gone: 0 };
  return { gate, answers: 0, gone: 0, usual, chart: CALM };
}
