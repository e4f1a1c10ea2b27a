import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openSqliteStore } from '../../src/adapters/stores/sqlite-store.ts';
import { SpecialistWatcher } from '../../src/compose/specialist-watch.ts';
import { TrialEnds } from '../../src/compose/trial-ends.ts';
import { readTrial } from '../../src/compose/trial-reading.ts';
import { LOOPBACK } from '../../src/core/call.ts';
import type { Receipt } from '../../src/core/receipt.ts';
import { HandClock } from '../fixtures/hand-clock.ts';
import { newSpecialistRoom } from '../fixtures/specialist-room.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** A node over the file of a store, which others may have open too. */
async function nodeOver(file: string, clock: HandClock, counts = async () => true) {
  const store = await openSqliteStore(file);
  onTestFinished(() => store.doClose());
  const home = newSpecialistRoom(undefined, { objects: store, clock });
  const parts = { ...home, receipts: store, counts };
  const ends = new TrialEnds({
    ...home,
    read: (...pair) => readTrial(parts, ...pair),
    log: () => undefined,
  });
  const look = async () => {
    await home.shelf.refresh();
    await ends.look();
  };
  const trial = async () => (await home.room.lineage('pets')).versions[0]?.trial;
  return { ...home, store, look, trial };
}

/** Version 1 serves, version 2 did not pass beside it and is on trial. */
async function newTrial(counts?: () => Promise<boolean>) {
  const folder = mkdtempSync(join(tmpdir(), 'cadre-trial-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [file, clock] = [join(folder, 'state.db'), new HandClock(Date.now())];
  const node = await nodeOver(file, clock, counts);
  await node.add(null);
  clock.advance(1);
  await node.leave();
  await node.room.promote({ name: 'pets', version: 2, caller: LOOPBACK, canary: true });
  clock.advance(1);
  let asked = 0;
  /** A request to the name, answered by a version; what differs is said. */
  const ask = async (version: number, told: object = {}, attempt: object = {}) => {
    clock.advance(1000);
    asked += 1;
    const id = `req_${String(asked).padStart(5, '0')}`;
    const spoke = version === 1 ? 'pets' : `pets@${version}`;
    const answered = {
      spoke,
      model: `classifier:pets@${version}`,
      outcome: 'released',
      ...attempt,
    };
    const receipt = {
      id,
      at: clock.now(),
      depth: 0,
      key: 'k',
      requestedModel: 'pets',
      attempts: [answered],
      checks: [],
      featureHashes: [asked],
      children: [],
      ...told,
    } as unknown as Receipt;
    await node.store.doPutReceipt(receipt, []);
    return receipt;
  };
  return { ...node, file, clock, ask };
}

const GAVE_WAY = { outcome: 'escalated' };
const call = (passed: boolean) => ({
  checks: [{ check: 'tool-call', passed, score: passed ? 1 : 0, detail: '' }],
});

describe('readTrial', () => {
  it('sends back a candidate whose answers give way more often, without a word of anybody', async () => {
    const home = await newTrial();
    for (let round = 0; round < 60; round += 1) {
      for (let at = 0; at < 4; at += 1) await home.ask(1);
      await home.ask(2, {}, round % 2 === 0 ? GAVE_WAY : {});
    }
    await home.look();
    expect((await home.trial())?.pairs).toBe(0);
    home.clock.advance(2 * HOUR_MS);
    await home.look();
    expect(await home.lastMove(2)).toMatchObject({
      from: 'canary',
      to: 'candidate',
      reason: expect.stringMatching(
        /^more of its answers gave way, .* of 60 that nobody graded 50\.0 points fewer/,
      ),
    });
  });

  it('never promotes one whose answers give way less often: it may only be surer', async () => {
    const home = await newTrial();
    for (let round = 0; round < 60; round += 1) {
      await home.ask(1, {}, round % 2 === 0 ? GAVE_WAY : {});
      await home.ask(2);
    }
    home.clock.advance(2 * HOUR_MS);
    await home.look();
    expect(await home.trial()).toMatchObject({ pairs: 0, left: { pairs: 60, difference: 30 } });
  });

  it('counts a verified tool call as a grade, and a broken one too', async () => {
    const home = await newTrial();
    for (let round = 0; round < 60; round += 1) {
      await home.ask(1, call(true));
      await home.ask(1, call(false), { outcome: 'failed', code: 'upstream_failed' });
      await home.ask(2, call(true));
    }
    home.clock.advance(2 * HOUR_MS);
    await home.look();
    expect((await home.lastMove(2))?.reason).toMatch(
      /^callers found it better: 60 graded answers, 50\.0/,
    );
  });

  it('hears a caller who asks another for the same, and the spoke that was asked unseen', async () => {
    const home = await newTrial();
    await home.ask(1);
    const words = { featureHashes: [7, 7, 7] };
    await home.ask(2, words);
    await home.ask(0, { ...words, requestedModel: 'large', attempts: [] });
    const { id } = await home.ask(1, { requestedModel: 'auto' });
    const grades = [{ spoke: 'pets', score: 0.25 }];
    await home.ask(0, { parent: id, depth: 1, attempts: [], key: 'shadow', shadow: { grades } });
    await home.ask(2);
    // The same words to the same name say nothing, nor does the same from another key.
    await home.ask(2, { featureHashes: [8] });
    await home.ask(1, { featureHashes: [8] });
    home.clock.advance(2 * HOUR_MS);
    await home.look();
    // 0 beside 1; 1 beside .25; the third has nothing beside it.
    expect((await home.trial())?.left).toMatchObject({ pairs: 2, difference: -0.25 });
  });

  it('counts a request once: by what a person said, else by what was seen', async () => {
    const home = await newTrial();
    const watcher = new SpecialistWatcher({ ...home, log: () => undefined });
    const [live, own] = [await home.ask(1), await home.ask(2)];
    await watcher.learnLabelled(live, 'cat', 'dog');
    await watcher.learnLabelled(own, 'Dog', 'dog');
    // What is said again, or by feedback after it, changes nothing.
    await watcher.learnLabelled(own, 'Dog', 'cat');
    const thumb = { receipt: own.id, source: 'thumbs', key: 'k', score: 0, at: 0 } as const;
    await watcher.learnSaid(own, [thumb]);
    home.clock.advance(2 * HOUR_MS);
    await home.look();
    expect(await home.trial()).toMatchObject({ pairs: 1, difference: 1, left: { pairs: 0 } });
    expect((await home.trial())?.left?.block.count).toBe(0);
  });

  it('compares the draw alone: no version by its number, no stand-in, nothing kept or unseen', async () => {
    const home = await newTrial();
    await home.ask(1);
    await home.ask(2, { requestedModel: 'pets@2' }, GAVE_WAY);
    await home.ask(2, { cache: { id: 'x' } }, GAVE_WAY);
    await home.ask(2, { shadow: { grades: [] } }, GAVE_WAY);
    await home.ask(2, {}, { ...GAVE_WAY, cause: 'escalation' });
    await home.ask(2, {}, { outcome: 'failed', code: 'timeout' });
    home.clock.advance(2 * HOUR_MS);
    await home.look();
    expect((await home.trial())?.left).toMatchObject({ pairs: 0, block: { count: 1, sum: 1 } });
  });

  it('counts each answer on one of two nodes, and after a restart goes on where it was', async () => {
    const home = await newTrial();
    const other = await nodeOver(home.file, home.clock);
    for (let round = 0; round < 30; round += 1) {
      await home.ask(1);
      await home.ask(2);
    }
    home.clock.advance(3 * HOUR_MS);
    await Promise.all([home.look(), other.look()]);
    expect((await home.trial())?.left).toMatchObject({ pairs: 30, difference: 0 });
    await home.ask(1);
    await home.ask(2);
    home.clock.advance(2 * HOUR_MS);
    const later = await nodeOver(home.file, home.clock);
    await later.look();
    expect((await home.trial())?.left).toMatchObject({ pairs: 31 });
  });

  it('does not let one key end a trial by asking elsewhere', async () => {
    const home = await newTrial(async () => false);
    await home.ask(1);
    await home.ask(2, { featureHashes: [5] });
    await home.ask(0, { featureHashes: [5], requestedModel: 'large', attempts: [] });
    home.clock.advance(2 * HOUR_MS);
    await home.look();
    expect((await home.trial())?.left).toMatchObject({ pairs: 0 });
  });
});
