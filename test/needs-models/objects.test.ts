import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningProcess, TestHome } from '../e2e/farm-process.ts';
import { findModel, type NeededModel, SMOLLM2 } from './model-paths.ts';

const lockFile = readFileSync(join(import.meta.dirname, '..', '..', 'models.lock.json'), 'utf8');
const embedder = (JSON.parse(lockFile) as { models: { id: string; files: NeededModel[] }[] }).models
  .filter((model) => model.id.startsWith('bge-small'))
  .flatMap((model) => model.files);
const missing = [SMOLLM2, ...embedder].some((model) => findModel(model) === undefined);
const CONFIG = `
fleet: { starter: false, memoryBudget: 4000000000 }
batches: { quietSeconds: 0 }
`;

describe.skipIf(missing)('stored objects on real weights', { timeout: 300_000 }, () => {
  let home: TestHome;
  let farm: RunningProcess;
  let client: OpenAI;

  beforeAll(async () => {
    home = new TestHome(CONFIG);
    home.linkModels();
    farm = await home.up();
    client = new OpenAI({ baseURL: `${farm.url}/v1`, apiKey: 'local', maxRetries: 0 });
  }, 120_000);
  afterAll(() => home.remove());

  it('serves OpenAI’s client with files and batches of chats and embeddings', async () => {
    const line = (custom_id: string, url: string, body: object) =>
      JSON.stringify({ custom_id, method: 'POST', url, body });
    const chats = ['one', 'two'].map((word) =>
      line(word, '/v1/chat/completions', {
        model: 'quick',
        max_tokens: 8,
        messages: [{ role: 'user', content: `Say ${word}.` }],
      }),
    );
    const texts = [line('a', '/v1/embeddings', { model: 'auto', input: 'a text' })];
    for (const [endpoint, lines] of [
      ['/v1/chat/completions', chats],
      ['/v1/embeddings', texts],
    ] as const) {
      const content = Buffer.from(lines.join('\n'));
      const file = await client.files.create({
        file: await toFile(content, 'requests.jsonl'),
        purpose: 'batch',
      });
      let batch = await client.batches.create({
        input_file_id: file.id,
        endpoint,
        completion_window: '24h',
      });
      while (batch.status !== 'completed' && batch.status !== 'failed') {
        await sleep(200);
        batch = await client.batches.retrieve(batch.id);
      }
      const results = await (await client.files.content(batch.output_file_id ?? '')).text();
      expect(batch.request_counts, results).toMatchObject({ completed: lines.length, failed: 0 });
      for (const result of results.trim().split('\n'))
        expect(JSON.parse(result).response.status_code).toBe(200);
      await client.files.delete(file.id);
    }
    const listed = [];
    for await (const file of client.files.list({ limit: 1 })) listed.push(file.purpose);
    expect(listed).toEqual(['batch_output', 'batch_output']);
  });

  it('ranks by meaning where the words differ', async () => {
    const answer = await fetch(`${farm.url}/v1/rerank`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'auto',
        query: 'How much may I spend on a hotel?',
        documents: [
          'Bicycles are kept in the yard behind the building.',
          'Accommodation is reimbursed up to 120 euros per night.',
          'The canteen opens at noon.',
        ],
      }),
    });
    const body = (await answer.json()) as {
      results: { index: number }[];
      usage: { total_tokens: number };
      cadre: object;
    };
    expect(body.results[0]?.index).toBe(1);
    expect(body.usage.total_tokens).toBeGreaterThan(20);
    expect(body.cadre).toEqual({ legs: ['lexical', 'dense'] });
  });

  it('moderates what is in no example', async () => {
    const judged = await client.moderations.create(
      {
        input: [
          'You dumb fool, everybody in this office laughs about you.',
          'I will stab him tomorrow behind the station.',
          'I really want to die, I cannot bear it any longer.',
          'Which flowers grow well on a shady balcony?',
          'How do I kill a frozen process in the terminal?',
        ],
      },
      // The examples are learnt at low priority, which takes long on a busy machine.
      { maxRetries: 10 },
    );
    expect(judged.model).toBe('cadre-moderation-starter');
    expect(judged.results.map((one) => one.flagged)).toEqual([true, true, true, false, false]);
    expect(judged.results[1]?.categories.violence).toBe(true);
    expect(judged.results[2]?.categories['self-harm']).toBe(true);
  });
});
