import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openSqliteStore } from '../../src/adapters/stores/sqlite-store.ts';
import { fitGateInHome } from '../../src/compose/gate-fit.ts';
import { readGradedPage } from '../../src/compose/graded-traffic.ts';
import type { GradedAnswer, GradedPage } from '../../src/core/outcome.ts';
import type { Receipt } from '../../src/core/receipt.ts';
import type { Store } from '../../src/core/stores.ts';
import { readGradedFile } from '../../src/gate/graded-file.ts';
import { gradedLines } from '../../src/gate/graded-traffic.ts';
import { sampleReceipt } from '../contracts/store-samples.ts';
import { chosen } from '../gate/farm.ts';
import { sampleAttempt } from '../record/samples.ts';

async function openStore(): Promise<{ readonly store: Store; readonly folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'cadre-traffic-'));
  const store = await openSqliteStore(join(folder, 'state.db'));
  onTestFinished(async () => {
    await store.doClose();
    rmSync(folder, { recursive: true });
  });
  return { store, folder };
}

const released = (spoke: string) => [sampleAttempt({ spoke, outcome: 'released' })];

/** A request whose text was kept, with a thumb where `score` is given. */
async function put(
  store: Store,
  id: string,
  { prompt, score, ...change }: Partial<Receipt> & { prompt?: string; score?: number },
): Promise<void> {
  const text = { answer: 'a', citations: [], events: [] };
  const receipt = sampleReceipt(id, { attempts: released('quick'), ...change });
  await store.doPutReceipt(receipt, [], prompt === undefined ? undefined : { ...text, prompt });
  if (score !== undefined)
    await store.doPutFeedback({ receipt: id, source: 'thumbs', key: 'loopback', score, at: 1 });
}

async function readAll(store: Store): Promise<{ rows: GradedAnswer[]; keptCount: number }> {
  const rows: GradedAnswer[] = [];
  let keptCount = 0;
  let next: GradedPage['next'];
  do {
    const page: GradedPage = await readGradedPage(store, next);
    rows.push(...page.rows);
    keptCount += page.keptCount;
    next = page.next;
  } while (next !== undefined);
  return { rows, keptCount };
}

it('takes requests with kept text that a person or an escalation graded, and no others', async () => {
  const { store } = await openStore();
  await put(store, 'req_thumb', { prompt: 'One?', score: 1 });
  await put(store, 'req_textless', { score: 0 });
  await put(store, 'req_ungraded', { prompt: 'Two?' });
  await put(store, 'req_checked', { prompt: 'Three?', confidence: 0.9 });
  await put(store, 'req_step', { prompt: 'Four?', score: 1, depth: 1 });
  const escalated = [sampleAttempt({ spoke: 'quick', outcome: 'escalated' })];
  await put(store, 'req_up', {
    prompt: 'Five?',
    score: 1,
    attempts: [...escalated, ...released('general')],
  });
  const { rows, keptCount } = await readAll(store);
  expect(keptCount).toBe(4);
  expect(rows.toSorted((one, other) => (one.prompt < other.prompt ? -1 : 1))).toEqual([
    {
      prompt: 'Five?',
      scores: { quick: 0, general: 1 },
      sources: { quick: 'escalation', general: 'thumbs' },
      costs: {},
      seconds: {},
    },
    { prompt: 'One?', scores: { quick: 1 }, sources: { quick: 'thumbs' }, costs: {}, seconds: {} },
  ]);
});

it('takes what shadow runs graded, at half the weight, and less than what a person said', async () => {
  const { store } = await openStore();
  const shadow = (of: string, score: number) => ({
    of,
    served: 'quick',
    spoke: 'general',
    task: 'arithmetic',
    reference: 'general',
    as: 'number' as const,
    agreement: score,
    grades: [
      { spoke: 'general', score: 1 },
      { spoke: 'quick', score },
    ],
    words: 'general said something else (number)',
    seconds: 1,
  });
  const asked = { key: 'shadow', depth: 1, requestedModel: 'general' };
  await put(store, 'req_a', { prompt: 'One?' });
  await put(store, 'req_sa', { ...asked, parent: 'req_a', shadow: shadow('req_a', 0) });
  await put(store, 'req_b', { prompt: 'Two?', score: 1 });
  await put(store, 'req_sb', { ...asked, parent: 'req_b', shadow: shadow('req_b', 0) });
  await put(store, 'req_textless', {});
  await put(store, 'req_sc', { ...asked, parent: 'req_textless', shadow: shadow('req_c', 0) });
  const { rows, keptCount } = await readAll(store);
  expect(keptCount).toBe(2);
  expect(rows.toSorted((one, other) => (one.prompt < other.prompt ? -1 : 1))).toEqual([
    {
      prompt: 'One?',
      scores: { quick: 0, general: 1 },
      sources: { quick: 'shadow', general: 'shadow' },
      weight: 0.5,
      costs: {},
      seconds: {},
    },
    {
      prompt: 'Two?',
      scores: { quick: 1, general: 1 },
      sources: { quick: 'thumbs', general: 'shadow' },
      weight: 0.75,
      costs: {},
      seconds: {},
    },
  ]);
});

