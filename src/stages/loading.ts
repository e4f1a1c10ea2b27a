import { AsyncQueue } from '../base/async-queue.ts';
import type { CadreEvent } from '../core/events.ts';
import type { ModelLease } from '../core/ports.ts';
import type { AttemptPlan } from './attempt-plan.ts';
import type { Life } from './life.ts';
import type { PipelineParts } from './parts.ts';

/** Waits for a spoke's model and shows how it loads; returns the lease. */
export async function* acquireShown(
  parts: PipelineParts,
  life: Life,
  { spoke, signal }: AttemptPlan,
): AsyncGenerator<CadreEvent, ModelLease> {
  const progress = new AsyncQueue<number>(16);
  const { caller, deadline, priority = 'interactive' } = life.call;
  const acquiring = parts.acquire(spoke.config, {
    signal,
    key: caller.key,
    priority,
    deadline,
    onProgress: (share) => progress.push(share),
  });
  if (!(acquiring instanceof Promise)) return acquiring;
  acquiring.then(
    () => progress.end(),
    () => progress.end(),
  );
  let handed = false;
  try {
    for await (const share of progress)
      yield life.see({ type: 'model-loading', model: spoke.gate.modelId, progress: share });
    const lease = await acquiring;
    handed = true;
    return lease;
  } finally {
    // The consumer left while the model was loading: give the lease back when it comes.
    if (!handed) acquiring.then((lease) => lease.release()).catch(() => undefined);
  }
}
