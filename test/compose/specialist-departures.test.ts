import { describe, expect, it } from 'vitest';
import { FeedbackShare } from '../../src/compose/feedback-share.ts';
import { SpecialistDepartures } from '../../src/compose/specialist-departures.ts';
import { LOOPBACK } from '../../src/core/call.ts';
import type { Attempt, Receipt } from '../../src/core/receipt.ts';
import type { KeyRow } from '../../src/core/stores.ts';
import { comparedWith, newSpecialistRoom } from '../fixtures/specialist-room.ts';

const KEYS = ['key_a', 'key_b'].map((id) => ({
  id,
  hash: id,
  principals: ['public'],
})) as unknown as readonly KeyRow[];
type Answer = Partial<Pick<Attempt, 'outcome' | 'isNone' | 'cause' | 'code'>>;
const KEPT: Answer = { outcome: 'released' };
const GONE: Answer = { outcome: 'escalated' };
const NONE: Answer = { outcome: 'released', isNone: true };

function answered(version: number, answer: Answer, isNamed = false, key = 'loopback'): Receipt {
  const attempts = [{ spoke: 'pets', model: `classifier:pets@${version}`, ...answer }];
  const tasks = isNamed ? [] : [{ task: 'classify', probability: 1 }];
  return { id: 'r', key, at: Date.now() + 1000, attempts, route: { tasks } } as unknown as Receipt;
}

async function newFarm() {
  const home = newSpecialistRoom();
  const lines: string[] = [];
  let gate = 1;
  const newDepartures = () =>
    new SpecialistDepartures({
      ...home,
      gate: () => gate,
      share: new FeedbackShare({ doListKeys: async () => KEYS }),
      principalsOf: async (key) => (key === 'loopback' ? LOOPBACK.principals : ['public']),
      log: (line) => lines.push(line),
    });
  /** So many answers, of which one in `every` is the other one, by a process of its own. */
  const say = async (
    version: number,
    count: number,
    every: number,
    other = GONE,
    named = false,
    key = 'loopback',
  ) => {
    const departures = newDepartures();
    for (let at = 0; at < count; at += 1)
      departures.learn(answered(version, at % every === 0 ? other : KEPT, named, key));
    await departures.close();
  };
  const live = async () => (await home.room.lineage('pets')).live;
  const versions = async () => (await home.room.lineage('pets')).versions;
  const putGate = (version: number) => {
    gate = version;
  };
  await home.add(null);
  return { ...home, lines, say, live, versions, putGate };
}

describe('SpecialistDepartures', () => {
  it('is not brought down by one key of several, and is by two', async () => {
    const farm = await newFarm();
    await farm.say(1, 400, 20);
    await farm.add(comparedWith(1, 60, 30), true);
    await farm.say(2, 400, 1, NONE, true, 'key_a');
    await farm.say(2, 400, 1, GONE, false, 'key_a');
    expect(await farm.live()).toBe(2);
    const [version] = await farm.versions();
    expect(version?.watch?.chosen?.answers ?? 0).toBeLessThan(5);
    await farm.say(2, 60, 3);
    await farm.say(2, 120, 3);
    expect(await farm.live()).toBe(1);
  });

  it('lets the version before serve again where far more answers go on than of that one', async () => {
    const farm = await newFarm();
    await farm.say(1, 400, 20);
    await farm.add(comparedWith(1, 60, 30), true);
    expect(await farm.live()).toBe(2);
    await farm.say(2, 60, 3);
    // What one process saw counts on in the next one.
    await farm.say(2, 120, 3);
    expect(await farm.live()).toBe(1);
    expect(await farm.lastMove(2)).toMatchObject({ to: 'retired', act: 'rolled-back', by: 'farm' });
    expect((await farm.lastMove(1))?.reason).toMatch(
      /back from pets@2: \d\d\.\d % of its last \d+ answers went on .* 5\.0 % of 400 are usual/,
    );
    expect(farm.lines).toHaveLength(1);
  });

  it('counts answers that name no label, also where requests name the specialist', async () => {
    const farm = await newFarm();
    await farm.say(1, 300, 20, NONE, true);
    await farm.add(comparedWith(1, 60, 30), true);
    await farm.say(2, 300, 3, NONE, true);
    expect(await farm.live()).toBe(1);
  });

  it('leaves one that does as before, and counts no other answers', async () => {
    const farm = await newFarm();
    await farm.say(1, 400, 20);
    await farm.add(comparedWith(1, 60, 30), true);
    await farm.say(2, 3000, 20);
    await farm.say(1, 300, 1);
    await farm.say(2, 300, 1, { outcome: 'failed' });
    await farm.say(2, 300, 1, { outcome: 'escalated', cause: 'agreement' });
    await farm.say(2, 300, 1, { outcome: 'escalated', code: 'content_filter' });
    expect(await farm.live()).toBe(2);
    const [version] = await farm.versions();
    expect(version?.watch?.chosen).toMatchObject({ answers: 3000, gone: 150 });
  });

  it('learns what is usual anew under another gate, which may send more on', async () => {
    const farm = await newFarm();
    await farm.say(1, 400, 20);
    await farm.add(comparedWith(1, 60, 30), true);
    farm.putGate(2);
    await farm.say(2, 1000, 3);
    expect(await farm.live()).toBe(2);
    await farm.say(2, 300, 1);
    expect(await farm.live()).toBe(1);
  });

  it('marks one that has none before it, and says so once', async () => {
    const farm = await newFarm();
    await farm.say(1, 400, 20);
    await farm.say(1, 100, 2);
    expect(await farm.live()).toBe(1);
    expect((await farm.versions())[0]?.watch?.alarm).toContain('went on to another spoke');
    expect(farm.lines).toHaveLength(1);
    expect(farm.lines[0]).toContain('there is none before it');
  });
});
