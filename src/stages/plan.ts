import type { Call } from '../core/call.ts';
import { CadreError } from '../core/errors.ts';
import type { CadreEvent } from '../core/events.ts';
import type { Delegate } from '../core/ports.ts';
import { runHub } from '../run/hub.ts';
import type { Life } from './life.ts';
import type { Ask, PipelineParts } from './parts.ts';

/** The way down: the same pipeline, one level deeper, inheriting caller, label, deadline and budget. */
function delegateOf(
  parts: PipelineParts,
  life: Life,
  label: Call['labelDeclared'],
  ask: Ask,
): Delegate {
  const { call } = life;
  return {
    doAsk(child, { signal }) {
      const id = `req_${parts.random.id(24)}`;
      life.builder.addChild(id);
      const budgetLeft = Math.min(child.budgetLeft ?? Number.POSITIVE_INFINITY, life.budgetLeft);
      return counted(
        life,
        ask(
          {
            id,
            request: child.request,
            caller: call.caller,
            deadline: call.deadline,
            depth: call.depth + 1,
            ...(call.whole === true ? { whole: true } : {}),
            parent: call.id,
            ...(label ? { labelDeclared: label } : {}),
            ...(call.collection ? { collection: call.collection } : {}),
            ...(call.filter ? { filter: call.filter } : {}),
            ...(call.cache ? { cache: call.cache } : {}),
            budgetLeft,
          },
          signal,
        ),
      );
    },
  };
}

/** What a child used counts for its parent too; what it spent is no longer left. */
async function* counted(life: Life, events: AsyncIterable<CadreEvent>): AsyncGenerator<CadreEvent> {
  for await (const event of events) {
    if (event.type === 'answer-ended' || event.type === 'request-failed') {
      const { receipt } = event;
      const total = receipt.total ?? receipt;
      life.addDelegated(total);
      life.budgetLeft = Math.max(0, life.budgetLeft - total.cost.total);
    }
    yield event;
  }
}

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
