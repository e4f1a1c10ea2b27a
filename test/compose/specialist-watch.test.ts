import { describe, expect, it } from 'vitest';
import { SpecialistWatcher } from '../../src/compose/specialist-watch.ts';
import { LOOPBACK } from '../../src/core/call.ts';
import type { FeedbackRow } from '../../src/core/outcome.ts';
import type { Receipt } from '../../src/core/receipt.ts';
import { comparedWith, draftOf, newSpecialistRoom } from '../fixtures/specialist-room.ts';

let asked = 0;
function answered(model: string, at = Date.now() + 1000): Receipt {
  const attempts = [{ spoke: 'pets', model: `classifier:${model}`, outcome: 'released' }];
  asked += 1;
  return { id: `r${asked}`, key: 'k', at, attempts } as unknown as Receipt;
}
const thumb = (score: number): FeedbackRow[] => [
  { receipt: 'r', source: 'thumbs', key: 'k', score, at: 0 },
];

async function newWatch() {
  const home = newSpecialistRoom();
  const lines: string[] = [];
  const newWatcher = () =>
    new SpecialistWatcher({
      clock: home.clock,
      objects: home.objects,
      registry: home.registry,
      room: home.room,
      log: (line) => lines.push(line),
    });
  const say = async (model: string, grades: readonly number[], watcher = newWatcher()) => {
    for (const grade of grades) await watcher.learnSaid(answered(model), thumb(grade));
  };
  await home.add(null);
  await say('pets@1', Array(10).fill(1));
  await home.add(comparedWith(1, 60, 30), true);
  return { ...home, lines, newWatcher, say };
}
const liveOf = async ({ room }: Awaited<ReturnType<typeof newWatch>>) =>
  (await room.lineage('pets')).live;

