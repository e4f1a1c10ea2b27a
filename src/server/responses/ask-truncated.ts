import type { Call } from '../../core/call.ts';
import type { ChatMessage } from '../../core/chat.ts';
import type { CadreEvent } from '../../core/events.ts';
import type { Farm } from '../../core/farm.ts';
import { newRequestId } from '../identifiers.ts';

/** Halving 2,000 messages takes eleven. */
const MAX_TRIES = 12;

/**
 * Asks, and where the conversation is too long for every spoke asks again with its older half left
 * out, until it fits or only the last turn is left. Each try leaves a receipt of its own; what was set
 * aside for the first is for all of them, and given back after the last.
 */
export async function* askTruncated(
  farm: Farm,
  call: Call,
  signal: AbortSignal,
): AsyncGenerator<CadreEvent> {
  let next = call;
  for (let tries = 1; ; tries += 1) {
    const shorter = tries === MAX_TRIES ? undefined : withoutOlderHalf(next.request.messages);
    const id = newRequestId();
    farm.shareTokens(next.id, id);
    let isTooLong = false;
    let hasSpoken = false;
    try {
      for await (const event of farm.ask(next, signal)) {
        hasSpoken ||= event.type.endsWith('-delta');
        isTooLong =
          shorter !== undefined &&
          !hasSpoken &&
          event.type === 'request-failed' &&
          event.code === 'context_length_exceeded';
        if (isTooLong || (tries > 1 && event.type === 'request-accepted')) continue;
        yield event;
      }
    } finally {
      if (!isTooLong) farm.settleTokens(id, 0);
    }
    if (!isTooLong || shorter === undefined) return;
    next = { ...next, id, request: { ...next.request, messages: shorter } };
  }
}

/** Leading system messages stay; what is kept begins with a user's turn, so that no call loses its output. */
function withoutOlderHalf(messages: readonly ChatMessage[]): readonly ChatMessage[] | undefined {
  const leading = messages.findIndex(({ role }) => role !== 'system');
  if (leading < 0) return undefined;
  const rest = messages.slice(leading);
  const turns = rest.flatMap(({ role }, index) => (role === 'user' && index > 0 ? [index] : []));
  const half = turns.find((index) => index >= rest.length / 2) ?? turns.at(-1);
  return half === undefined ? undefined : [...messages.slice(0, leading), ...rest.slice(half)];
}
