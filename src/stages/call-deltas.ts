import type { CadreEvent } from '../core/events.ts';
import type { ModelEvent } from '../core/ports.ts';
import type { AttemptPlan } from './attempt-plan.ts';
import { show } from './conclude.ts';
import type { Life } from './life.ts';
import type { Outlet } from './outlet.ts';
import type { Transcript } from './transcript.ts';

/**
 * Shows a piece of a tool call as it comes, on an unchecked route. Calls are numbered in the order in
 * which they begin, whatever the model counts them by. A tool that nobody offered is known by its name
 * alone: from there on all pieces wait for the verdict on the whole answer.
 */
export function* showCall(
  life: Life,
  plan: AttemptPlan,
  said: Transcript,
  event: Extract<ModelEvent, { type: 'tool-call' }>,
  outlet: Outlet,
): Generator<CadreEvent, void> {
  const { tools } = life.call.request;
  const { shownCalls } = said;
  const known = shownCalls.get(event.index);
  if (known === undefined && tools !== undefined)
    said.holdsCalls ||= !tools.some(({ name }) => name === event.name);
  if (said.holdsCalls) return;
  const index = known ?? shownCalls.size;
  const { id = '', name = '' } = event;
  if (known === undefined) shownCalls.set(event.index, index);
  yield* show(life, outlet, {
    type: 'tool-call-delta',
    choice: plan.choice,
    index,
    ...(known === undefined ? { id, name } : {}),
    arguments: event.arguments,
    ...(event.extra === undefined ? {} : { extra: event.extra }),
  });
}
