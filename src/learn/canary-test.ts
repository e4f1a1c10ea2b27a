import {
  type CanaryTrial,
  type GradeBlock,
  type LeftTest,
  TRIAL_DAYS,
  trialEnd,
} from '../core/canary.ts';

/** Part of the requests that a candidate on trial answers. */
export const CANARY_SHARE = 0.05;
/** P that a candidate that is no better is called better, however often one looks. */
const RISK = 0.05;
/** The same for worse, which two tests may say: by grades, and by what was left as it is. */
const WORSE_RISK = RISK / 2;
/** Parts of the stake that are bet on each comparison; their mean is bet, so that none need be chosen. */
const STAKES = [0.05, 0.1, 0.2, 0.4];
const NOTHING = STAKES.map(() => 0);
const NO_BLOCK: GradeBlock = { count: 0, sum: 0 };
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

/** Which of the two gave an answer. */
export type TrialArm = 'own' | 'live';

export function startTrial(
  wish: Pick<CanaryTrial, 'against' | 'since' | 'mode'>,
  share = CANARY_SHARE,
): CanaryTrial {
  return {
    ...wish,
    share,
    block: NO_BLOCK,
    pairs: 0,
    difference: 0,
    better: NOTHING,
    worse: NOTHING,
  };
}

/** The trial after a grade, 0 … 1, of the live version's answer. */
export function learnLive(trial: CanaryTrial, score: number): CanaryTrial {
  return { ...trial, block: added(trial.block, score) };
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
  const difference = differenceOf(trial.block, score);
  if (difference === undefined) return trial;
  return {
    ...trial,
    block: NO_BLOCK,
    pairs: trial.pairs + 1,
    difference: trial.difference + difference,
    better: bet(trial.better, difference),
    worse: bet(trial.worse, -difference),
  };
}

/**
 * The trial after an answer that nobody graded: `score` 1 where it was left as it is, 0 where it gave way
 * or its caller asked elsewhere. Who is too sure of himself leaves more of his answers, so that more of
 * these never show a candidate to be better; fewer of them speak against it, as a test of its own.
 */
export function learnLeft(trial: CanaryTrial, arm: TrialArm, score: number): CanaryTrial {
  const left = leftOf(trial);
  if (arm === 'live') return { ...trial, left: { ...left, block: added(left.block, score) } };
  const difference = differenceOf(left.block, score);
  if (difference === undefined) return trial;
  return {
    ...trial,
    left: {
      until: left.until,
      block: NO_BLOCK,
      pairs: left.pairs + 1,
      difference: left.difference + difference,
      worse: bet(left.worse, -difference),
    },
  };
}

/** What is known of the answers that nobody graded; from the trial's beginning on. */
export function leftOf({ left, since }: CanaryTrial): LeftTest {
  return left ?? { until: since, block: NO_BLOCK, pairs: 0, difference: 0, worse: NOTHING };
}

/** `now`: milliseconds since the epoch. */
export function verdictOf(trial: CanaryTrial, now: number): CanaryVerdict | undefined {
  const { mode, pairs, difference } = trial;
  const left = leftOf(trial);
  const seen = seenWords(trial);
  if (isShown(trial.worse, WORSE_RISK))
    return {
      to: 'candidate',
      words: `callers found it worse: ${seen} (betting, ${WORSE_RISK})`,
    };
  if (isShown(left.worse, WORSE_RISK))
    return {
      to: 'candidate',
      words: `more of its answers gave way, or were asked for elsewhere: of ${left.pairs} that nobody graded ${pointsOf(left)} points fewer were left than of version ${trial.against}’s (betting, ${WORSE_RISK})`,
    };
  if (isShown(trial.better, RISK))
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

function added({ count, sum }: GradeBlock, score: number): GradeBlock {
  return { count: count + 1, sum: sum + score };
}

function differenceOf({ count, sum }: GradeBlock, score: number): number | undefined {
  return count === 0 ? undefined : score - sum / count;
}

function bet(logs: readonly number[], gain: number): number[] {
  return logs.map((log, at) => log + Math.log(1 + (STAKES[at] ?? 0) * gain));
}

/** Whether the mean of what the stakes have become says it. */
function isShown(logs: readonly number[], risk: number): boolean {
  const mean = logs.reduce((sum, log) => sum + Math.exp(log), 0) / logs.length;
  return mean >= 1 / risk;
}

function seenWords({ pairs, difference, against }: CanaryTrial): string {
  if (pairs === 0) return 'no answer of it was graded';
  const points = ((100 * difference) / pairs).toFixed(1);
  return `${pairs} graded answers, ${points} points beside version ${against} at the same time`;
}

function pointsOf({ pairs, difference }: LeftTest): string {
  return ((-100 * difference) / Math.max(1, pairs)).toFixed(1);
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
