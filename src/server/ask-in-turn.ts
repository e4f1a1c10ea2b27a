import type { Call } from '../core/call.ts';
import { addUsage, type TokenUsage } from '../core/chat.ts';
import type { CadreEvent } from '../core/events.ts';
import { type DocumentEdition, joinEditions } from '../core/evidence.ts';
import type { Farm } from '../core/farm.ts';

/**
 * Several calls as one stream, one after the other, so that a request never takes more of the farm
 * than one does: choices are numbered through, tokens and documents that the answers stand on added up,
 * and the last call's receipt ends it.
 * A call that fails ends the stream as a failure.
 */
export async function* askInTurn(
  farm: Farm,
  calls: readonly Call[],
  signal: AbortSignal,
): AsyncGenerator<CadreEvent> {
  let usage: TokenUsage | undefined;
  let standsOn: readonly DocumentEdition[] = [];
  let shift = 0;
  for (const [index, call] of calls.entries()) {
    const isLast = index === calls.length - 1;
    for await (const event of farm.ask(call, signal)) {
      if (event.type === 'request-accepted' && index > 0) continue;
      if (event.type !== 'answer-ended') {
        yield 'choice' in event ? { ...event, choice: event.choice + shift } : event;
        if (event.type === 'request-failed') return;
        continue;
      }
      usage = usage === undefined ? event.usage : addUsage(usage, event.usage);
      standsOn = joinEditions(standsOn, event.receipt.standsOn);
      const receipt = standsOn.length === 0 ? event.receipt : { ...event.receipt, standsOn };
      if (isLast) yield { ...event, usage, receipt };
    }
    shift += call.request.choiceCount ?? 1;
  }
}
