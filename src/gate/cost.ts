import type { ChatRequest } from '../core/chat.ts';
import type { GateSpoke } from './spoke.ts';

export interface Expense {
  /** US dollars: tokens of a remote model, seconds of a local one. */
  readonly cost: number;
  /** Milliseconds to the last token, loading included. */
  readonly latencyMs: number;
}

/** Most tokens that one answer of this spoke may have. */
export function answerLimit(request: ChatRequest, spoke: GateSpoke): number {
  return request.maxTokens ?? spoke.maxTokens;
}

/**
 * Cost and time of `answerTokens` in each of the request's choices. A plan reads and writes once
 * for itself and once for each job. `cachedTokens` of the prompt it has read before: they take no
 * time, and cost what its vendor takes for them.
 */
export function expenseOf(
  spoke: GateSpoke,
  request: ChatRequest,
  promptTokens: number,
  answerTokens: number,
  jobs: number,
  cachedTokens = 0,
): Expense {
  const rounds = (spoke.kind === 'hub' ? 1 + jobs : 1) * (request.choiceCount ?? 1);
  const cached = spoke.resident ? Math.min(cachedTokens, promptTokens) : 0;
  const fresh = promptTokens - cached;
  const seconds =
    rounds * (fresh * spoke.secondsPerPromptToken + answerTokens * spoke.secondsPerToken);
  const loading = spoke.resident ? 0 : spoke.loadSeconds;
  const { input, output, cachedInput = input } = spoke.price ?? { input: 0, output: 0 };
  const tokens = (rounds * (fresh * input + cached * cachedInput + answerTokens * output)) / 1e6;
  return {
    cost: tokens + (seconds + loading) * spoke.dollarsPerSecond,
    latencyMs: (seconds + loading) * 1000,
  };
}

/** Seconds of waiting, and dollars, that are worth as much as 0.01 of P(right). */
const SECONDS_PER_POINT = 2;
const DOLLARS_PER_POINT = 0.002;
/** However long the conversation: from here on the better answer is worth it. */
const MOST_SWITCH_COST = 0.25;

/** Money and waiting in one figure: points of P(right) that they are worth together. */
export function burdenOf({ cost, latencyMs }: Expense): number {
  return latencyMs / 1000 / SECONDS_PER_POINT + cost / DOLLARS_PER_POINT;
}

/** Below a millionth of a cent nothing is cheaper. */
export const LEAST_COST = 1e-8;
/** How much longer something may take to be cheaper: by half, or by some seconds. */
const SLOWER_SHARE = 1.5;
const SLOWER_MS = 3000;

/**
 * Whether the first costs less than the second by at least a share (0 … 1) and is not much slower; where
 * nothing costs anything, the time has to be saved.
 */
export function saves(spent: Expense, whole: Expense, share: number): boolean {
  if (whole.cost < LEAST_COST) return spent.latencyMs <= (1 - share) * whole.latencyMs;
  const slowest = Math.max(SLOWER_SHARE * whole.latencyMs, whole.latencyMs + SLOWER_MS);
  return spent.cost <= (1 - share) * whole.cost && spent.latencyMs <= slowest;
}

/**
 * What it costs to leave a spoke that has `cachedTokens` of the prompt in its cache for another that
 * must read them, as P(right). The rates of exchange are judgement until they are measured.
 */
export function switchCost(held: GateSpoke, other: GateSpoke, cachedTokens: number): number {
  if (!held.resident) return 0;
  const seconds = cachedTokens * other.secondsPerPromptToken;
  const { cachedInput = held.price?.input ?? 0 } = held.price ?? {};
  const dollars = (cachedTokens * Math.max(0, (other.price?.input ?? 0) - cachedInput)) / 1e6;
  const points = seconds / SECONDS_PER_POINT + dollars / DOLLARS_PER_POINT;
  return Math.min(MOST_SWITCH_COST, points / 100);
}
