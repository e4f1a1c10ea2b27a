import type { Call } from '../core/call.ts';
import { addUsage, type TokenUsage } from '../core/chat.ts';
import type { CadreEvent } from '../core/events.ts';
import type { Farm } from '../core/farm.ts';

/**
 * Several calls as one stream, one after the other, so that a request never takes more of the farm
 * than one does: choices are numbered through, tokens added up, and the last call's receipt ends it.
 * A call that fails ends the stream as a failure.
 */
export async function* askInTurn(
  farm: Farm,
  calls: readonly Call[],
  signal: AbortSignal,
): AsyncGenerator<CadreEvent> {
  let usage: TokenUsage | undefined;
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
      if (isLast) yield { ...event, usage };
    }
    shift += call.request.choiceCount ?? 1;
  }
}
