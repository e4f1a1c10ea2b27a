import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ResponseBody } from '../../src/adapters/egress/response-body.ts';
import { AnthropicEvents } from '../../src/adapters/models/anthropic-events.ts';
import { OpenAiChunks } from '../../src/adapters/models/openai-chunks.ts';
import { type RemoteReader, readStream } from '../../src/adapters/models/remote-stream.ts';
import { toCadreError } from '../../src/core/errors.ts';
import type { ModelEvent } from '../../src/core/ports.ts';

const OPENAI = [
  'data: {"choices":[{"delta":{"content":"Hé 𝄞"}}]}\n\n',
  'data: {"choices":[{"delta":{"content":"llo"}}]}\r\n\r\n',
  ': ping\n\n',
  'data: {"choices":[]}\n\n',
  'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n',
  'data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":"{"}}]}}]}\r\r',
  'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}}\n\n',
  'data: {"error":{"message":"busy","code":"rate_limit_exceeded"}}\n\n',
  'data: {"choices":[{"del\n\n',
  'data: [DONE]\n\n',
  'data: \uFFFD\n',
  '\n',
];

const ANTHROPIC = [
  'event: message_start\ndata: {"type":"message_start","message":{"usage":{"input_tokens":3}}}\n\n',
  'data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n',
  'data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hé"}}\r\n\r\n',
  'data: {"type":"ping"}\n\n',
  'data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}\n\n',
  'data: {"type":"error","error":{"type":"overloaded_error","message":"busy"}}\n\n',
  'data: {"type":"message_stop"}\n\n',
  'data: {"type":\n\n',
];

const READERS: Readonly<Record<string, () => RemoteReader>> = {
  openai: () => new OpenAiChunks('vendor', undefined),
  anthropic: () =>
    new AnthropicEvents({ answersByTool: false, destination: 'vendor', key: undefined }),
};

/** Everything that is read from the pieces, and how it ends. */
async function readAll(
  reader: RemoteReader,
  pieces: readonly Uint8Array[],
): Promise<{ events: ModelEvent[]; end: string; complete: boolean }> {
  const body = new ResponseBody({
    name: 'vendor',
    signal: new AbortController().signal,
    firstByteMs: 60_000,
    betweenBytesMs: 60_000,
    totalMs: 60_000,
    maxBytes: 1e6,
    onFailure: () => undefined,
  });
  for (const piece of pieces) body.push(Buffer.from(piece));
  body.end();
  const events: ModelEvent[] = [];
  const answer = { status: 200, headers: {}, body };
  let end = 'ended';
  try {
    for await (const some of readStream(answer, reader, { destination: 'vendor', endMs: 1000 }))
      events.push(...some);
  } catch (thrown) {
    const error = toCadreError(thrown);
    end = `${error.code} ${error.fault} ${error.message}`;
  }
  return { events, end, complete: reader.complete };
}

describe('what is read from an answer', () => {
  it.each([
    ['openai', OPENAI],
    ['anthropic', ANTHROPIC],
  ])('does not depend on how the bytes of %s are cut', async (dialect, pieces) => {
    const make = READERS[dialect];
    if (make === undefined) throw new Error(`no reader for ${dialect}`);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...pieces), { maxLength: 12 }),
        fc.array(fc.nat(600), { maxLength: 10 }),
        async (chosen, cuts) => {
          const all = Buffer.from(chosen.join(''));
          const places = [0, ...cuts.filter((cut) => cut < all.length), all.length];
          places.sort((a, b) => a - b);
          const parts = places.slice(1).map((end, index) => all.subarray(places[index], end));
          const whole = await readAll(make(), [all]);
          expect(await readAll(make(), parts)).toEqual(whole);
          const single = Array.from(all, (byte) => Uint8Array.of(byte));
          expect(await readAll(make(), single)).toEqual(whole);
        },
      ),
      { numRuns: 200 },
    );
  });
});
