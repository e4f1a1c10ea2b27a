import { onTestFinished } from 'vitest';
import { createEgress } from '../../src/adapters/egress/egress.ts';
import { createAnthropicModel } from '../../src/adapters/models/anthropic-model.ts';
import { createOpenAiModel } from '../../src/adapters/models/openai-model.ts';
import { textPart } from '../../src/core/chat.ts';
import type { ModelEvent, ModelRequest } from '../../src/core/ports.ts';
import { PERMIT, sendPieces, startVendor, type Vendor } from '../fixtures/vendor.ts';

export const REQUEST: ModelRequest = {
  messages: [{ role: 'user', content: textPart('hi') }],
  sampling: {},
  maxTokens: 9,
};

/** A vendor that streams these pieces, whatever it is asked. */
export function streaming(...pieces: readonly string[]): Promise<Vendor> {
  return startVendor((_request, response) => sendPieces(response, pieces));
}

/** What a model of this vendor and wire format answers. */
export async function askVendor(
  vendor: Vendor,
  kind: 'openai' | 'anthropic',
  request = REQUEST,
): Promise<ModelEvent[]> {
  const destination = vendor.destination({ kind });
  const egress = createEgress({ refusal: () => undefined, destinations: [destination] });
  onTestFinished(() => egress.close());
  const create = kind === 'openai' ? createOpenAiModel : createAnthropicModel;
  const model = create({ destination, model: 'm', key: 'sk', egress });
  const { signal } = new AbortController();
  const events: ModelEvent[] = [];
  for await (const event of model.doChat(request, { signal, permit: PERMIT })) events.push(event);
  return events;
}

/** The body of the vendor's first request. */
export function bodyOf(vendor: Vendor) {
  return JSON.parse(vendor.requests[0]?.body ?? '');
}
