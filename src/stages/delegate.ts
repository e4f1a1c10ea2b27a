import type { Call } from '../core/call.ts';
import type { CadreEvent } from '../core/events.ts';
import { joinEditions } from '../core/evidence.ts';
import type { Delegate } from '../core/ports.ts';
import type { Life } from './life.ts';
import type { Ask, PipelineParts } from './parts.ts';

type Child = Parameters<Delegate['doAsk']>[0];

/** The way down: the same pipeline, one level deeper, inheriting caller, label, deadline and budget. */
export function delegateOf(
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
      const standsOn = joinEditions(life.builder.grounds.shown, child.standsOn);
      const budgetLeft = Math.min(child.budgetLeft ?? Number.POSITIVE_INFINITY, life.budgetLeft);
      return counted(
        life,
        child,
        ask(
          {
            id,
            request: child.request,
            caller: call.caller,
            deadline: call.deadline,
            depth: call.depth + 1,
            ...(call.whole === true ? { whole: true } : {}),
            ...(call.priority === undefined ? {} : { priority: call.priority }),
            parent: call.id,
            ...(label ? { labelDeclared: label } : {}),
            ...(standsOn.length === 0 ? {} : { standsOn }),
            ...(child.bare ? { bare: true, cache: 'off' } : inherited(call)),
            budgetLeft,
          },
          signal,
        ),
      );
    },
  };
}

/** What a child that is asked for an answer of its own takes over. */
function inherited({
  collection,
  filter,
  cache,
  reading,
}: Call): Pick<Call, 'collection' | 'filter' | 'cache' | 'reading'> {
  return {
    ...(collection ? { collection } : {}),
    ...(filter ? { filter } : {}),
    ...(cache ? { cache } : {}),
    ...(reading ? { reading } : {}),
  };
}

/** What a child used and stands on counts for its parent too; what it spent is no longer left. */
async function* counted(
  life: Life,
  child: Child,
  events: AsyncIterable<CadreEvent>,
): AsyncGenerator<CadreEvent> {
  for await (const event of events) {
    if (event.type === 'answer-ended' || event.type === 'request-failed') {
      const { receipt } = event;
      const total = receipt.total ?? receipt;
      life.addDelegated(total);
      // What was asked on the side is part of no answer.
      if (child.bare !== true) {
        life.builder.grounds.add(receipt.standsOn);
        life.builder.warn(receipt.warnings);
      }
      life.budgetLeft = Math.max(0, life.budgetLeft - total.cost.total);
    }
    yield event;
  }
}