describe('SpecialistWatcher', () => {
  it('lets the version before serve again where callers find the live one worse', async () => {
    const home = await newWatch();
    expect(await liveOf(home)).toBe(2);
    // A new process knows what the one before it was told.
    await home.say('pets@2', [1, 0, 1, 0]);
    await home.say('pets@2', Array(20).fill(0), home.newWatcher());
    expect(await liveOf(home)).toBe(1);
    expect(await home.lastMove(2)).toMatchObject({ to: 'retired', act: 'rolled-back', by: 'farm' });
    expect((await home.lastMove(1))?.reason).toMatch(
      /back from pets@2: callers found it worse: of its last \d+ graded answers/,
    );
    expect(home.lines[0]).toContain('the version before serves again');
  });

  it('leaves one that does as it should, and hears nothing of other answers', async () => {
    const home = await newWatch();
    await home.say('pets@2', Array(60).fill(1));
    // Of another version, of no specialist, and from before it was live.
    await home.say('pets@1', Array(30).fill(0));
    await home.say('pets', Array(30).fill(0));
    for (let at = 0; at < 30; at += 1)
      await home.newWatcher().learnSaid(answered('pets@2', 1), thumb(0));
    await home.newWatcher().learnSaid(answered('pets@2'), []);
    expect(await liveOf(home)).toBe(2);
    const [version] = (await home.room.lineage('pets')).versions;
    expect(version?.watch).toMatchObject({ answers: 60, right: 60 });
  });

  it('expects no more of a version than callers said of the one before it', async () => {
    const home = newSpecialistRoom();
    const watcher = new SpecialistWatcher({ ...home, log: () => undefined });
    await home.add(null);
    // Only those complain who are not content: half of the grades are bad, whatever serves.
    const halves = Array.from({ length: 200 }, (_, at) => at % 2);
    for (const grade of halves) await watcher.learnSaid(answered('pets@1'), thumb(grade));
    await home.add(comparedWith(1, 60, 30), true);
    for (const grade of halves) await watcher.learnSaid(answered('pets@2'), thumb(grade));
    expect((await home.room.lineage('pets')).live).toBe(2);
  });

  it('says so where there is no version before', async () => {
    const home = newSpecialistRoom();
    const lines: string[] = [];
    const watcher = new SpecialistWatcher({ ...home, log: (line) => lines.push(line) });
    await home.add(null);
    for (let at = 0; at < 20; at += 1) await watcher.learnSaid(answered('pets@1'), thumb(0));
    expect((await home.room.lineage('pets')).live).toBe(1);
    expect(lines[0]).toContain('there is none before it');
    // Not with every grade.
    expect(lines.length).toBeLessThan(5);
  });

  it('knows the version of an adapter by the model that the receipt names', async () => {
    const { registry, room, objects, clock } = newSpecialistRoom();
    const watcher = new SpecialistWatcher({
      registry,
      room,
      objects,
      clock,
      log: () => undefined,
    });
    const base = { model: 'small', hash: 'a'.repeat(64) };
    const content = (text: string) => ({ bytes: Buffer.from(text), taught: Buffer.alloc(8) });
    const made: Awaited<ReturnType<typeof registry.add>>[] = [];
    for (const text of ['one', 'two']) {
      const draft = { ...draftOf(null), base };
      const move = { by: 'farm', reason: 'a test' };
      made.push(await registry.add(draft, 'loopback', content(text), move));
    }
    await room.promote({ name: 'pets', version: 2, caller: LOOPBACK, force: true });
    const modelOf = (place: number) =>
      `small+${made[place]?.body.manifest.contentHash.slice(0, 12)}`;
    const say = async (model: string, spoke: string) => {
      const attempts = [{ spoke, model, outcome: 'released' }];
      const receipt = { id: 'r', at: Date.now() + 1000, attempts } as unknown as Receipt;
      await watcher.learnSaid(receipt, thumb(1));
    };
    await say(modelOf(1), 'pets');
    await say(modelOf(1), 'pets@2');
    // Another version, another adapter, the bare base.
    await say(modelOf(0), 'pets@1');
    await say('small+0123456789ab', 'pets');
    await say('small', 'pets');
    const versions = (await room.lineage('pets')).versions;
    expect(versions.map(({ watch }) => watch?.answers)).toEqual([2, undefined]);
  });

  it('lets a candidate on trial go live where callers find it better beside the live one', async () => {
    const home = await newTrial();
    expect((await home.room.lineage('pets')).versions[0]).toMatchObject({
      stage: 'canary',
      trial: { against: 1, mode: 'proof', share: 0.05 },
    });
    for (let round = 0; round < 60; round += 1) {
      await home.say('pets@1', [1, 0]);
      // Each time by a process of its own.
      await home.say('pets@2', [1], home.newWatcher());
    }
    expect(await liveOf(home)).toBe(2);
    expect(await home.lastMove(2)).toMatchObject({ from: 'canary', to: 'live', by: 'farm' });
    expect((await home.lastMove(2))?.reason).toMatch(/callers found it better: \d+ graded answers/);
    expect(await home.lastMove(1)).toMatchObject({ to: 'retired', act: 'replaced' });
  });

  it('sends a candidate back that callers find worse, and one whose live version went', async () => {
    const home = await newTrial();
    for (let round = 0; round < 60; round += 1) {
      await home.say('pets@1', [1, 0]);
      await home.say('pets@2', [0]);
    }
    expect(await liveOf(home)).toBe(1);
    const back = await home.lastMove(2);
    expect(back).toMatchObject({ from: 'canary', to: 'candidate', act: 'rolled-back', by: 'farm' });
    expect(back?.reason).toContain('callers found it worse');
    await home.room.promote({ name: 'pets', version: 2, caller: LOOPBACK, canary: true });
    await home.add(comparedWith(1, 60, 30), true);
    expect(await liveOf(home)).toBe(3);
    expect(await home.lastMove(2)).toMatchObject({ from: 'canary', to: 'candidate' });
  });

  it('tries one candidate at a time, beside a live version', async () => {
    const home = await newTrial();
    await home.leave();
    const trial = (version: number) =>
      home.room.promote({ name: 'pets', version, caller: LOOPBACK, canary: true });
    await expect(trial(3)).rejects.toThrow('pets@2 is on trial');
    await home.room.retire({ name: 'pets', version: 2, caller: LOOPBACK });
    expect((await trial(3)).versions[0]).toMatchObject({ stage: 'canary' });
    const fresh = newSpecialistRoom();
    await fresh.leave();
    const alone = fresh.room.promote({ name: 'pets', caller: LOOPBACK, canary: true });
    await expect(alone).rejects.toThrow('no version serves beside which to try pets@1');
  });
});

/** Version 1 serves, version 2 did not pass beside it and is on trial. */
async function newTrial() {
  const home = newSpecialistRoom();
  const lines: string[] = [];
  const newWatcher = () => new SpecialistWatcher({ ...home, log: (line) => lines.push(line) });
  const say = async (model: string, grades: readonly number[], watcher = newWatcher()) => {
    for (const grade of grades) await watcher.learnSaid(answered(model), thumb(grade));
  };
  await home.add(null);
  await home.leave();
  await home.room.promote({ name: 'pets', version: 2, caller: LOOPBACK, canary: true });
  return { ...home, lines, newWatcher, say };
}
