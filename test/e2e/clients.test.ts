import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClientLibrary, weatherOf } from '../clients/client-library.ts';
import { LIBRARIES } from '../clients/libraries.ts';
import { createOpenAiLibrary } from '../clients/openai-library.ts';
import { ScriptedVendor, WORDS } from '../clients/scripted-vendor.ts';
import { type RunningProcess, TestHome } from './farm-process.ts';

const QUESTION = 'Please answer.';
/** Spokes on a vendor outside, one for each way in which it behaves; short waits. */
const farmOf = (url: string) => `
fleet: { starter: false }
destinations:
  - id: vendor
    kind: openai
    url: ${url}
    clearance: internal
    retry: { firstSeconds: 0.05, longestSeconds: 0.1, reserve: 10000 }
    breaker: { failures: 1000 }
  - { id: native, vendor: mistral-native, url: "${url}", clearance: internal, keyEnv: HOME }
spokes:
  - { id: native, model: native/well, tools: true }
${['well', 'pair', 'cut', 'flaky', 'limited'].map((id) => `  - { id: ${id}, model: vendor/${id}, tools: true }`).join('\n')}
`;

/** Each library as an application would use it, against a vendor that misbehaves. */
describe('client libraries', { timeout: 60_000 }, () => {
  let vendor: ScriptedVendor;
  let home: TestHome;
  let farm: RunningProcess;
  beforeAll(async () => {
    vendor = await ScriptedVendor.start();
    home = new TestHome(farmOf(vendor.url));
    farm = await home.up();
  });
  afterAll(async () => {
    await home?.remove();
    await vendor?.stop();
  });

  it('reach a vendor that a package of the AI SDK speaks to', async () => {
    const client = createOpenAiLibrary(farm.url);
    expect(await client.ask('native', QUESTION)).toBe(WORDS.join(''));
    expect((await client.stream('native', QUESTION)).join('')).toBe(WORDS.join(''));
    expect(await client.useTool('native', QUESTION)).toMatchObject({ city: 'Oslo' });
    expect(await client.askJson('native', QUESTION)).toEqual({ city: 'Porto' });
  });

  describe.each(LIBRARIES)('$name', ({ create, missing }) => {
    const run = missing ? it.skip : it;
    let client: ClientLibrary;
    beforeAll(() => {
      client = create(farm.url);
    });
    afterAll(() => client?.close?.());
    run('gets a whole answer', async () => {
      expect(await client.ask('well', QUESTION)).toBe(WORDS.join(''));
    });

    run('gets an answer in pieces', async () => {
      const pieces = await client.stream('well', QUESTION);
      expect(pieces.join('')).toBe(WORDS.join(''));
      expect(pieces.length).toBeGreaterThan(1);
    });

    run('makes a round trip with a tool', async () => {
      const use = await client.useTool('well', QUESTION);
      expect(use.city).toBe('Oslo');
      expect(use.answer).toContain(weatherOf('Oslo'));
    });

    run('gets tool calls in pieces, two at once', async () => {
      expect(await client.streamTool('well', QUESTION)).toEqual(['Oslo']);
      expect([...(await client.streamTool('pair', QUESTION))].sort()).toEqual(['Oslo', 'Rome']);
    });

    run('is told the arguments of calls while they are written', async () => {
      if (client.callPieces === undefined) return;
      for (const [model, cities] of [
        ['well', ['Oslo']],
        ['pair', ['Oslo', 'Rome']],
      ] as const) {
        const calls = await client.callPieces(model, QUESTION);
        expect(calls.map((pieces) => pieces.join(''))).toEqual(
          cities.map((city) => JSON.stringify({ city })),
        );
        expect(Math.max(...calls.map((pieces) => pieces.length))).toBeGreaterThan(1);
      }
    });

    run('gets an answer bound to a schema', async () => {
      expect(await client.askJson('well', QUESTION)).toEqual({ city: 'Porto' });
    });

    run('never takes a cut stream for an answer', async () => {
      await expect(client.stream('cut', QUESTION)).rejects.toThrow();
      await expect(client.ask('cut', QUESTION)).rejects.toThrow();
    });

    run('does not notice a vendor that fails once', async () => {
      expect(await client.ask('flaky', QUESTION)).toBe(WORDS.join(''));
      const pieces = await client.stream('flaky', QUESTION);
      expect(pieces.join('')).toBe(WORDS.join(''));
    });

    run('is told of a vendor that limits it for good', async () => {
      await expect(client.ask('limited', QUESTION)).rejects.toThrow(/429|rate|limits/i);
    });
  });
});
