import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Receipt } from '../../src/core/receipt.ts';
import { FaultProvider } from './fault-provider.ts';
import { chat, type Mode, type RunningTestFarm, startTestFarm } from './running-farm.ts';
import type { ScriptedAnswer } from './scripted-answer.ts';

/** How far the upstream has come when the caller leaves. */
const POINTS: Readonly<Record<string, (answer: ScriptedAnswer) => Promise<void> | undefined>> = {
  'before the headers': () => undefined,
  'after the headers': (answer) => answer.head(),
  'within the answer': async (answer) => {
    await answer.head();
    await answer.words(0, 10);
  },
};
const NAMES = Object.keys(POINTS);
const MODES: readonly Mode[] = ['stream', 'whole'];
const DIALECTS = ['openai', 'anthropic'] as const;
const spokeOf = (point: string) => point.replaceAll(' ', '-');

let provider: FaultProvider;
let farm: RunningTestFarm;

beforeAll(async () => {
  provider = await FaultProvider.start(
    Object.fromEntries(
      NAMES.map((point) => [spokeOf(point), (answer: ScriptedAnswer) => POINTS[point]?.(answer)]),
    ),
  );
  farm = await startTestFarm({
    destinations: DIALECTS.map((kind) => ({
      id: kind,
      kind,
      url: kind === 'openai' ? `${provider.url}/v1` : provider.url,
    })),
    spokes: DIALECTS.flatMap((kind) =>
      [...NAMES.map(spokeOf), 'healthy'].map((model) => ({
        id: `${model}.${kind}`,
        model: `${kind}/${model}`,
        fallback: [`healthy.${kind}`],
      })),
    ),
  });
});
afterAll(async () => {
  await farm.stop();
  await provider.stop();
});

/** The receipt is written when the request has ended, which is after the caller has left. */
async function receiptOf(model: string, number: number): Promise<Receipt> {
  for (;;) {
    const all = await farm.receiptsOf(model);
    const [newest] = all;
    if (newest !== undefined && all.length > number) return newest;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Sends the request and, where it streams, reads until ten words were shown. */
async function ask(model: string, mode: Mode, point: string, signal: AbortSignal): Promise<void> {
  const response = await fetch(`${farm.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model,
      stream: mode === 'stream',
      messages: [{ role: 'user', content: 'hi' }],
    }),
    signal,
  });
  if (response.body === null || mode !== 'stream' || point !== 'within the answer') return;
  let text = '';
  for await (const bytes of response.body) {
    text += Buffer.from(bytes).toString();
    if (text.split('"content":" ').length > 9) return;
  }
}

describe.each(DIALECTS)('a caller who leaves while an upstream of %s', (kind) => {
  it.each(NAMES.flatMap((point) => MODES.map((mode) => [point, mode] as const)))(
    'is %s (%s): the upstream sees it and nobody else is asked',
    async (point, mode) => {
      const model = spokeOf(point);
      const name = `${model}.${kind}`;
      const [turn, number] = [provider.hits(model), (await farm.receiptsOf(name)).length];
      const stop = new AbortController();
      const asked = ask(name, mode, point, stop.signal);
      const ended = asked.catch(() => undefined);
      const { answer } = await provider.next(model, turn);
      if (mode === 'stream' && point === 'within the answer') await asked;
      stop.abort();
      await ended;
      await answer.closed;
      const receipt = await receiptOf(name, number);
      expect(receipt).toMatchObject({ outcome: 'cancelled', error: { code: 'cancelled' } });
      expect(receipt.attempts.map((one) => one.outcome)).toEqual(['cancelled']);
      const written = receipt.attempts[0]?.usage.completionTokens;
      if (point !== 'within the answer') expect(written).toBe(0);
      // Ten words; the piece that opens an answer may be counted as one.
      else if (mode === 'stream') expect([10, 11]).toContain(written);
      expect(receipt.usage.completionTokens).toBe(written);
      expect(provider.hits('healthy')).toBe(0);
    },
  );
});

describe('what a caller who leaves has spent', () => {
  it('is billed once, and what was set aside for the rest is given back', async () => {
    const shop = await startTestFarm({
      policy: { defaultLabel: 'public', budgetPerRequest: 10 },
      destinations: [
        {
          id: 'openai',
          kind: 'openai',
          url: `${provider.url}/v1`,
          // 512 tokens cost half a dollar, ten of them a cent.
          prices: { 'within-the-answer': { input: 0, output: 1000 } },
        },
      ],
      spokes: [{ id: 'dear', model: 'openai/within-the-answer' }],
    });
    onTestFinished(() => shop.stop());
    const headers = { authorization: `Bearer ${await shop.addKey(0.7)}` };
    const bills: number[] = [];
    for (let round = 0; round < 6; round += 1) {
      const stop = new AbortController();
      const turn = provider.hits('within-the-answer');
      const asked = chat(shop.url, 'dear', 'stream', {}, { signal: stop.signal, headers });
      const ended = asked.catch(() => undefined);
      const { answer } = await provider.next('within-the-answer', turn);
      stop.abort();
      await ended;
      await answer.closed;
      while ((await shop.receiptsOf('dear')).length <= round)
        await new Promise((resolve) => setTimeout(resolve, 5));
      const [receipt] = await shop.receiptsOf('dear');
      expect(receipt?.outcome).toBe('cancelled');
      bills.push(receipt?.cost.total ?? Number.NaN);
    }
    // Half a dollar fits once into the key's day: had one reservation stayed, the next request would
    // have been refused before it reached the provider.
    expect(Math.max(...bills)).toBeLessThanOrEqual(0.012);
    expect(provider.hits('within-the-answer')).toBeGreaterThanOrEqual(6);
  });
});
