import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import OpenAI from 'openai';
import { expect, it, onTestFinished } from 'vitest';
import { fieldDocuments } from '../../bench/lib/field-documents.ts';
import { TestHome } from './farm-process.ts';

it('cadre train extract makes a specialist that answers with fields and spans', async () => {
  const home = new TestHome();
  onTestFinished(() => home.remove());
  const farm = await home.up();
  const rows = fieldDocuments(1, 'train', 300).map((row) => JSON.stringify(row));
  writeFileSync(join(home.path, 'rows.jsonl'), rows.join('\n'));
  const order = ['train', 'extract', '--data', 'rows.jsonl', '--name', 'fields'];
  const made = await home.run(order);
  expect(made.stdout).toContain('fields@1 is live');
  expect(made.stdout).toMatch(/all fields +F1 0\.\d+ \(95 %/);
  expect(made.stdout).toContain('no generalist beside it: no local chat model is installed');
  const response = await fetch(`${farm.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'fields',
      messages: [{ role: 'user', content: 'Invoice INV-4711\nTotal: $12.50' }],
    }),
  });
  const body = (await response.json()) as { choices: { message: { content: string } }[] };
  const answer = JSON.parse(body.choices[0]?.message.content ?? '');
  expect(answer.fields).toMatchObject({
    invoice_number: 'INV-4711',
    amount: '$12.50',
    person: null,
  });
  expect(answer.spans[0]).toMatchObject({ start: 8, end: 16, label: 'invoice_number' });
  // In the shape of the request's schema, asked by its name and found by the gate.
  for (const model of ['fields', 'auto']) {
    const shaped = await askShaped(farm.url, model);
    expect(shaped).toEqual({ invoice_number: 'INV-4711', amount: 12.5, person: null });
  }
  const aimed = await home.run([...order, '--target', '0.9']);
  expect(aimed.stderr).toContain('no target to stop at');
  const other = await home.run(['train', 'intents', '--data', 'rows.jsonl', '--name', 'fields']);
  expect(other.stderr).toContain('is a specialist for extract, not for intents');

  // A next version by OpenAI's jobs is of the same kind.
  const client = new OpenAI({ baseURL: `${farm.url}/v1`, apiKey: 'any' });
  const file = await client.files.create({
    file: await OpenAI.toFile(Buffer.from(rows.join('\n')), 'rows.jsonl'),
    purpose: 'fine-tune',
  });
  const job = await client.fineTuning.jobs.create({ model: 'fields', training_file: file.id });
  await expect
    .poll(async () => (await client.fineTuning.jobs.retrieve(job.id)).status, { timeout: 60_000 })
    .toBe('succeeded');
  expect((await client.fineTuning.jobs.retrieve(job.id)).fine_tuned_model).toBe('fields@2');
}, 180_000);

async function askShaped(url: string, model: string): Promise<unknown> {
  const schema = {
    type: 'object',
    properties: {
      invoice_number: { type: 'string' },
      amount: { type: 'number' },
      person: { type: ['string', 'null'] },
    },
    required: ['invoice_number', 'amount', 'person'],
    additionalProperties: false,
  };
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model,
      messages: [{ role: 'user', content: 'Invoice INV-4711\nTotal: $12.50' }],
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'invoice', strict: true, schema },
      },
    }),
  });
  const body = (await response.json()) as { choices?: { message: { content: string } }[] };
  return body.choices === undefined ? body : JSON.parse(body.choices[0]?.message.content ?? '');
}
