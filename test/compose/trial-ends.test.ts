import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openSqliteStore } from '../../src/adapters/stores/sqlite-store.ts';
import { SpecialistWatcher } from '../../src/compose/specialist-watch.ts';
import { TrialEnds } from '../../src/compose/trial-ends.ts';
import { LOOPBACK } from '../../src/core/call.ts';
import type { FeedbackRow } from '../../src/core/outcome.ts';
import type { Receipt } from '../../src/core/receipt.ts';
import type { StoredVersion } from '../../src/learn/version-keeping.ts';
import { HandClock } from '../fixtures/hand-clock.ts';
import { comparedWith, newSpecialistRoom } from '../fixtures/specialist-room.ts';

const DAY_MS = 86_400_000;
const log = () => undefined;
/** What nobody graded is another file's. */
const read = async ({ body }: StoredVersion) => body.trial;

/** A node over the file of a store, which others may have open too. */
async function nodeOver(file: string, clock: HandClock) {
  const objects = await openSqliteStore(file);
  onTestFinished(() => objects.doClose());
  const home = newSpecialistRoom(undefined, { objects, clock });
  const lines: string[] = [];
  const ends = new TrialEnds({ ...home, read, log: (line) => lines.push(line) });
  const look = async () => {
    await home.shelf.refresh();
    await ends.look();
  };
  return { ...home, lines, look };
}

function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cadre-trial-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'state.db');
}

/** Version 1 serves; version 2 is on trial, and passed beside it on rows or did not. */
async function newTrial(passes: boolean) {
  const [file, clock] = [newFile(), new HandClock(Date.now())];
  const node = await nodeOver(file, clock);
  await node.add(null);
  clock.advance(1);
  await node.add(passes ? comparedWith(1, 60, 30) : null);
  await node.room.promote({ name: 'pets', version: 2, caller: LOOPBACK, canary: true });
  return { ...node, file, clock };
}

describe('TrialEnds', () => {
  it('lets what passed on rows go live after its days, without any grade', async () => {
    const home = await newTrial(true);
    home.clock.advance(7 * DAY_MS - 1);
    await home.look();
    expect(await home.lastMove(2)).toMatchObject({ to: 'canary' });
    home.clock.advance(1);
    await home.look();
    expect(await home.lastMove(2)).toMatchObject({
      from: 'canary',
      to: 'live',
      by: 'farm',
      reason: 'it passed on rows, and callers did not find it worse: no answer of it was graded',
    });
    expect(await home.lastMove(1)).toMatchObject({ to: 'retired', act: 'replaced' });
    expect(home.lines).toHaveLength(1);
  });

  it('sends back what did not, also after a restart', async () => {
    const home = await newTrial(false);
    home.clock.advance(30 * DAY_MS);
    const later = await nodeOver(home.file, home.clock);
    await later.look();
    expect(await later.lastMove(2)).toMatchObject({
      from: 'canary',
      to: 'candidate',
      act: 'rolled-back',
      reason: '30 days did not show it to be better: no answer of it was graded',
    });
    expect((await later.room.lineage('pets')).live).toBe(1);
  });

  it('is decided by one of several nodes that look at once', async () => {
    const home = await newTrial(true);
    const other = await nodeOver(home.file, home.clock);
    await Promise.all([home.shelf.refresh(), other.shelf.refresh()]);
    home.clock.advance(8 * DAY_MS);
    await Promise.all([home.look(), other.look()]);
    const [second, first] = (await other.room.lineage('pets')).versions;
    expect(second?.moves.map(({ to }) => to)).toEqual(['candidate', 'canary', 'live']);
    expect(first?.moves.map(({ to }) => to)).toEqual(['candidate', 'live', 'retired']);
    expect([...home.lines, ...other.lines]).toHaveLength(1);
  });

  it('ends a trial whose live version was taken out of service, and lets nothing take its place', async () => {
    const home = await newTrial(true);
    await home.room.retire({ name: 'pets', version: 1, caller: LOOPBACK });
    await home.look();
    expect(await home.lastMove(2)).toMatchObject({
      to: 'candidate',
      reason: 'version 1, beside which it was tried, serves no more',
    });
    expect((await home.room.lineage('pets')).live).toBeNull();
  });

  it('sends back a candidate that is damaged when its days are over', async () => {
    const home = await newTrial(true);
    await home.objects.doPutPart('specialist', 'pets@2', { position: 0, bytes: Buffer.from('x') });
    home.clock.advance(7 * DAY_MS);
    await home.look();
    const back = await home.lastMove(2);
    expect(back).toMatchObject({ from: 'canary', to: 'candidate' });
    expect(back?.reason).toContain('but pets@2 does not serve: its bytes are not those');
    expect((await home.room.lineage('pets')).live).toBe(1);
  });

  it('says once what keeps it from ending a trial, and ends it when it can', async () => {
    const home = await newTrial(true);
    await home.shelf.refresh();
    home.clock.advance(7 * DAY_MS);
    let isDown = true;
    const versions = async (name: string) => {
      if (isDown) throw new Error('the database is away');
      return home.registry.versions(name);
    };
    const lines: string[] = [];
    const ends = new TrialEnds({
      ...home,
      read,
      registry: { versions },
      log: (line) => lines.push(line),
    });
    await ends.look();
    await ends.look();
    expect(lines).toHaveLength(1);
    isDown = false;
    await ends.look();
    expect(await home.lastMove(2)).toMatchObject({ to: 'live' });
  });

  it('leaves the word to a grade that decides meanwhile on another node', async () => {
    const home = await newTrial(false);
    const other = await nodeOver(home.file, home.clock);
    const watcher = new SpecialistWatcher({ ...other, log });
    home.clock.advance(30 * DAY_MS);
    const attempts = [{ spoke: 'pets', model: 'classifier:pets@2', outcome: 'released' }];
    const receipt = { id: 'r', key: 'k', at: home.clock.now(), attempts } as unknown as Receipt;
    const said: FeedbackRow = { receipt: 'r', source: 'thumbs', key: 'k', score: 1, at: 0 };
    await Promise.all([watcher.learnSaid(receipt, [said]), home.look()]);
    const [second] = (await home.room.lineage('pets')).versions;
    expect(second?.moves.map(({ to }) => to)).toEqual(['candidate', 'canary', 'candidate']);
  });
});
