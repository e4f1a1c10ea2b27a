import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { Caller } from '../../src/core/call.ts';
import { LOOPBACK } from '../../src/core/call.ts';
import type { CadreEvent } from '../../src/core/events.ts';
import { openHouse } from '../fixtures/open-house.ts';
import { petRows, petTable } from '../fixtures/pet-rows.ts';
import { callOf } from '../pipeline/scripted-parts.ts';

const waits = { timeout: 30_000 };
const { signal } = new AbortController();

/** Version 1 serves; version 2 was taught that who needs a vet wants a booking, and answers unseen. */
async function shadowedPets(owner?: Caller) {
  const folder = mkdtempSync(join(tmpdir(), 'cadre-rows-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { farm, url, startBackground } = await openHouse(() => ({
    fleet: { starter: false, offline: true },
  }));
  startBackground();
  const data = join(folder, 'rows.csv');
  const trainAs = async (caller: Caller) => {
    const order = { name: 'pets', kind: 'intents', test: null, target: null, seed: 1 } as const;
    const words = { ...order, data: { kind: 'path', path: data }, promote: false } as const;
    const { id } = await farm.trainingJobs.create(words, caller, {});
    for await (const event of farm.trainingJobs.follow(id, signal))
      expect(event.level).not.toBe('error');
  };
  const train = async (rows: ReturnType<typeof petRows>) => {
    writeFileSync(data, petTable(rows));
    if (owner !== undefined) return trainAs(owner);
    const told = await fetch(`${url}/cadre/v1/specialists`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'pets', data }),
    });
    expect(await told.text()).toContain('"specialist":"pets@');
  };
  await train(petRows(1));
  if (owner !== undefined)
    await farm.specialists.promote({ name: 'pets', caller: LOOPBACK, force: true });
  await train(
    petRows(1).map((one, at) =>
      one.label === 'vet' && at % 8 > 0 ? { ...one, label: 'booking' } : one,
    ),
  );
  await farm.specialists.promote({ name: 'pets', version: 2, caller: LOOPBACK, shadow: true });
  let asked = 0;
  const ask = async (text: string, caller: Partial<Caller> = {}) => {
    asked += 1;
    const id = `req_${asked}`;
    const events: CadreEvent[] = [];
    const call = callOf('pets', text, { id, caller: { ...LOOPBACK, keepsText: true, ...caller } });
    for await (const event of farm.ask(call, signal)) events.push(event);
    return {
      id,
      text: events.flatMap((one) => (one.type === 'text-delta' ? one.text : [])).join(''),
    };
  };
  const second = async () => {
    const { versions } = await farm.specialists.lineage('pets');
    return versions.find((one) => one.manifest.version === 2);
  };
  const answers = async () => (await second())?.shadow?.answers;
  return { farm, ask, second, answers };
}

it('answers unseen beside the live version, is labelled where they differ, and goes on to a trial', async () => {
  const { farm, ask, second, answers } = await shadowedPets();
  expect(await second()).toMatchObject({
    stage: 'shadow',
    standing: 'answers unseen beside version 1: 0 requests',
  });
  const again = { name: 'pets', version: 2, caller: LOOPBACK, shadow: true };
  await expect(farm.specialists.promote(again)).rejects.toThrow(
    'pets@2 answers unseen; wait for it or retire it',
  );
  const [feeding, vet, silent] = [
    await ask('my dog will not eat today'),
    await ask('the puppy limps badly since this week'),
    await ask('her pony has a fever, please', { keepsText: false }),
  ];
  expect([feeding.text, vet.text, silent.text]).toEqual(['feeding', 'vet', 'vet']);
  await expect.poll(answers, waits).toBe(3);
  const { shadow, standing } = (await second()) ?? {};
  expect(shadow).toMatchObject({ against: 1, failed: 0, differing: 2, agreement: 1, kept: 2 });
  expect(standing).toMatch(
    /^answers unseen beside version 1: 3 requests; the same in 33\.3 % .*, 2 differ; [\d.]+ against [\d.]+ ms$/,
  );
  // Its receipts are the farm's own, and hold no word of it.
  const receipts = await farm.receipts({ limit: 10, key: 'candidate' });
  expect(receipts).toHaveLength(3);
  expect(JSON.stringify(receipts)).not.toMatch(/pony|booking"/);
  expect((await farm.shadow()).answers).toBe(0);

  const queue = await farm.labels.queue({ name: 'pets', limit: 5 }, signal);
  expect(queue.rows[0]).toMatchObject({
    row: vet.id,
    reason: 'a candidate answers otherwise than the live version',
  });
  expect(queue.rows[0]?.choices.map((one) => one.label)).toContain('booking');
  for (const label of ['vet', 'booking'])
    await farm.labels.give({ name: 'pets', row: vet.id, label, key: 'k' });
  await farm.labels.give({ name: 'pets', row: feeding.id, label: 'feeding', key: 'k' });
  // What was said first counts.
  expect((await second())?.shadow?.labelled).toEqual({ rows: 2, both: 1, onlyOwn: 0, onlyLive: 1 });
  expect((await second())?.standing).toContain(
    'of 2 labelled rows 1 right against 2, only it 0 times, only version 1 1 times (exact McNemar p = 1.0)',
  );

  await farm.specialists.promote({ name: 'pets', version: 2, caller: LOOPBACK, canary: true });
  expect(await second()).toMatchObject({ stage: 'canary', trial: { against: 1 } });
  expect(await second()).not.toHaveProperty('shadow');
  expect((await second())?.moves.at(-1)?.reason).toContain(
    'it answers unseen beside version 1: 3 requests',
  );
});

it('lets one of a key alone answer unseen, and nobody else use it', async () => {
  const owner: Caller = { ...LOOPBACK, key: 'key_a', principals: ['public'] };
  const { farm, ask, second, answers } = await shadowedPets(owner);
  await ask('my dog will not eat today', { principals: ['public'], key: 'key_b' });
  await expect.poll(answers, waits).toBe(1);
  expect((await second())?.shadow).toMatchObject({ failed: 0 });
  const names = (principals: readonly string[]) => farm.listNames(principals).map(({ id }) => id);
  expect(names(['public', 'key:key_b'])).toContain('pets');
  expect(names(['public', 'key:key_b'])).not.toContain('pets@2');
  expect(names(['public', 'key:key_a'])).toContain('pets@2');
});
