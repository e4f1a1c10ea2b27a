import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import OpenAI, { toFile } from 'openai';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TestHome } from '../e2e/farm-process.ts';
import { targetsOf, writeRandomAdapter } from '../fixtures/random-adapter.ts';
import { findModel, SMOLLM2 } from './model-paths.ts';

const SCRIPT = resolve(import.meta.dirname, '..', 'fixtures', 'scripted-trainer.ts');
const BASE = 'smollm2-135m-instruct-q4_1';
const base = findModel(SMOLLM2);
const ROWS = Array.from({ length: 24 }, (_, at) => ({
  prompt: `what is ${at * 37} of ${['cedar', 'ember', 'fjord', 'grove'][at % 4]} number ${at}`,
  completion: `answer ${at}`,
}));
const rows = ROWS.map((row) => JSON.stringify(row)).join('\n');

/** A home whose trainers leave an adapter of the real model's shape. */
async function homeWith(mode: string) {
  const home = new TestHome();
  onTestFinished(() => home.remove());
  home.linkModels();
  const targets = (await targetsOf(base ?? '')).filter(([name]) => name.includes('attn_v'));
  const shape = { seed: 3, rank: 2, alpha: 4, exponent: -8, targets };
  const adapter = join(home.path, 'adapter.gguf');
  writeRandomAdapter(adapter, { ...shape, baseHash: SMOLLM2.sha256 });
  writeFileSync(join(home.path, 'rows.jsonl'), rows);
  const trainer = (id: string, does: string, adapter: string) =>
    `  - id: ${id}\n    command: ['${process.execPath}', '${SCRIPT}', ${does}]\n    settings: {adapter: '${adapter}'}\n`;
  writeFileSync(
    join(home.path, 'cadre.yaml'),
    `fleet:\n  starter: false\ntrainers:\n${trainer('scripted', 'follows', adapter)}${mode === 'stops' ? trainer('lora', mode, adapter) : ''}`,
  );
  const order = ['train', 'adapter', '--data', 'rows.jsonl', '--name', 'answers', '--base', BASE];
  return { home, order, adapter };
}

describe.skipIf(base === undefined)('cadre train adapter', { timeout: 240_000 }, () => {
  it('makes a specialist that its base serves', async () => {
    const { home, order, adapter } = await homeWith('follows');
    const farm = await home.up();
    const missing = await home.run(order);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toMatch(/Python packages that are not here yet: 5\.6 GB.*--yes/s);
    const made = await home.run([...order, '--trainer', 'scripted']);
    expect(made.stderr).toContain('rows to learn from');
    expect(made.stdout).toContain('answers@1 is live');
    expect(made.stdout).toMatch(/without it +0\.0 % .*smollm2-135m-instruct-q4_1 as it is/);
    const lineage = JSON.parse((await home.run(['models', 'lineage', 'answers', '--json'])).stdout);
    expect(lineage.versions).toHaveLength(1);
    expect(lineage.versions[0].manifest).toMatchObject({
      kind: 'adapter',
      base: { model: BASE, hash: SMOLLM2.sha256 },
      contentHash: createHash('sha256').update(readFileSync(adapter)).digest('hex'),
    });
    const client = new OpenAI({ baseURL: `${farm.url}/v1`, apiKey: 'any' });
    const answer = await client.chat.completions.create({
      model: 'answers',
      messages: [{ role: 'user', content: 'what is 37 of ember' }],
      max_tokens: 4,
    });
    expect(answer.choices[0]?.message.content).toBeTruthy();
  });

  it('goes on from the trainer’s checkpoint after kill -9, as a job of OpenAI’s client', async () => {
    const { home } = await homeWith('stops');
    const farm = await home.up();
    const client = new OpenAI({ baseURL: `${farm.url}/v1`, apiKey: 'any' });
    const { id: training_file } = await client.files.create({
      file: await toFile(Buffer.from(rows), 'rows.jsonl'),
      purpose: 'fine-tune',
    });
    const job = await client.fineTuning.jobs.create({
      model: BASE,
      training_file,
      suffix: 'answers',
    });
    const storyOf = async (from: OpenAI) =>
      (await from.fineTuning.jobs.listEvents(job.id)).data.map((event) => event.message).join('\n');
    await expect.poll(() => storyOf(client), { timeout: 60_000 }).toContain('step 1 of 2');
    await farm.kill('SIGKILL');
    const next = new OpenAI({ baseURL: `${(await home.up()).url}/v1`, apiKey: 'any' });
    await expect
      .poll(async () => (await next.fineTuning.jobs.retrieve(job.id)).status, { timeout: 120_000 })
      .toBe('succeeded');
    expect(await next.fineTuning.jobs.retrieve(job.id)).toMatchObject({
      fine_tuned_model: 'answers@1',
      model: BASE,
    });
  });
});
