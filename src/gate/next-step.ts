import type { CheckPower } from '../core/answer-checker.ts';
import type { NextStep } from '../core/decision.ts';
import { type Expense, saves } from './cost.ts';

export interface StepTerms {
  /** P(right) of the first answer after its checks. */
  readonly probability: number;
  readonly threshold: number;
  /** Of asking the reference. */
  readonly reference: Expense;
  /** Of asking a second small spoke, whose agreement says something; absent = there is none. */
  readonly second?: Expense;
  readonly agreeing: CheckPower['agreeing'];
}

/** A second opinion must save at least this share of the reference, on average. */
const LEAST_SAVING = 0.05;

/**
 * What to do with a checked answer: it stays where it is sure enough; else a second small spoke is
 * asked, where its agreement would make the answer sure enough and that costs less on average than
 * the reference; else the reference.
 */
export function nextStep({
  probability,
  threshold,
  reference,
  second,
  agreeing,
}: StepTerms): NextStep {
  if (probability >= threshold) return 'stop';
  if (second === undefined) return 'reference';
  if (afterAgreement(probability, true, agreeing) < threshold) return 'reference';
  const agrees = probability * agreeing.right + (1 - probability) * agreeing.wrong;
  const expected = {
    cost: second.cost + (1 - agrees) * reference.cost,
    latencyMs: second.latencyMs + (1 - agrees) * reference.latencyMs,
  };
  return saves(expected, reference, LEAST_SAVING) ? 'second' : 'reference';
}

/** P(right) when a second spoke said the same, or something else (Bayes). */
export function afterAgreement(
  probability: number,
  agrees: boolean,
  { right, wrong }: CheckPower['agreeing'],
): number {
  const ifRight = probability * (agrees ? right : 1 - right);
  const ifWrong = (1 - probability) * (agrees ? wrong : 1 - wrong);
  return ifRight + ifWrong === 0 ? probability : ifRight / (ifRight + ifWrong);
}
