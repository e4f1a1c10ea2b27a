import { afterAll, beforeAll, describe, expect, it as plain } from 'vitest';
import type { ClientLibrary } from '../clients/client-library.ts';
import { LIBRARIES } from '../clients/libraries.ts';
import { type RunningProcess, TestHome } from '../e2e/farm-process.ts';
import { CODER_SMALL, findModel } from './model-paths.ts';

const missingModel = findModel(CODER_SMALL) === undefined;
const FARM = `
fleet: { starter: false, memoryBudget: 4000000000 }
spokes:
  - { id: local, model: qwen2.5-coder-0.5b-instruct-q4_k_m, tools: true, sampling: { temperature: 0 } }
`;

/** Each library as an application would use it, against real weights. */
describe.skipIf(missingModel)('client libraries', { timeout: 240_000 }, () => {
  let home: TestHome;
  let farm: RunningProcess;
  beforeAll(async () => {
    home = new TestHome(FARM);
    home.linkModels();
    farm = await home.up();
  }, 120_000);
  afterAll(() => home?.remove());

  describe.each(LIBRARIES)('$name', ({ create, missing }) => {
    const it = missing ? plain.skip : plain;
    let client: ClientLibrary;
    beforeAll(() => {
      client = create(farm.url);
    });
    afterAll(() => client?.close?.());

    it('gets a whole answer', async () => {
      const text = await client.ask('local', 'What is the capital of France?');
      expect(text).toContain('Paris');
    });

    it('gets an answer in pieces', async () => {
      const pieces = await client.stream('local', 'What is the capital of France?');
      expect(pieces.join('')).toContain('Paris');
      expect(pieces.length).toBeGreaterThan(1);
    });

    it('makes a round trip with a tool', async () => {
      const question = 'What is the weather in Oslo? Use the tool.';
      const { city, answer } = await client.useTool('local', question);
      expect(city).toContain('Oslo');
      // The 0.5B likes to repeat the call in words; what it makes of the result is not the client's.
      expect(answer.length).toBeGreaterThan(0);
    });

    it('gets a tool call in pieces', async () => {
      const cities = await client.streamTool('local', 'What is the weather in Oslo? Use the tool.');
      expect(cities[0]).toContain('Oslo');
    });

    it('gets an answer bound to a schema', async () => {
      const question = 'In which city does this sentence play? “Ana lives in Porto.”';
      const found = await client.askJson('local', question);
      expect(found).toEqual({ city: expect.stringContaining('Porto') });
    });
  });
});
