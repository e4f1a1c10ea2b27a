import { MAX_DEPTH } from '../core/call.ts';
import { type ChatRequest, lastUserText, textPart } from '../core/chat.ts';
import { CadreError } from '../core/errors.ts';
import type { CadreEvent, PlanStep } from '../core/events.ts';
import type { CallOptions, Delegate } from '../core/ports.ts';
import { foldAnswer } from './answer-folding.ts';
import { isMarkedList, splitJobs } from './job-splitter.ts';
import { joinResults } from './joined-answer.ts';
import { finalStep, planSchema, readPlan, singleStepPlan, stepLevels } from './plan.ts';
import { runLevel } from './step-level.ts';
import { runStep, type StepResult, stepRequest } from './step-run.ts';

export interface HubOptions {
  readonly request: ChatRequest;
  readonly delegate: Delegate;
  /** Depth of the request itself; its steps are one deeper. */
  readonly depth: number;
  /** US dollars that plan and steps may spend together. */
  readonly budgetLeft?: number;
  /** Spoke or virtual model that makes the plan; `general` when absent. */
  readonly planner?: string;
  /** What a step may ask for, the default first; `auto` and `coder` when absent. */
  readonly models?: readonly string[];
}

const PLANNER_PROMPT =
  'Split the request into 2 to 4 steps that can be done one by one. "after" lists the ids of steps whose results a step needs. Steps that need nothing run at the same time. When the parts belong together, the last step joins them. Write each instruction so that it can be understood alone. Do not answer the request.';
const PLAN_TOKENS = 400;
/** Characters of the request that the planner reads. */
const PLANNED_LENGTH = 6000;

/**
 * Plans, delegates and joins: a request that one model does badly becomes two to four requests to
 * the same farm. Yields `plan-made`, `step-started`, `step-ended`, `text-delta` and `choice-ended`;
 * the pipeline adds the rest. A failed step is named in the answer. Rejects with `depth_exceeded`,
 * with the first step's trouble when every step failed, and with the signal's reason.
 */
export async function* runHub(
  options: HubOptions,
  { signal }: CallOptions,
): AsyncGenerator<CadreEvent> {
  signal.throwIfAborted();
  if (options.depth >= MAX_DEPTH)
    throw new CadreError('depth_exceeded', `the hub was asked at depth ${options.depth}`);
  const purse = new Purse(options.budgetLeft);
  const { steps, wantsAll } = await makePlan(options, purse, signal);
  yield { type: 'plan-made', steps };
  const final = wantsAll ? undefined : finalStep(steps);
  const results = new Map<string, StepResult>();
  for (const level of stepLevels(steps) ?? []) {
    const asks = level.map((step) => ({
      step,
      request: stepRequest(options.request, step, results),
      delegate: options.delegate,
      ...purse.share(level.length),
    }));
    const only = asks[0];
    const isFinal = level.length === 1 && level[0] === final;
    const stream = isFinal && only ? shown(runStep({ ...only, signal })) : runLevel(asks, signal);
    const ended = yield* stream;
    for (const result of ended) {
      results.set(result.step.id, result);
      purse.spend(result.cost);
    }
  }
  yield* conclude(steps, final, results);
}

/** The final step's text is the answer and is shown as it comes. */
async function* shown(
  step: AsyncGenerator<CadreEvent, StepResult>,
): AsyncGenerator<CadreEvent, readonly StepResult[]> {
  return [yield* step];
}

function* conclude(
  steps: readonly PlanStep[],
  final: PlanStep | undefined,
  results: ReadonlyMap<string, StepResult>,
): Generator<CadreEvent> {
  const ended = steps.flatMap((step) => results.get(step.id) ?? []);
  const first = ended[0];
  if (first && ended.every((result) => result.problem !== undefined && result.text === ''))
    throw new CadreError('upstream_failed', `no step succeeded: ${first.problem}`);
  const last = final && results.get(final.id);
  const { text, citations } = joinResults(ended, last?.text === '' ? undefined : last);
  if (text !== '')
    yield {
      type: 'text-delta',
      choice: 0,
      text,
      ...(citations.length > 0 ? { citations } : {}),
    };
  yield { type: 'choice-ended', choice: 0, finishReason: 'stop' };
}

interface Plan {
  readonly steps: readonly PlanStep[];
  /** The caller made a list of the jobs: he wants the result of each, not only of the last. */
  readonly wantsAll: boolean;
}

/** A plain list of jobs needs no planner; a plan that is none becomes one step. */
async function makePlan(options: HubOptions, purse: Purse, signal: AbortSignal): Promise<Plan> {
  const models = options.models ?? ['auto', 'coder'];
  const model = models[0] ?? 'auto';
  const text = lastUserText(options.request.messages);
  const split = splitJobs(text, model);
  if (split) return { steps: split, wantsAll: isMarkedList(text) };
  const answer = await foldAnswer(
    options.delegate.doAsk(
      {
        request: {
          model: options.planner ?? 'general',
          messages: [
            { role: 'system', content: textPart(PLANNER_PROMPT) },
            { role: 'user', content: textPart(text.slice(0, PLANNED_LENGTH)) },
          ],
          responseFormat: { type: 'json-schema', name: 'plan', schema: planSchema(models) },
          sampling: { temperature: 0 },
          maxTokens: PLAN_TOKENS,
        },
        ...purse.share(1),
      },
      { signal },
    ),
  );
  signal.throwIfAborted();
  purse.spend(answer.receipt?.cost.total ?? 0);
  const steps = readPlan(answer.text, models) ?? singleStepPlan(text, model);
  return { steps, wantsAll: false };
}

/** What may still be spent; steps that run side by side get equal shares. */
class Purse {
  #left: number | undefined;

  constructor(left: number | undefined) {
    this.#left = left;
  }

  share(count: number): { readonly budgetLeft?: number } {
    return this.#left === undefined ? {} : { budgetLeft: this.#left / Math.max(1, count) };
  }

  spend(amount: number): void {
    if (this.#left !== undefined) this.#left = Math.max(0, this.#left - amount);
  }
}
