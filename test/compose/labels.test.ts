import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openSqliteStore } from '../../src/adapters/stores/sqlite-store.ts';
import { givenLabels } from '../../src/compose/given-labels.ts';
import { LabelRoom } from '../../src/compose/labels.ts';
import { readTraffic } from '../../src/compose/traffic-reading.ts';
import { sampleReceipt } from '../contracts/store-samples.ts';
import { petRows } from '../fixtures/pet-rows.ts';
import { newSpecialistRoom } from '../fixtures/specialist-room.ts';
import { sampleAttempt } from '../record/samples.ts';

const signal = new AbortController().signal;
const capability = 'asker';

async function roomWith(answerOf: (row: { readonly label: string }, at: number) => string) {
  const folder = mkdtempSync(join(tmpdir(), 'cadre-labels-'));
  const file = join(folder, 'state.db');
  let store = await openSqliteStore(file);
  onTestFinished(async () => {
    await store.doClose();
    rmSync(folder, { recursive: true });
  });
  const start = Date.now() - 1_000_000;
  for (const [at, row] of petRows(1).entries()) {
    const receipt = sampleReceipt(`req_${at}`, {
      attempts: [sampleAttempt({ spoke: 'asker', outcome: 'released' })],
      requestedModel: capability,
      outcome: 'answered',
      depth: 0,
      at: start + at,
    });
    const prompt = `${row.text}, write to ann@example.org`;
    const kept = { prompt, answer: answerOf(row, at), citations: [], events: [] };
    await store.doPutReceipt(receipt, [], kept);
  }
  const { registry } = newSpecialistRoom();
  const learnt: string[][] = [];
  const room = () =>
    new LabelRoom({
      store,
      objects: store,
      registry,
      embedder: () => undefined,
      clock: { now: Date.now, elapsed: () => performance.now() },
      learn: async (receipt, answer, label) => void learnt.push([receipt.id, answer, label]),
      textDays: () => 30,
    });
  const reopen = async () => {
    await store.doClose();
    store = await openSqliteStore(file);
    return room();
  };
  return { room: room(), reopen, learnt, store: () => store };
}

it('keeps what a person says with who and when, and teaches it before all else', async () => {
  const { room, reopen, learnt, store } = await roomWith(({ label }) => label);
  const before = await room.queue({ capability, limit: 10 }, signal);
  expect(before).toMatchObject({
    specialist: null,
    labels: ['booking', 'feeding', 'vet'],
    given: 0,
  });
  expect(JSON.stringify(before)).not.toContain('ann@example.org');
  const row = before.rows[0]?.row ?? '';
  await room.give({ capability, row, label: 'vet', key: 'key_a' });
  await room.give({ capability, row, label: 'feeding', key: 'key_b' });
  const { label: shown } = petRows(1)[Number(row.slice(4))] ?? {};
  expect(learnt).toEqual([
    [row, shown, 'vet'],
    [row, shown, 'feeding'],
  ]);
  const again = await reopen();
  expect(await again.list({ capability, limit: 10 })).toMatchObject([
    { row, label: 'feeding', key: 'key_b', text: expect.stringContaining('[email]') },
  ]);
  const after = await again.queue({ capability, limit: 10 }, signal);
  expect(after.given).toBe(1);
  expect(after.rows.map((one) => one.row)).not.toContain(row);

  const read = async () => {
    const given = await givenLabels(store(), capability);
    const wish = { capability, labels: null, name: 'x', until: 1e14, given, signal };
    const { bytes } = await readTraffic(store(), wish);
    const lines = new TextDecoder().decode(bytes).split('\n');
    return lines.map((line) => JSON.parse(line)).find((one) => one.id === row).votes;
  };
  expect(await read()).toContainEqual({
    label: 'feeding',
    source: 'human',
    at: expect.any(Number),
  });
  expect(await again.takeBack({ capability, row })).toBe(true);
  expect(await again.takeBack({ capability, row })).toBe(false);
  expect((await read()).some((one: { source: string }) => one.source === 'human')).toBe(false);
});

it('teaches from people alone where answers are no labels', async () => {
  const { room, store } = await roomWith(() => 'I would rather talk about something else today.');
  for (let at = 0; at < 60; at += 1)
    await room.give({
      ...{ capability, row: `req_${at * 2}`, key: 'k' },
      label: petRows(1)[at * 2]?.label ?? '',
    });
  const given = await givenLabels(store(), capability);
  const wish = { capability, labels: null, name: 'x', until: 1e14, given, signal };
  const { bytes } = await readTraffic(store(), wish);
  expect(new TextDecoder().decode(bytes).match(/"source":"human"/g)).toHaveLength(60);
});

it('says what is wrong with a row, a label and a scope', async () => {
  const { room } = await roomWith(({ label }) => label);
  const give = (change: object) =>
    room.give({ capability, row: 'req_1', label: 'vet', key: 'k', ...change });
  await expect(give({ row: 'req_none' })).rejects.toThrow('no answered request “req_none”');
  await expect(give({ capability: 'other' })).rejects.toThrow('to “other”');
  await expect(give({ label: ' ' })).rejects.toThrow('1 to 64 characters');
  await expect(give({ name: 'nobody' })).rejects.toThrow('no live specialist “nobody”');
  await expect(room.queue({ capability: 'askr', limit: 1 }, signal)).rejects.toThrow('“askr”');
  await expect(room.list({ limit: 1 })).rejects.toThrow('name a specialist or a capability');
});
