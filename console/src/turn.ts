import type { CadreEvent } from '../../src/core/events.ts';
import type { Citation } from '../../src/core/evidence.ts';
import type { Receipt } from '../../src/core/receipt.ts';
import { streamJson } from './api.ts';

/** One question with all that has happened to it so far. */
export interface Turn {
  readonly id: number;
  readonly question: string;
  readonly text: string;
  readonly citations: readonly Citation[];
  readonly events: readonly CadreEvent[];
  readonly state: 'running' | 'done' | 'failed' | 'stopped';
  readonly problem?: string;
}

export function newTurn(id: number, question: string): Turn {
  return { id, question, text: '', citations: [], events: [], state: 'running' };
}

export function receiptOf(turn: Turn): Receipt | undefined {
  const last = turn.events.findLast(
    (event) => event.type === 'answer-ended' || event.type === 'request-failed',
  );
  return last && 'receipt' in last && typeof last.receipt === 'object' ? last.receipt : undefined;
}

export function eventOf<T extends CadreEvent['type']>(
  turn: Turn,
  type: T,
): Extract<CadreEvent, { type: T }> | undefined {
  return turn.events.findLast((event) => event.type === type) as
    | Extract<CadreEvent, { type: T }>
    | undefined;
}

export function eventsOf<T extends CadreEvent['type']>(
  turn: Turn,
  type: T,
): Extract<CadreEvent, { type: T }>[] {
  return turn.events.filter((event) => event.type === type) as Extract<CadreEvent, { type: T }>[];
}

interface Chunk {
  readonly choices?: readonly { delta?: { content?: string | null } }[];
  readonly cadre?: { event?: CadreEvent; citations?: readonly Citation[] };
}

/** Asks the farm and yields the turn as it grows. */
export async function* runTurn(
  turn: Turn,
  history: readonly Turn[],
  model: string,
  session: string,
  signal: AbortSignal,
): AsyncGenerator<Turn> {
  const messages = [
    ...history.flatMap((one) => [
      { role: 'user', content: one.question },
      ...(one.text ? [{ role: 'assistant', content: one.text }] : []),
    ]),
    { role: 'user', content: turn.question },
  ];
  let current = turn;
  try {
    for await (const value of streamJson(
      '/v1/chat/completions',
      { model, messages, stream: true },
      signal,
      { 'x-cadre-events': '1', 'x-cadre-session': session },
    )) {
      const chunk = value as Chunk;
      const text = current.text + (chunk.choices?.[0]?.delta?.content ?? '');
      const event = chunk.cadre?.event;
      const citations =
        event === undefined && chunk.choices?.[0]?.delta?.content
          ? [...current.citations, ...(chunk.cadre?.citations ?? [])]
          : current.citations;
      current = {
        ...current,
        text,
        citations,
        events: event ? [...current.events, event] : current.events,
      };
      yield current;
    }
    yield { ...current, state: 'done' };
  } catch (error) {
    if (signal.aborted) yield { ...current, state: 'stopped' };
    else
      yield {
        ...current,
        state: 'failed',
        problem: error instanceof Error ? error.message : String(error),
      };
  }
}
