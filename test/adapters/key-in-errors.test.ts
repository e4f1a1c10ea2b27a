import { expect, it, onTestFinished } from 'vitest';
import { createEgress } from '../../src/adapters/egress/egress.ts';
import { createAiSdkModel } from '../../src/adapters/models/ai-sdk-model.ts';
import { createOpenAiModel } from '../../src/adapters/models/openai-model.ts';
import { textPart } from '../../src/core/chat.ts';
import type { ModelRequest } from '../../src/core/ports.ts';
import { PERMIT, sendPieces, startVendor } from '../fixtures/vendor.ts';

const KEY = 'sk-very-secret';
const REQUEST: ModelRequest = {
  messages: [{ role: 'user', content: textPart('hi') }],
  sampling: {},
  maxTokens: 9,
};

it.each([
  ['openai', createOpenAiModel, {}],
  ['ai-sdk', createAiSdkModel, { vendor: 'mistral-native' as const, kind: 'ai-sdk' as const }],
])('a broken answer that echoes the key is not quoted with it: %s', async (_, create, change) => {
  const vendor = await startVendor((_request, response) =>
    sendPieces(response, [`data: {"bearer ${KEY}\n\n`]),
  );
  const destination = vendor.destination({ ...change, url: `${vendor.url}/v1` });
  const egress = createEgress({ refusal: () => undefined, destinations: [destination] });
  onTestFinished(() => egress.close());
  const model = create({ destination, model: 'm', key: KEY, egress });
  const { signal } = new AbortController();
  const events = model.doChat(REQUEST, { signal, permit: PERMIT })[Symbol.asyncIterator]();
  const error = await events.next().catch((thrown: Error) => thrown);
  expect(error).toMatchObject({ code: 'upstream_failed' });
  expect((error as Error).message).not.toContain(KEY);
});
