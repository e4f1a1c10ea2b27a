import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { TestHome } from '../e2e/farm-process.ts';
import { petRows, petTable } from '../fixtures/pet-rows.ts';

const home = new TestHome();
const hasModels = home.linkModels();
afterAll(() => home.remove());

describe.skipIf(!hasModels)('cadre train with the embedder', { timeout: 300_000 }, () => {
  it('climbs to the ensemble, whose same rows and seed give the same bytes, and serves it', async () => {
    const farm = await home.up();
    writeFileSync(join(home.path, 'rows.csv'), petTable(petRows(1)));
    const train = (...more: readonly string[]) =>
      home.run(['train', 'intents', '--data', 'rows.csv', '--name', 'pets', '--json', ...more]);
    const first = JSON.parse((await train()).stdout);
    const rungs = first.report.rungs.map((one: { rung: string }) => one.rung);
    expect(rungs).toEqual(['n-grams', 'student', 'ensemble']);
    expect(first.report.generalist).toMatchObject({
      model: expect.stringMatching(/smollm2|qwen/),
      ownAccuracy: expect.any(Number),
    });
    const second = JSON.parse((await train('--alone')).stdout);
    expect(second).toMatchObject({ specialist: 'pets@2', live: false });
    expect(second.report.generalist).toBeUndefined();
    const lineage = await home.run(['models', 'lineage', 'pets', '--json']);
    const hashes = JSON.parse(lineage.stdout).versions.map(
      (one: { manifest: { contentHash: string } }) => one.manifest.contentHash,
    );
    expect(hashes[0]).toBe(hashes[1]);
    const cheap = JSON.parse((await train('--target', '0.5', '--alone')).stdout);
    expect(cheap.report).toMatchObject({ rung: 'n-grams', rungs: [{ rung: 'n-grams' }] });
    const answer = await fetch(`${farm.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'pets@2',
        messages: [{ role: 'user', content: 'my dog will not eat in the morning' }],
      }),
    });
    const { choices } = (await answer.json()) as {
      choices: readonly { message: { content: string } }[];
    };
    expect(choices[0]?.message.content).toBe('feeding');
  });
});
