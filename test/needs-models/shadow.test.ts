import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Receipt } from '../../src/core/receipt.ts';
import type { ShadowStatus } from '../../src/core/shadow.ts';
import { type RunningProcess, TestHome } from '../e2e/farm-process.ts';
import { CODER_SMALL, findModel, SMOLLM2 } from './model-paths.ts';

const missing = [SMOLLM2, CODER_SMALL].some((model) => findModel(model) === undefined);
const CONFIG = `
fleet: { starter: false, memoryBudget: 4000000000 }
gate: { shadow: { rate: 0.2, seconds: 300 } }
spokes:
  - { id: general, model: qwen2.5-coder-0.5b-instruct-q4_k_m, system: "You are a careful assistant. Answer briefly.", maxTokens: 60, tools: true, tasks: [question, multiple-choice, reason, write, arithmetic, summarise, reading], sampling: { temperature: 0 } }
`;

describe.skipIf(missing)('shadow runs on real weights', { timeout: 240_000 }, () => {
  let home: TestHome;
  let farm: RunningProcess;
  const read = async <T>(path: string) =>
    (await (await fetch(`${farm.url}/cadre/v1${path}`)).json()) as T;
  const status = async () => (await read<{ shadow: ShadowStatus }>('/gate/shadow')).shadow;

  beforeAll(async () => {
    home = new TestHome(CONFIG);
    home.linkModels();
    farm = await home.up();
    for (let tries = 0; tries < 120; tries += 1) {
      if ((await fetch(`${farm.url}/health/ready`)).ok) break;
      await sleep(500);
    }
  }, 120_000);
  afterAll(() => home.remove());

  it('asks another spoke while the farm is idle, and counts what it took', async () => {
    const ids: string[] = [];
    for (let at = 0; (await status()).sampled === 0 && at < 60; at += 1) {
      const content = `Which is a planet?\nA. Mars\nB. Moon number ${at}\nAnswer with the letter.`;
      const response = await fetch(`${farm.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          model: 'auto',
          max_tokens: 20,
          messages: [{ role: 'user', content }],
        }),
      });
      expect(response.status).toBe(200);
      ids.push(((await response.json()) as { id: string }).id);
    }
    await expect.poll(async () => (await status()).waiting, { timeout: 120_000 }).toBe(0);
    const { answers, failed, dropped, today } = await status();
    expect({ answers, failed, dropped }).toEqual({ answers: 1, failed: 0, dropped: {} });
    expect(today.seconds).toBeGreaterThan(0);
    const { receipts } = await read<{ receipts: Receipt[] }>('/receipts?limit=100');
    const shadow = receipts.find((one) => one.shadow !== undefined);
    expect(ids).toContain(shadow?.parent);
    expect(shadow?.attempts).toMatchObject([{ outcome: 'released', destination: 'local' }]);
    const { stdout } = await home.run(['why', shadow?.parent ?? '']);
    expect(stdout).toMatch(/^Shadow\n {2}\S+ (said|answered|failed|did) .*CPU seconds/m);
  });
});
