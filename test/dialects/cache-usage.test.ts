import Anthropic from '@anthropic-ai/sdk';
import { expect, it } from 'vitest';
import { openHouse } from '../fixtures/open-house.ts';
import { sendPieces, startVendor } from '../fixtures/vendor.ts';

const USAGE = {
  input_tokens: 10,
  cache_read_input_tokens: 4000,
  cache_creation_input_tokens: 3000,
  cache_creation: { ephemeral_5m_input_tokens: 1000, ephemeral_1h_input_tokens: 2000 },
};
const event = (fields: { type: string; [key: string]: unknown }) =>
  `event: ${fields.type}\ndata: ${JSON.stringify(fields)}\n\n`;
const PIECES = [
  event({ type: 'message_start', message: { usage: { ...USAGE, output_tokens: 1 } } }),
  event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Yes.' } }),
  event({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 5 } }),
  event({ type: 'message_stop' }),
];

/** A farm before a server of Anthropic's dialect with a cache. */
async function start() {
  const vendor = await startVendor((_request, response) => sendPieces(response, PIECES));
  const prices = { big: { input: 2, output: 10, cachedInput: 0.2 } };
  const { farm, url } = await openHouse(() => ({
    fleet: { starter: false },
    destinations: [
      { id: 'vendor', kind: 'anthropic', url: `${vendor.url}/v1`, clearance: 'internal', prices },
    ],
    spokes: [{ id: 'far', model: 'vendor/big' }],
  }));
  return { vendor, farm, client: new Anthropic({ baseURL: url, apiKey: 'k' }) };
}

it('carries marks to a vendor’s cache, and its counts into usage and cost', async () => {
  const { vendor, farm, client } = await start();
  const cache_control = { type: 'ephemeral', ttl: '1h' } as const;
  const asked = {
    model: 'far',
    max_tokens: 20,
    system: [{ type: 'text' as const, text: 'Answer with yes.', cache_control }],
    messages: [{ role: 'user' as const, content: 'Well?' }],
  };
  const { data, request_id: id } = await client.messages.create(asked).withResponse();
  expect(data.usage).toMatchObject({ ...USAGE, output_tokens: 5 });
  const streamed = await client.messages.stream(asked).finalMessage();
  // Of a stream's last counts the client takes the sums alone.
  const { cache_creation: _split, ...sums } = USAGE;
  expect(streamed.usage).toMatchObject({ ...sums, output_tokens: 5 });
  expect(JSON.parse(vendor.requests[0]?.body ?? '')).toMatchObject({ system: asked.system });
  const receipt = await farm.receipt(id ?? '');
  expect(receipt?.usage).toEqual({
    promptTokens: 7010,
    cachedTokens: 4000,
    cacheWrites: { fiveMinutes: 1000, hour: 2000 },
    completionTokens: 5,
  });
  // 10 read at $2, 4000 at $0.2, 1000 at 1.25 × $2, 2000 at 2 × $2, 5 written at $10, per million.
  expect(receipt?.cost.total).toBeCloseTo(0.01137, 9);
});
