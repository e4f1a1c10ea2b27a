import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { readCatalogue } from '../../src/compose/models.ts';
import { composeModeration } from '../../src/compose/moderation.ts';
import { parseConfig } from '../../src/core/config.ts';
import type { Farm } from '../../src/core/farm.ts';
import { explainReceipt } from '../../src/record/explain.ts';
import { openHouse } from '../fixtures/open-house.ts';
import { type Answer, errorOf, send } from '../server/running-server.ts';
import { receiptOf } from '../server/scripted-farm.ts';
import { TestHome } from './farm-process.ts';

const EXAMPLES = {
  safe: ['The bread is warm.', 'We walk along the river.', 'She reads a long book.'],
  rude: ['You are a fool.', 'Go away, you idiot.', 'What a stupid man you are.'],
};

interface Opened {
  readonly farm: Farm;
  readonly port: number;
  readonly secret: string;
}

function writeExamples(home: string): string {
  const folder = join(home, 'examples');
  mkdirSync(folder);
  for (const [label, lines] of Object.entries(EXAMPLES))
    writeFileSync(join(folder, `${label}.txt`), lines.join('\n'));
  return folder;
}

/** A whole farm without models that learns a handful of examples. */
async function open(
  limits: { readonly tokenLimit?: number } = {},
  aliases: Readonly<Record<string, string>> = {},
): Promise<Opened> {
  const { farm, port } = await openHouse((home) => ({
    fleet: { starter: false },
    aliases,
    moderation: { model: 'own', examples: writeExamples(home) },
  }));
  const key = { name: 'k', principals: ['public'], keepsText: false, ...limits };
  const { secret } = await farm.addKey(key);
  return { farm, port, secret };
}

function post({ port, secret }: Opened, path: string, body: object) {
  const headers = { authorization: `Bearer ${secret}` };
  return send(port, { path, body: JSON.stringify(body), headers });
}

async function storedOf({ farm }: Opened, answer: Answer) {
  const receipt = await farm.receipt(String(answer.headers['x-request-id']));
  if (receipt === undefined) throw new Error('there is no receipt');
  return receipt;
}

describe('what no spoke answers', { timeout: 60_000 }, () => {
  it('leaves a receipt: a moderation', async () => {
    const opened = await open();
    const answer = await post(opened, '/v1/moderations', { input: ['You fool.', 'Warm bread.'] });
    expect(answer.status).toBe(200);
    expect(answer.headers['x-cadre-receipt']).toBe(answer.headers['x-request-id']);
    expect(answer.headers['x-cadre-spoke']).toBe('own');
    expect(Number(answer.headers['x-cadre-cost'])).toBeGreaterThanOrEqual(0);
    const receipt = await storedOf(opened, answer);
    expect(receipt).toMatchObject({
      operation: 'moderations',
      requestedModel: 'own',
      outcome: 'answered',
      usage: { promptTokens: expect.any(Number), completionTokens: 0 },
      attempts: [{ model: 'own', destination: 'local', outcome: 'released' }],
    });
    expect(receipt.usage.promptTokens).toBeGreaterThan(4);
    expect(receipt.energy.joules).toBeGreaterThan(0);
    expect(JSON.stringify(receipt)).not.toContain('fool');
    const told = explainReceipt(receipt, []).join('\n');
    expect(told).toContain('asked for moderations of own');
    expect(await opened.farm.events(receipt.id)).toMatchObject([{ type: 'request-accepted' }]);
    expect(opened.farm.metrics()).toContain('gen_ai_operation_name="moderations"');
  });

  it('leaves a receipt: a ranking, and vectors that could not be made', async () => {
    const opened = await open();
    const ranked = await post(opened, '/v1/rerank', {
      model: 'auto',
      query: 'bread',
      documents: ['warm bread', 'a river'],
    });
    expect(ranked.status).toBe(200);
    expect(await storedOf(opened, ranked)).toMatchObject({
      operation: 'rerank',
      outcome: 'answered',
    });
    const failed = await post(opened, '/v1/embeddings', { model: 'auto', input: 'bread' });
    expect([failed.status, errorOf(failed).code]).toEqual([503, 'model_unavailable']);
    expect(await storedOf(opened, failed)).toMatchObject({
      operation: 'embeddings',
      outcome: 'failed',
      error: { code: 'model_unavailable' },
      attempts: [{ outcome: 'failed' }],
    });
  });

  it('names the model in its receipt as the caller did', async () => {
    const opened = await open({}, { 'their-model': 'bge-small-en-v1.5-q' });
    const documents = ['warm bread', 'a river'];
    const asked = { model: 'their-model', query: 'bread', documents };
    const ranked = await post(opened, '/v1/rerank', asked);
    expect(errorOf(ranked).code).toBe('model_unavailable');
    const vectors = await post(opened, '/v1/embeddings', { model: 'their-model', input: 'bread' });
    for (const answer of [ranked, vectors])
      expect((await storedOf(opened, answer)).requestedModel).toBe('their-model');
  });

  it('counts what it used against the key’s tokens', async () => {
    const opened = await open({ tokenLimit: 3000 });
    const body = { input: 'You fool. '.repeat(600) };
    const first = await post(opened, '/v1/moderations', body);
    expect(first.status).toBe(200);
    expect((await storedOf(opened, first)).usage.promptTokens).toBe(1800);
    expect((await post(opened, '/v1/moderations', body)).status).toBe(429);
  });
});

describe('the moderation model', { timeout: 120_000 }, () => {
  it('is ready before anybody asks, and kept in the home', async () => {
    const home = new TestHome(
      'fleet: { starter: false }\nmoderation: { model: own, examples: examples }\n',
    );
    onTestFinished(() => home.remove());
    writeExamples(home.path);
    await home.up();
    const file = join(home.path, 'classifiers', 'own.bin');
    await vi.waitFor(() => expect(existsSync(file)).toBe(true), { timeout: 60_000, interval: 200 });
  });

  it('tells who comes too early when to come again, and goes on learning', async () => {
    const home = mkdtempSync(join(tmpdir(), 'moderation-'));
    const config = parseConfig({ moderation: { model: 'own', examples: writeExamples(home) } });
    const receipt = receiptOf('req_1', 'k');
    const moderation = composeModeration({
      settings: { config, home, environment: {} },
      models: { catalogue: readCatalogue(), embedder: () => undefined },
      doWork: async ({ prepare, run }) => {
        await prepare?.();
        return { ...(await run()), receipt };
      },
      waitMs: 0,
    });
    onTestFinished(async () => {
      await moderation.close();
      rmSync(home, { recursive: true });
    });
    const caller = { key: 'k', principals: [], keepsText: false };
    const work = { id: 'req_1', model: 'own', caller, texts: ['You fool.'] };
    const { signal } = new AbortController();
    await expect(moderation.moderate(work, signal)).rejects.toMatchObject({
      code: 'model_preparing',
      status: 503,
      retryable: true,
      retryAfter: 10,
    });
    const judged = await vi.waitFor(() => moderation.moderate(work, signal), {
      timeout: 60_000,
      interval: 100,
    });
    expect(judged.results).toHaveLength(1);
  });
});
