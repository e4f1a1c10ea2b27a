import { expect, it } from 'vitest';
import { streamAnswer } from '../../src/cli/ask.ts';
import { newestReceipt } from '../../src/cli/why.ts';
import type { FarmClient } from '../../src/core/farm-client.ts';
import { sampleCitation } from '../record/samples.ts';

const { signal } = new AbortController();

/** A farm that answers with what it is given. */
function farmOf(given: {
  chunks?: readonly unknown[];
  receipts?: readonly unknown[];
  bodies?: unknown[];
}): FarmClient {
  return {
    where: 'running',
    doGet: async (path) => ({
      receipts: given.receipts?.slice(0, Number(/limit=(\d+)/.exec(path)?.[1])),
    }),
    doSend: async () => undefined,
    async *doStream(_path, body) {
      given.bodies?.push(body);
      yield* given.chunks ?? [];
    },
    doClose: async () => undefined,
  };
}

it('tells each citation of a stream once, and those that only the end has', async () => {
  const [first, second, note] = [1, 2, 3].map(sampleCitation);
  const chunk = (content: string, cadre: object) => ({ choices: [{ delta: { content } }], cadre });
  const chunks = [
    chunk('One.', { citations: [first] }),
    chunk(' Two.', { citations: [second] }),
    chunk('', { receipt: 'req_1', spoke: 'hub', citations: [first, second, note] }),
  ];
  const question = { model: 'auto', messages: [] };
  const answer = await streamAnswer(farmOf({ chunks }), question, signal, true);
  expect(answer.text).toBe('One. Two.');
  expect(answer.citations).toEqual([first, second, note]);
});

it('shows the newest request, not one below it or one asked again unseen', async () => {
  const below = Array.from({ length: 30 }, (_, at) => ({ id: `below-${at}`, depth: 1 }));
  const unseen = { id: 'unseen', depth: 0, shadow: {} };
  const receipts = [...below, unseen, { id: 'asked', depth: 0 }, { id: 'older', depth: 0 }];
  expect(await newestReceipt(farmOf({ receipts }), signal)).toBe('asked');
  await expect(newestReceipt(farmOf({ receipts: [] }), signal)).rejects.toThrow(/ask something/);
});

it('sends the filter of a question', async () => {
  const bodies: unknown[] = [];
  const question = { model: 'knowledge:a', messages: [], filter: { type: ['md'] } };
  await streamAnswer(farmOf({ bodies }), question, signal, true);
  expect(bodies).toEqual([expect.objectContaining({ cadre: { filter: { type: ['md'] } } })]);
});
