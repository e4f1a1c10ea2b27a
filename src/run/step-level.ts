import { AsyncQueue } from '../base/async-queue.ts';
import type { CadreEvent } from '../core/events.ts';
import { runStep, type StepAsk, type StepResult } from './step-run.ts';

/** A level has at most four steps with two events each; the queue never drops one. */
const QUEUE_LENGTH = 64;

/**
 * Runs steps side by side. Yields their `step-started` and `step-ended` as they happen (their text
 * is joined later, in the order of the plan) and returns their results in the order given. When the
 * signal aborts or the reader goes away, all of them are stopped.
 */
export async function* runLevel(
  asks: readonly Omit<StepAsk, 'signal'>[],
  signal: AbortSignal,
): AsyncGenerator<CadreEvent, readonly StepResult[]> {
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const queue = new AsyncQueue<CadreEvent>(QUEUE_LENGTH);
  const runs = Promise.all(asks.map((ask) => runOne({ ...ask, signal: both }, queue)));
  runs.then(
    () => queue.end(),
    (reason: unknown) => queue.fail(reason),
  );
  try {
    yield* queue;
    return await runs;
  } finally {
    stop.abort();
  }
}

async function runOne(ask: StepAsk, queue: AsyncQueue<CadreEvent>): Promise<StepResult> {
  const events = runStep(ask);
  for (;;) {
    const next = await events.next();
    if (next.done) return next.value;
    if (next.value.type !== 'text-delta') queue.push(next.value);
  }
}
