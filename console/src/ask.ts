import { ApiError, messageOf, streamJson } from './api.ts';
import { findFreshReceipt, loadEvents } from './farm-api.ts';
import { addEvent, type Chunk, growTurn, requestIdOf, type Turn } from './turn.ts';

/** Waits between looks for the receipt of a request that ended early; it is written a moment later. */
const RECEIPT_WAITS_MS = [150, 400, 1000, 2000];
/** Refusals before the pipeline: they leave no receipt. */
const WITHOUT_RECEIPT = new Set([
  'unreachable',
  'unauthorized',
  'origin_refused',
  'invalid_json',
  'invalid_request',
  'model_not_found',
  'body_too_large',
  'rate_limit_exceeded',
]);

function messagesOf(history: readonly Turn[], question: string) {
  return [
    ...history
      .filter((turn) => turn.text !== '')
      .flatMap((turn) => [
        { role: 'user', content: turn.question },
        { role: 'assistant', content: turn.text },
      ]),
    { role: 'user', content: question },
  ];
}

/** Asks the farm and yields the turn as it grows; the last one has its end state and receipt. */
export async function* askFarm(
  turn: Turn,
  history: readonly Turn[],
  session: string,
  signal: AbortSignal,
): AsyncGenerator<Turn> {
  const body = {
    model: turn.model,
    messages: messagesOf(history, turn.question),
    stream: true,
  };
  const headers = { 'x-cadre-events': '1', 'x-cadre-session': session };
  const elapsed = () => Date.now() - turn.startedAt;
  let current = turn;
  try {
    for await (const value of streamJson('/v1/chat/completions', body, signal, headers)) {
      const grown = growTurn(current, value as Chunk, elapsed());
      if (grown === current) continue;
      current = grown;
      yield current;
    }
    if (current.receipt === undefined)
      throw new ApiError('The stream ended before the answer did.', 200, 'unreachable');
    yield { ...current, state: 'done' };
  } catch (error) {
    const ended = endedEarly(current, error, signal);
    yield ended;
    if (ended.receipt === undefined) yield* withReceipt(ended, error);
  }
}

function endedEarly(turn: Turn, error: unknown, signal: AbortSignal): Turn {
  if (signal.aborted) return { ...turn, state: 'stopped' };
  const code = error instanceof ApiError ? error.code : 'internal';
  return { ...turn, state: 'failed', problem: { message: messageOf(error), code } };
}

/** What the farm wrote down about a request that was stopped or refused. */
async function* withReceipt(turn: Turn, error: unknown): AsyncGenerator<Turn> {
  const refused = error instanceof ApiError ? error : undefined;
  const id = requestIdOf(turn) ?? refused?.requestId;
  if (id === undefined || WITHOUT_RECEIPT.has(refused?.code ?? '')) return;
  for (const wait of RECEIPT_WAITS_MS) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    const receipt = await findFreshReceipt(id).catch(() => undefined);
    if (receipt === undefined) continue;
    let told: Turn = { ...turn, receipt };
    // Refused before the first byte: the events were kept, but not sent.
    if (turn.events.length === 0)
      for (const event of await loadEvents(id).catch(() => []))
        told = addEvent(told, event, undefined);
    yield told;
    return;
  }
}
