import type { CadreEvent } from '../core/events.ts';
import { attempt } from './attempt.ts';
import type { AttemptPlan } from './attempt-plan.ts';
import type { Life } from './life.ts';
import type { PipelineParts, SpokeRuntime } from './parts.ts';

/** Times its expected time after which a second opinion is not waited for. */
const PATIENCE = 4;
const LEAST_PATIENCE_MS = 2000;

/** What a second spoke answers to the same request; nothing of it is shown. */
export async function* secondOpinion(
  parts: PipelineParts,
  life: Life,
  plan: AttemptPlan,
  spoke: SpokeRuntime,
  expectedMs: number,
): AsyncGenerator<CadreEvent, string | undefined> {
  const patience = Math.min(life.leftMs, Math.max(LEAST_PATIENCE_MS, PATIENCE * expectedMs));
  let heard: string | undefined;
  const { checking: _, ...rest } = plan;
  yield* attempt(parts, life, {
    ...rest,
    spoke,
    passages: [],
    cause: 'agreement',
    release: 'whole',
    last: true,
    signal: AbortSignal.any([plan.signal, AbortSignal.timeout(Math.max(1, Math.round(patience)))]),
    onHeard: (text) => {
      heard = text;
    },
  });
  return heard;
}
