import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningProcess, TestHome } from '../e2e/farm-process.ts';
import { CODER_SMALL, findModel } from './model-paths.ts';

const run = promisify(execFile);
const examples = resolve(import.meta.dirname, '..', '..', 'examples');
const missing = findModel(CODER_SMALL) === undefined;
const FARM = `
fleet: { starter: false, memoryBudget: 4000000000 }
aliases: { "gpt-*": local, "claude-*": local, "llama*": local }
spokes:
  - { id: local, model: qwen2.5-coder-0.5b-instruct-q4_k_m, tools: true, sampling: { temperature: 0 } }
`;

/** Applications of three vendors whose URL alone was changed; the other examples run in farm.test.ts. */
describe.skipIf(missing)('switching an application', { timeout: 240_000 }, () => {
  let home: TestHome;
  let farm: RunningProcess;
  beforeAll(async () => {
    home = new TestHome(FARM);
    home.linkModels();
    farm = await home.up();
  }, 120_000);
  afterAll(() => home?.remove());

  it.each(['openai', 'anthropic', 'ollama'])('from %s changes one line', async (dialect) => {
    const program = join(examples, `switch-${dialect}.ts`);
    const { stdout, stderr } = await run(process.execPath, [program], {
      env: { ...process.env, CADRE_URL: farm.url },
    });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^answer: .*Paris/);
    expect(stdout).toMatch(/stream: .+/);
    expect(stdout).toMatch(/tool: getWeather \{ city: 'Oslo/);
  });
});
