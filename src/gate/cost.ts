import type { ChatRequest } from '../core/chat.ts';
import type { TaskEstimate } from './estimator.ts';
import type { GateSpoke } from './spoke.ts';
import { ANSWER_TOKENS, isTask } from './task.ts';

interface Expense {
  /** US dollars: tokens of a remote model, seconds of a local one. */
  readonly cost: number;
  /** Milliseconds to the last token, loading included. */
  readonly latencyMs: number;
}

/** Most tokens that one answer of this spoke may have. */
export function answerLimit(request: ChatRequest, spoke: GateSpoke): number {
  return request.maxTokens ?? spoke.maxTokens;
}

/** Usual length of the answer, by the tasks the request looks like; before any limit. */
export function usualAnswer(estimate: TaskEstimate): number {
  let tokens = 0;
  for (const { task, probability } of estimate.posterior) {
    if (isTask(task)) tokens += probability * ANSWER_TOKENS[task];
  }
  return tokens;
}

/**
 * Cost and time of `answerTokens` in each of the request's choices. A plan reads and writes once
 * for itself and once for each job.
 */
export function expenseOf(
  spoke: GateSpoke,
  request: ChatRequest,
  promptTokens: number,
  answerTokens: number,
  jobs: number,
): Expense {
  const rounds = (spoke.kind === 'hub' ? 1 + jobs : 1) * (request.choiceCount ?? 1);
  const seconds =
    rounds * (promptTokens * spoke.secondsPerPromptToken + answerTokens * spoke.secondsPerToken);
  const loading = spoke.resident ? 0 : spoke.loadSeconds;
  const { input, output } = spoke.price ?? { input: 0, output: 0 };
  const tokens = (rounds * (promptTokens * input + answerTokens * output)) / 1e6;
  return {
    cost: tokens + (seconds + loading) * spoke.dollarsPerSecond,
    latencyMs: (seconds + loading) * 1000,
  };
}
