import type { AnswerChecker } from '../core/answer-checker.ts';
import type { GateCertificate } from '../core/gate-certificate.ts';
import type { Explore } from './context.ts';
import type { Estimator } from './estimator.ts';
import type { GateScope } from './scope.ts';
import type { Suspension } from './suspension.ts';

/** What decides now; it changes when another gate is put in force. */
export interface GateInForce {
  readonly estimator: Estimator;
  /** The promise that holds for `auto`; absent where nothing is certified. */
  readonly certificate?: GateCertificate;
  /** Of which requests and spokes the certificate speaks; absent = of all. */
  readonly scope?: GateScope;
  /** Who answers everything where the promise of a fitted gate is not in force: its reference. */
  readonly safeSpoke?: string;
  /** The reference itself fell: of these the one that is most probable to be right is the safe side. */
  readonly safeAmong?: readonly string[];
  /** Makes P(right) of an answer; without one nothing is asked first for the sake of its checks. */
  readonly checker?: AnswerChecker;
  /** Explores within a share of the decisions, 0 … 0.1. */
  readonly explore?: (share: number, ...where: Parameters<Explore>) => ReturnType<Explore>;
  /** The certificate as it was made, where a part of it is not in force after alarms. */
  readonly suspension?: Suspension;
}
