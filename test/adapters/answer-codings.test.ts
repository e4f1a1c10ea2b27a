import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createEgress } from '../../src/adapters/egress/egress.ts';
import { createOpenAiModel } from '../../src/adapters/models/openai-model.ts';
import { textPart } from '../../src/core/chat.ts';
import type { ModelEvent } from '../../src/core/ports.ts';
import { PERMIT, startVendor } from '../fixtures/vendor.ts';

const STREAM = Buffer.from(
  [
    'data: {"choices":[{"delta":{"content":"Hello"}}]}\n\n',
    'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n',
    'data: [DONE]\n\n',
  ].join(''),
);

async function read(coding: string, bytes: Uint8Array, status = 200): Promise<ModelEvent[]> {
  const vendor = await startVendor((_request, response) => {
    response.writeHead(status, { 'content-type': 'text/event-stream', 'content-encoding': coding });
    response.end(bytes);
  });
  const destination = vendor.destination();
  const egress = createEgress({ refusal: () => undefined, destinations: [destination] });
  onTestFinished(() => egress.close());
  const model = createOpenAiModel({ destination, model: 'm', key: undefined, egress });
  const events: ModelEvent[] = [];
  const request = {
    messages: [{ role: 'user' as const, content: textPart('hi') }],
    sampling: {},
    maxTokens: 9,
  };
  const signal = new AbortController().signal;
  for await (const event of model.doChat(request, { signal, permit: PERMIT })) events.push(event);
  expect(vendor.requests[0]?.headers['accept-encoding']).toBe('identity');
  return events;
}

describe('an answer that is compressed although nobody asked for it', () => {
  it.each([
    ['gzip', gzipSync(STREAM)],
    ['x-gzip', gzipSync(STREAM)],
    ['deflate', deflateSync(STREAM)],
    ['br', brotliCompressSync(STREAM)],
    ['zstd', zstdCompressSync(STREAM)],
    ['identity', STREAM],
  ])('is read: %s', async (coding, bytes) => {
    expect((await read(coding, bytes)).map((event) => event.type)).toEqual(['text', 'ended']);
  });

  it.each(['gzip', 'deflate', 'br', 'zstd', 'rot13'])('is refused when %s is a lie', (coding) =>
    expect(read(coding, STREAM)).rejects.toMatchObject({
      code: 'upstream_failed',
      fault: 'malformed',
    }),
  );

  it('is cut, not ended, when half of it is missing', async () => {
    const half = gzipSync(STREAM).subarray(0, 40);
    await expect(read('gzip', half)).rejects.toMatchObject({ fault: 'cut' });
  });

  it('is refused when it unfolds without bound', async () => {
    const bomb = gzipSync(Buffer.concat([Buffer.alloc(65 * 1024 * 1024, ':\n'), STREAM]));
    await expect(read('gzip', bomb)).rejects.toMatchObject({
      fault: 'malformed',
      message: expect.stringContaining('unfolds'),
    });
  });

  it('is understood when it is an error', async () => {
    const words = gzipSync('{"error":{"message":"long","code":"context_length_exceeded"}}');
    await expect(read('gzip', words, 400)).rejects.toMatchObject({ fault: 'context-length' });
    await expect(read('gzip', Buffer.from('{}'), 500)).rejects.toMatchObject({
      fault: 'server-error',
    });
  });
});
