import { type CanaryTrial, TRIAL_DAYS, trialEnd } from '../core/canary.ts';

/** Part of the requests that a candidate on trial answers. */
export const CANARY_SHARE = 0.05;
/** P that a candidate that is no better is called better, however often one looks; the same for worse. */
const RISK = 0.05;
/** Parts of the stake that are bet on each comparison; their mean is bet, so that none need be chosen. */
const STAKES = [0.05, 0.1, 0.2, 0.4];
/** Comparisons after which what passed on rows may go live. */
const GUARDED = 100;
/** Not while it is so much behind: of 100 answers one that is 10 points worse seems to be no more. */
const BEHIND = 0.02;

/** What becomes of a trial; undefined = it goes on. */
export interface CanaryVerdict {
  readonly to: 'live' | 'candidate';
  /** Why, in words. */
  readonly words: string;
}

export function startTrial(
  wish: Pick<CanaryTrial, 'against' | 'since' | 'mode'>,
  share = CANARY_SHARE,
): CanaryTrial {
  const nothing = STAKES.map(() => 0);
  return {
    ...wish,
    share,
    block: { count: 0, sum: 0 },
    pairs: 0,
    difference: 0,
    better: nothing,
    worse: nothing,
  };
}

/** The trial after a grade, 0 … 1, of the live version's answer. */
export function learnLive(trial: CanaryTrial, score: number): CanaryTrial {
  const { count, sum } = trial.block;
  return { ...trial, block: { count: count + 1, sum: sum + score } };
}

/**
 * The trial after a grade, 0 … 1, of the candidate's answer, which is compared with the mean of the
 * live version's since the last one: both met the same hours, so that a day on which everything is
 * harder speaks against neither. Without any such grade it is not counted.
 *
 * The test is by betting (Waudby-Smith and Ramdas, "Estimating means of bounded random variables by
 * betting", JRSS B 2024, §4): while the candidate is no better, no stake that is bet on the difference,
 * which is within [−1, 1], grows in expectation; so that the mean of the stakes ever reaches 1 ÷ risk
 * has at most that probability (Ville), whenever and however often one looks.
 */
export function learnOwn(trial: CanaryTrial, score: number): CanaryTrial {
  const { count, sum } = trial.block;
  if (count === 0) return trial;
  const difference = score - sum / count;
  const bet = (logs: readonly number[], sign: 1 | -1) =>
    logs.map((log, at) => log + Math.log(1 + (STAKES[at] ?? 0) * sign * difference));
  return {
    ...trial,
    block: { count: 0, sum: 0 },
    pairs: trial.pairs + 1,
    difference: trial.difference + difference,
    better: bet(trial.better, 1),
    worse: bet(trial.worse, -1),
  };
}

/** `now`: milliseconds since the epoch. */
export function verdictOf(trial: CanaryTrial, now: number): CanaryVerdict | undefined {
  const { mode, pairs, difference } = trial;
  const seen = seenWords(trial);
  const isShown = (logs: readonly number[]) => wealthOf(logs) >= 1 / RISK;
  if (isShown(trial.worse))
    return { to: 'candidate', words: `callers found it worse: ${seen} (betting, ${RISK})` };
  if (isShown(trial.better))
    return { to: 'live', words: `callers found it better: ${seen} (betting, ${RISK})` };
  const isOver = now >= trialEnd(trial);
  const isBehind = difference < -BEHIND * pairs;
  if (mode === 'guard' && !isBehind && (pairs >= GUARDED || isOver))
    return {
      to: 'live',
      words: `it passed on rows, and callers did not find it worse: ${seen}`,
    };
  if (mode === 'guard' && isOver)
    return { to: 'candidate', words: `it passed on rows, but callers put it behind: ${seen}` };
  if (mode === 'proof' && isOver)
    return {
      to: 'candidate',
      words: `${TRIAL_DAYS.proof} days did not show it to be better: ${seen}`,
    };
  return undefined;
}

function seenWords({ pairs, difference, against }: CanaryTrial): string {
  if (pairs === 0) return 'no answer of it was graded';
  const points = ((100 * difference) / pairs).toFixed(1);
  return `${pairs} graded answers, ${points} points beside version ${against} at the same time`;
}

/** Mean of what the stakes have become. */
function wealthOf(logs: readonly number[]): number {
  return logs.reduce((sum, log) => sum + Math.exp(log), 0) / Math.max(1, logs.length);
}

/** How a trial stands, in words. */
export function trialWords({ pairs, difference, share, against, mode }: CanaryTrial): string {
  const points = pairs === 0 ? '' : `, ${((100 * difference) / pairs).toFixed(1)} points beside it`;
  const goal =
    mode === 'guard'
      ? `goes live after ${GUARDED} or ${TRIAL_DAYS.guard} days unless it is behind`
      : `goes live only where it is found better within ${TRIAL_DAYS.proof} days`;
  return `on trial with ${100 * share} % of the requests beside version ${against}: ${pairs} graded answers${points}; ${goal}`;
}
