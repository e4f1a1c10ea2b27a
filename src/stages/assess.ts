import type { AnswerChecker } from '../core/answer-checker.ts';
import type { AnswerAssessment, Candidate, CascadePlan, NextStep } from '../core/decision.ts';
import type { CadreEvent } from '../core/events.ts';
import { afterAgreement, nextStep } from '../gate/next-step.ts';
import { checkAgreement } from '../verify/agreement.ts';
import { checkedReasons } from '../verify/answer-checker.ts';
import type { AnswerVerdict } from '../verify/verdict.ts';
import type { Life } from './life.ts';

/** How the answers of a planned cascade are judged. */
export interface Checking {
  readonly checker: AnswerChecker;
  /** What the request looks like; '' = nothing in particular. */
  readonly task: string;
  /** Of the first rung: what may follow. */
  readonly decides?: {
    readonly plan: CascadePlan;
    readonly candidates: readonly Candidate[];
    /** Lets the second spoke answer for itself; undefined where it could not. */
    readonly ask: () => AsyncGenerator<CadreEvent, string | undefined>;
  };
}

/** An answer that was judged, and what is done with it. */
export interface Assessed {
  readonly probability: number;
  readonly step: Exclude<NextStep, 'second'>;
  readonly reason: string;
}

interface Judged {
  readonly spoke: string;
  readonly prior: number;
  readonly text: string;
  readonly verdict: AnswerVerdict;
  /** Milliseconds that the checks took. */
  readonly checkMs: number;
}

/** Decides on an answer of a planned cascade and notes why; asks a second spoke where that is worth it. */
export async function* assess(
  life: Life,
  { checker, decides }: Checking,
  { spoke, prior, text, verdict, checkMs }: Judged,
): AsyncGenerator<CadreEvent, Assessed> {
  const { signs } = verdict;
  let { confidence: probability } = verdict;
  let step: NextStep = decides === undefined ? 'stop' : stepOf(checker, decides, probability);
  const reasons = signs === undefined ? [] : checkedReasons(checker, signs);
  let agreement = 0;
  if (step === 'second' && decides !== undefined) {
    const other = yield* decides.ask();
    const check = other === undefined ? undefined : checkAgreement(text, other);
    if (check !== undefined) {
      yield life.see({ type: check.passed ? 'check-passed' : 'check-failed', result: check });
      probability = afterAgreement(probability, check.passed, checker.power.agreeing);
      agreement = check.passed ? 1 : -1;
      reasons.unshift(check.detail);
    }
    step = probability >= decides.plan.threshold ? 'stop' : 'reference';
  }
  const assessment: AnswerAssessment = {
    spoke,
    prior,
    probability,
    reasons,
    checkMs,
    step,
    signs: signs === undefined ? {} : used({ ...signs, agreement }),
  };
  yield life.see({ type: 'answer-assessed', assessment });
  const why = reasons.length === 0 ? '' : `: ${reasons.join(', ')}`;
  return {
    probability,
    step: step === 'stop' ? 'stop' : 'reference',
    reason: `P(right) is ${probability.toFixed(2)} after the checks${why}`,
  };
}

function stepOf(
  checker: AnswerChecker,
  { plan, candidates }: NonNullable<Checking['decides']>,
  probability: number,
): NextStep {
  const find = (id: string | undefined) => candidates.find((one) => one.spoke === id);
  const reference = find(plan.next);
  const second = find(plan.second);
  if (reference === undefined) return 'stop';
  return nextStep({
    probability,
    threshold: plan.threshold,
    reference,
    ...(second === undefined ? {} : { second }),
    agreeing: checker.power.agreeing,
  });
}

/** Signs that say something, in three digits. */
function used(signs: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(signs).flatMap(([sign, value]) =>
      value === 0 ? [] : [[sign, Math.round(value * 1000) / 1000]],
    ),
  );
}
