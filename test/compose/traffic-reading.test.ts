import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { makeInThread } from '../../src/adapters/models/classifier-training.ts';
import { openSqliteStore } from '../../src/adapters/stores/sqlite-store.ts';
import { readTraffic } from '../../src/compose/traffic-reading.ts';
import { sampleReceipt } from '../contracts/store-samples.ts';
import { petRows } from '../fixtures/pet-rows.ts';
import { sampleAttempt } from '../record/samples.ts';

const signal = new AbortController().signal;
const wish = {
  capability: 'asker',
  labels: null,
  name: 'pets',
  until: 1e13,
  given: new Map(),
  signal,
};

async function trafficOf(rows: readonly { readonly text: string; readonly label: string }[]) {
  const folder = mkdtempSync(join(tmpdir(), 'cadre-traffic-'));
  const store = await openSqliteStore(join(folder, 'state.db'));
  onTestFinished(async () => {
    await store.doClose();
    rmSync(folder, { recursive: true });
  });
  for (const [at, { text, label }] of rows.entries()) {
    const attempts = [sampleAttempt({ spoke: 'asker', outcome: 'released' })];
    const receipt = sampleReceipt(`req_${at}`, {
      attempts,
      requestedModel: 'asker',
      outcome: 'answered',
      depth: 0,
      at: 1000 + at,
    });
    const kept = { prompt: text, answer: `${label}.`, citations: [], events: [] };
    await store.doPutReceipt(receipt, [], kept);
  }
  return store;
}

it('makes a specialist from answers and corrections, with who said its labels', async () => {
  const rows = petRows(1);
  const store = await trafficOf(rows.map((row, at) => (at === 3 ? { ...row, label: 'vet' } : row)));
  const right = rows[3]?.label ?? '';
  const said = { receipt: 'req_3', source: 'correction', key: 'k', score: 0, at: 9 } as const;
  await store.doPutFeedback({ ...said, text: right });
  const data = await readTraffic(store, wish);
  const lines = new TextDecoder()
    .decode(data.bytes)
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.find((one) => one.id === 'req_3').votes).toContainEqual({
    label: right,
    source: 'human',
    at: 9,
  });
  const order = { type: 'intents', data, isTraffic: true, seed: 1 } as const;
  const made = await makeInThread(order, { embedder: undefined, signal });
  expect(made.report.labels).toEqual(['booking', 'feeding', 'vet']);
  expect(made.sources?.human).toBe(1);
  expect(made.report.warnings.join()).toContain('nobody judged');
  const again = await makeInThread(order, { embedder: undefined, signal });
  expect(again.bytes).toEqual(made.bytes);
});

it('says how much traffic is there and what is missing', async () => {
  const few = await trafficOf(petRows(1).slice(0, 5));
  await expect(readTraffic(few, wish)).rejects.toThrow(/5 with kept text, 5 of .*; 15 more/);
  await expect(readTraffic(few, { ...wish, capability: 'askr' })).rejects.toThrow(/“askr”.*asker/);
  const one = await trafficOf(petRows(1).map((row) => ({ ...row, label: 'vet' })));
  await expect(readTraffic(one, wish)).rejects.toThrow(/all “vet”; at least two/);
});