it('pages through all of them once, also those of one millisecond', async () => {
  const { store } = await openStore();
  for (let at = 0; at < 450; at += 1)
    await put(store, `req_${at}`, { prompt: `Thing ${at}?`, score: at % 2, at: 1000 + (at >> 8) });
  const { rows, keptCount } = await readAll(store);
  expect(keptCount).toBe(450);
  expect(new Set(rows.map(({ prompt }) => prompt)).size).toBe(450);
});

it('writes them so that a gate can be fitted from them', async () => {
  const { store, folder } = await openStore();
  for (let at = 0; at < 120; at += 1) {
    const prompt = `Name the colour of thing ${at}`;
    const route = chosen(prompt);
    await put(store, `req_a${at}`, { prompt, score: at % 3 === 0 ? 0 : 1, route });
    // The same question again, answered by another spoke.
    await put(store, `req_b${at}`, { prompt, score: 1, attempts: released('general'), route });
  }
  const text = gradedLines((await readAll(store)).rows).join('\n');
  const { models, lines, duplicates } = readGradedFile(text);
  expect([models.toSorted(), lines.length, duplicates]).toEqual([['general', 'quick'], 120, 0]);
  expect(
    lines.every(({ scores, costs }) => !scores.some(Number.isNaN) && costs?.length === 2),
  ).toBe(true);
  const wish = { alpha: 0.05, delta: 0.1, seed: 1, days: 90, now: Date.parse('2026-11-26') };
  const { report } = fitGateInHome({ ...wish, home: folder, file: { text } });
  expect(report).toMatchObject({ reference: 'general', rows: { fitted: 60, heldOut: 60 } });
});

it('keeps the newest grade of a prompt and fills in what a spoke costs', () => {
  const lines = gradedLines([
    { prompt: 'One?', scores: { quick: 0 }, costs: { quick: 1, other: 9 }, seconds: {} },
    {
      prompt: 'One?',
      scores: { quick: 1, general: 1 },
      costs: { quick: 3, general: 8 },
      seconds: { general: 2 },
    },
    { prompt: 'Two?', task: 'question', scores: { general: 0.5 }, costs: {}, seconds: {} },
  ]);
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    {
      prompt: 'One?',
      scores: { quick: 0, general: 1 },
      costs: { quick: 1, general: 8 },
      seconds: { general: 2 },
    },
    {
      prompt: 'Two?',
      task: 'question',
      scores: { general: 0.5 },
      costs: { quick: 2, general: 8 },
      seconds: { general: 2 },
    },
  ]);
});

it('keeps an older grade of a person beside a newer one of a shadow run, also in the file', () => {
  const by = (quick: 'thumbs' | 'shadow') => ({
    sources: { quick },
    costs: { quick: 1, general: 2 },
  });
  const lines = gradedLines([
    { prompt: 'One?', scores: { quick: 1 }, weight: 0.5, ...by('shadow') },
    { prompt: 'One?', scores: { quick: 0 }, ...by('thumbs') },
    { prompt: 'Two?', scores: { general: 1 }, weight: 0.5, ...by('shadow') },
  ]);
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { prompt: 'One?', scores: { quick: 0 }, sources: { quick: 'thumbs' } },
    { prompt: 'Two?', weight: 0.5 },
  ]);
  const read = readGradedFile(lines.join('\n'));
  expect(read.lines.map(({ weight }) => weight)).toEqual([undefined, 0.5]);
  expect(() => readGradedFile('{"prompt":"a","scores":{"x":1,"y":1},"weight":2}')).toThrow(
    /weight is more than 0 and at most 1/,
  );
});
