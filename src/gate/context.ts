import type { CheckPower } from '../core/answer-checker.ts';
import type { ChatRequest } from '../core/chat.ts';
import type { PolicyVerdict } from '../core/decision.ts';
import type { GateCertificate } from '../core/gate-certificate.ts';
import { REST } from './certify.ts';
import type { TaskEstimate } from './estimator.ts';
import type { Surface } from './features.ts';
import type { Pin } from './pins.ts';
import { type GateScope, isInScope } from './scope.ts';
import type { GateSpoke } from './spoke.ts';
import type { Suspension } from './suspension.ts';

/** `slice` = the part of the traffic; of the spokes another one than the `usual` one, or none. */
export type Explore = (
  slice: string,
  spokes: readonly string[],
  usual: string,
) => string | undefined;

export interface GateEvidence {
  /** 0 … 1: how well the best passage matches the request. */
  readonly strength: number;
  readonly collection: string;
  /** The request named the collection: it may not be answered from anything else. */
  readonly required: boolean;
}

export interface GateInput {
  readonly request: ChatRequest;
  readonly verdict: PolicyVerdict;
  readonly spokes: readonly GateSpoke[];
  /** Ids among `spokes` that only stand in for a named one that cannot serve, in order. */
  readonly standbys?: readonly string[];
  /** P(right) that is looked for, 0 … 1. */
  readonly promise: number;
  /** US dollars that the request may still spend; absent = no limit. */
  readonly budgetLeft?: number;
  readonly promptTokens: number;
  /** What a vendor may count for the prompt at most: budgets are held against it. */
  readonly mostPromptTokens: number;
  readonly depth: number;
  readonly evidence?: GateEvidence;
  readonly pinned?: Pin;
  /** In force: takes the place of the promise wherever its reference may serve. */
  readonly certificate?: GateCertificate;
  /** Of which requests and spokes it speaks, each spoke within what it is kept for; absent = of all. */
  readonly scope?: GateScope;
  /** Who answers while the certificate of a fitted gate is not in force, wherever it may serve. */
  readonly safeSpoke?: string;
  /** The safe side where the reference itself fell: the most probable of these that may serve. */
  readonly safeAmong?: readonly string[];
  /** Draws one of several spokes that reach the promise, to learn of it; undefined = none this time. */
  readonly explore?: Explore;
  /** Where alarms keep a part of it from being in force. */
  readonly suspension?: Suspension;
  /** How well answers can be checked; absent where the answer is shown before a check would be done. */
  readonly checks?: CheckPower;
}

/** The input and what was read out of the request once. */
export interface GateContext {
  readonly input: GateInput;
  readonly surface: Surface;
  readonly estimate: TaskEstimate;
}

/** Posterior of some tasks together, 0 … 1. */
export function massOf(estimate: TaskEstimate, tasks: ReadonlySet<string>): number {
  let mass = 0;
  for (const { task, probability } of estimate.posterior) if (tasks.has(task)) mass += probability;
  return mass;
}

/** The task in words for a reason: `code (0.97)`. */
export function likelyTask(estimate: TaskEstimate): string {
  const best = estimate.posterior[0];
  if (estimate.flat || best === undefined) return 'no task in particular';
  return `${best.task} (${best.probability.toFixed(2)})`;
}

/** The part of the traffic that the request belongs to: its task, where one stands out. */
export function sliceOf({ flat, posterior }: TaskEstimate): string {
  return flat ? REST : (posterior[0]?.task ?? REST);
}

export function isToolResult(request: ChatRequest): boolean {
  return request.messages.at(-1)?.role === 'tool';
}

/** Whether the certificate in force does not speak of this request: its task, or a spoke that may answer it. */
export function isBeyondScope(
  { input: { scope }, estimate }: GateContext,
  eligible: readonly GateSpoke[],
): boolean {
  if (scope === undefined) return false;
  return !scope.losses.has(sliceOf(estimate)) || strangerTo(scope, eligible) !== undefined;
}

/** A spoke that answers by itself and was never graded. */
export function strangerTo(
  scope: GateScope,
  eligible: readonly GateSpoke[],
): GateSpoke | undefined {
  return eligible.find((one) => one.kind === 'chat' && !isInScope(scope, one));
}
