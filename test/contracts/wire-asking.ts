import { textPart } from '../../src/core/chat.ts';
import type { DestinationConfig } from '../../src/core/config.ts';
import type { Model, ModelEvent, ModelRequest } from '../../src/core/ports.ts';
import { PERMIT, sendPieces, startVendor, type Vendor } from '../fixtures/vendor.ts';
import type { Wire } from './wire-doubles.ts';

export const KEY = 'sk-this-must-never-be-seen';
export const USAGE = { prompt: 7, completion: 2 };
export const REQUEST: ModelRequest = {
  messages: [{ role: 'user', content: textPart('hi') }],
  sampling: { temperature: 0 },
  maxTokens: 9,
};

/** A model of the vendor, whose settings differ so from the usual ones. */
export type Open = (vendor: Vendor, change?: Partial<DestinationConfig>) => Model;

export async function collect(answer: AsyncIterable<ModelEvent>): Promise<ModelEvent[]> {
  const events: ModelEvent[] = [];
  for await (const event of answer) events.push(event);
  return events;
}

export function textOf(events: readonly ModelEvent[]): string {
  return events.map((event) => (event.type === 'text' ? event.text : '')).join('');
}

export function saying(
  wire: Wire,
  pieces: readonly (string | Uint8Array)[],
  end?: 'end' | 'cut' | 'hang',
) {
  return startVendor((_request, response) => sendPieces(response, pieces, end, wire.type));
}

export function asking(model: Model, request: ModelRequest = REQUEST): Promise<ModelEvent[]> {
  const { signal } = new AbortController();
  return collect(model.doChat(request, { signal, permit: PERMIT }));
}
