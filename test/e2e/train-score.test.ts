import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import OpenAI from 'openai';
import { expect, it, onTestFinished } from 'vitest';
import { ratedTexts } from '../../bench/lib/rated-texts.ts';
import { TestHome } from './farm-process.ts';

const KIND = 'the staff was lovely, a superb room, clean bath, great view';
const RUDE = 'the staff was rude, a dirty room, cold bath, awful view';

it('cadre train score makes a specialist that answers with a number of the scale', async () => {
  const home = new TestHome();
  onTestFinished(() => home.remove());
  const farm = await home.up();
  const rows = ratedTexts(1, 150);
  const csv = ['text,score', ...rows.map(({ text, score }) => `"${text}",${score}`)].join('\n');
  writeFileSync(join(home.path, 'rows.csv'), csv);
  const order = ['train', 'score', '--data', 'rows.csv', '--name', 'kindness'];
  const made = await home.run([...order, '--target', '0.5']);
  expect(made.stdout).toContain('kindness@1 is live');
  expect(made.stdout).toContain('150 with numbers from 1 to 5 in steps of 1');
  expect(made.stdout).toMatch(/accuracy +\d+\.\d % within 0\.5 \(95 %/);
  expect(made.stdout).toMatch(/off by +0\.\d+ on average \(95 %: .*always the middle number/);
  expect(made.stdout).toMatch(/order +Spearman 0\.\d+ \(95 %/);
  expect(made.stdout).toContain('underpowered: ');
  expect(made.stdout).toContain('no generalist beside it: no local chat model is installed');

  const client = new OpenAI({ baseURL: `${farm.url}/v1`, apiKey: 'any' });
  const ask = async (
    model: string,
    content: string,
    format?: OpenAI.ChatCompletionCreateParams['response_format'],
  ) => {
    const answer = await client.chat.completions.create({
      model,
      messages: [{ role: 'user', content }],
      ...(format && { response_format: format }),
    });
    return JSON.parse(answer.choices[0]?.message.content ?? '') as unknown;
  };
  const kind = Number(await ask('kindness', KIND));
  const rude = Number(await ask('kindness', RUDE));
  expect(kind).toBeGreaterThan(4);
  expect(rude).toBeLessThan(2);
  // In the shape of a schema, by its name and found by the gate.
  const schema = {
    type: 'object',
    properties: { kindness: { type: 'integer' }, confidence: { type: 'number' } },
    required: ['kindness', 'confidence'],
    additionalProperties: false,
  };
  const format = { type: 'json_schema', json_schema: { name: 'rating', schema } } as const;
  for (const model of ['kindness', 'auto'])
    expect(await ask(model, RUDE, format)).toEqual({
      kindness: 1,
      confidence: expect.closeTo(0.9, 0),
    });

  // A next version by OpenAI's jobs, compared by how far both are off.
  const file = await client.files.create({
    file: await OpenAI.toFile(Buffer.from(csv), 'rows.csv'),
    purpose: 'fine-tune',
  });
  const job = await client.fineTuning.jobs.create({
    model: 'cadre-score',
    training_file: file.id,
    suffix: 'kindness',
  });
  await expect
    .poll(async () => (await client.fineTuning.jobs.retrieve(job.id)).status, { timeout: 60_000 })
    .toBe('succeeded');
  const lineage = await home.run(['models', 'lineage', 'kindness']);
  expect(lineage.stdout).toContain('kindness: version 1 serves');
}, 180_000);
