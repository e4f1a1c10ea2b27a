import { ObjectScan } from '../base/object-scan.ts';
import { CadreError } from '../core/errors.ts';
import type { CadreEvent } from '../core/events.ts';
import type { ModelEvent } from '../core/ports.ts';
import { checkToolCalls } from '../verify/tool-call.ts';
import type { AttemptPlan } from './attempt-plan.ts';
import { show } from './conclude.ts';
import type { Life } from './life.ts';
import type { Outlet } from './outlet.ts';
import type { Transcript } from './transcript.ts';

/**
 * Shows a piece of a tool call as it comes, on an unchecked route. Calls are numbered in the order in
 * which they begin, whatever the model counts them by. A tool that nobody offered is known by its name
 * alone: from there on all pieces wait for the verdict on the whole answer. Throws `upstream_failed`
 * at the piece that makes a call whole where that does not fit its tool.
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
  const call = known ?? { index: shownCalls.size, scan: new ObjectScan() };
  const { id = '', name = '' } = event;
  if (known === undefined) shownCalls.set(event.index, call);
  yield* show(life, outlet, {
    type: 'tool-call-delta',
    choice: plan.choice,
    index: call.index,
    ...(known === undefined ? { id, name } : {}),
    arguments: event.arguments,
    ...(event.extra === undefined ? {} : { extra: event.extra }),
  });
  call.scan.push(event.arguments);
  if (call.scan.isWhole && event.arguments.trim() !== '')
    yield* requireFit(life, said, event.index);
}

/**
 * A dialect tells the end of a call with what comes after it, and a client may run it then: nothing
 * comes after a broken one. Who reads the answer whole gets the verdict on all of it.
 */
function* requireFit(life: Life, said: Transcript, place: number): Generator<CadreEvent, void> {
  const { whole, request } = life.call;
  const call = said.toolCalls.get(place);
  if (whole === true || request.tools === undefined || call === undefined) return;
  const result = checkToolCalls([call], request.tools);
  if (result.passed) return;
  yield life.see({ type: 'check-failed', result });
  throw new CadreError('upstream_failed', result.detail);
}
