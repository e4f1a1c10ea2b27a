import type { CadreEvent } from '../../src/core/events.ts';
import type { Citation } from '../../src/core/evidence.ts';
import type { Receipt } from '../../src/core/receipt.ts';

type EventOf<Type extends CadreEvent['type']> = Extract<CadreEvent, { type: Type }>;

export function eventsOf<Type extends CadreEvent['type']>(
  events: readonly CadreEvent[],
  type: Type,
): EventOf<Type>[] {
  return events.filter((event): event is EventOf<Type> => event.type === type);
}

/** The one event of a type; fails the test when there are more or none. */
export function theOnly<Type extends CadreEvent['type']>(
  events: readonly CadreEvent[],
  type: Type,
): EventOf<Type> {
  const found = eventsOf(events, type);
  const [only] = found;
  if (only === undefined || found.length > 1)
    throw new Error(`${found.length} events ${type} in ${typesOf(events).join(' ')}`);
  return only;
}

export function typesOf(events: readonly CadreEvent[]): string[] {
  return events.map((event) => event.type);
}

/** What a reader was shown of one choice. */
export function shownText(events: readonly CadreEvent[], choice = 0): string {
  return eventsOf(events, 'text-delta')
    .filter((event) => event.choice === choice)
    .map((event) => event.text)
    .join('');
}

export function citationsOf(events: readonly CadreEvent[]): Citation[] {
  return eventsOf(events, 'text-delta').flatMap((event) => event.citations ?? []);
}

/** The receipt in the last event. */
export function receiptOf(events: readonly CadreEvent[]): Receipt {
  const last = events.at(-1);
  if (last?.type !== 'answer-ended' && last?.type !== 'request-failed')
    throw new Error(`the stream ends with ${last?.type}`);
  return last.receipt;
}
