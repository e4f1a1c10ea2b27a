import type { Call } from '../core/call.ts';
import { CadreError } from '../core/errors.ts';
import type { CadreEvent } from '../core/events.ts';
import { runHub } from '../run/hub.ts';
import { delegateOf } from './delegate.ts';
import type { Life } from './life.ts';
import type { Ask, PipelineParts } from './parts.ts';

/** Lets the hub plan and delegate; its events join the stream of the request. */
export async function* planAndDelegate(
  parts: PipelineParts,
  life: Life,
  label: Call['labelDeclared'],
  ask: Ask,
): AsyncGenerator<CadreEvent> {
  const { call } = life;
  const options = {
    request: call.request,
    depth: call.depth,
    delegate: delegateOf(parts, life, label, ask),
    budgetLeft: life.budgetLeft,
  };
  let failed: CadreError | undefined;
  for await (const event of runHub(options, { signal: life.signal })) {
    if (event.type === 'request-failed') failed = new CadreError(event.code, event.message);
    else yield life.see(event);
  }
  if (failed) throw failed;
}
