import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelStatus } from '../../src/core/catalogue.ts';
import type { Receipt } from '../../src/core/receipt.ts';
import { type RunningProcess, TestHome } from '../e2e/farm-process.ts';
import { targetsOf, writeRandomAdapter } from '../fixtures/random-adapter.ts';
import { findModel, SMOLLM2 } from './model-paths.ts';

const path = findModel(SMOLLM2);
const MODEL = 'smollm2-135m-instruct-q4_1';
const SPOKE = `model: ${MODEL}, maxTokens: 12, sampling: { temperature: 0 }`;
const CONFIG = `
fleet: { starter: false }
spokes:
  - { id: bare, ${SPOKE} }
  - { id: one, ${SPOKE}, adapter: one.gguf }
  - { id: two, ${SPOKE}, adapter: two.gguf }
`;

describe.skipIf(path === undefined)(
  'spokes with adapters over one base',
  { timeout: 120_000 },
  () => {
    let home: TestHome;
    let farm: RunningProcess;
    let client: OpenAI;
    const ask = async (model: string) => {
      const messages = [{ role: 'user' as const, content: 'What is a river?' }];
      const answer = await client.chat.completions.create({ model, messages });
      return { id: answer.id, text: answer.choices[0]?.message.content ?? '' };
    };

    beforeAll(async () => {
      home = new TestHome(CONFIG);
      home.linkModels();
      const targets = await targetsOf(path ?? '');
      for (const [seed, name] of ['one', 'two'].entries())
        writeRandomAdapter(join(home.path, `${name}.gguf`), {
          seed,
          rank: 8,
          alpha: 16,
          exponent: -5,
          targets,
        });
      farm = await home.up();
      client = new OpenAI({ baseURL: `${farm.url}/v1`, apiKey: 'local', maxRetries: 0 });
    }, 120_000);
    afterAll(() => home.remove());

    it('answer each in their own way, from one process, and the receipt tells which', async () => {
      const names = ['bare', 'one', 'two', 'one', 'bare'];
      const answers = [];
      for (const name of names) answers.push(await ask(name));
      const [bare, one, two, oneAgain, bareAgain] = answers.map(({ text }) => text);
      expect(new Set([bare, one, two]).size).toBe(3);
      expect([oneAgain, bareAgain]).toEqual([one, bare]);
      const receipt = (await (
        await fetch(`${farm.url}/cadre/v1/receipts/${answers[1]?.id}`)
      ).json()) as { receipt: Receipt };
      expect(receipt.receipt.attempts.at(-1)).toMatchObject({
        spoke: 'one',
        model: expect.stringMatching(new RegExp(`^${MODEL}\\+[0-9a-f]{12}$`)),
      });
      const resident = async () => {
        const { models } = (await (await fetch(`${farm.url}/cadre/v1/models`)).json()) as {
          models: readonly ModelStatus[];
        };
        return models
          .filter(({ state }) => state === 'resident')
          .map(({ id, adapters }) => [id, adapters]);
      };
      // The process tells of its memory once a second.
      await expect.poll(resident, { timeout: 5000 }).toEqual([[MODEL, 2]]);
    });

    it('answer side by side what they answer alone', async () => {
      const names = ['one', 'two', 'bare', 'two', 'one', 'bare'];
      const together = await Promise.all(names.map(ask));
      for (const [place, name] of names.entries())
        expect(together[place]?.text, name).toBe((await ask(name)).text);
    });

    it('stop the start where an adapter is of another base, with its name', async () => {
      const other = new TestHome(CONFIG.replace('two.gguf', 'other.gguf'));
      other.linkModels();
      const wide = { seed: 1, rank: 8, alpha: 16, exponent: -5 };
      writeRandomAdapter(join(other.path, 'one.gguf'), {
        ...wide,
        targets: (await targetsOf(path ?? '')).slice(0, 1),
      });
      writeRandomAdapter(join(other.path, 'other.gguf'), {
        ...wide,
        targets: [['blk.0.attn_q.weight', [896, 896]]],
      });
      await expect(other.up()).rejects.toThrow(/spoke two: .*blk\.0\.attn_q\.weight.*576 × 576/);
      writeFileSync(join(other.path, 'cadre.yaml'), CONFIG);
      await expect(other.up()).rejects.toThrow(/spoke two: .*two\.gguf/);
      await other.remove();
    });
  },
);
