import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../src/adapters/stores/sqlite-store.ts';
import { CollectionScorers, groundingPerCollection } from '../../src/compose/collection-scorers.ts';
import { SupportJudge } from '../../src/verify/support.ts';
import { SHIPPED_SCORER } from '../../src/verify/support-scorer.ts';
import { sampleCollection } from '../contracts/store-samples.ts';

const folder = mkdtempSync(join(tmpdir(), 'cadre-usual-'));
const store = await openSqliteStore(join(folder, 'state.db'));
afterAll(async () => {
  await store.doClose();
  rmSync(folder, { recursive: true, force: true });
});

const EVIDENCE = [
  'The pump of the northern hall was made in Oslo by a small family firm.',
  'Nurses count the infusion sets every morning and note the number in the ward book.',
];
const judge = new SupportJudge(EVIDENCE);
const WORDS = 'nurse ward book hall pump firm morning number family infusion sets Oslo'.split(' ');
/** Sentences that have some words of the evidence. */
const sentences = (count: number, from = 0) =>
  Array.from({ length: count }, (_, at) => {
    const some = WORDS.filter((_word, place) => ((from + at) * 7 + place * 5) % (3 + (at % 4)) < 2);
    return `The ${some.join(' and the ')} stay near the gate${' today'.repeat(at % 5)}.`;
  });

let time = 0;
function scorersOf(embedder?: string, log: (line: string) => void = () => undefined) {
  const clock = { now: () => 1_000, elapsed: () => time };
  return new CollectionScorers({ store, clock, embedder: () => embedder, salt: 'salt', log });
}

async function gather(scorers: CollectionScorers, collection: string, count: number) {
  for (const sentence of sentences(count))
    scorers.note(collection, 'a', await judge.read(sentence));
  await scorers.close();
}

describe('CollectionScorers', () => {
  it('judges by what is usual in a collection once it has seen enough, and says so', async () => {
    await store.doPutCollection(sampleCollection('docs'));
    const scorers = scorersOf();
    expect(await scorers.scorerOf('docs')).toBe(SHIPPED_SCORER);
    await gather(scorers, 'docs', 60);
    const { knows, experts } = await scorers.scorerOf('docs');
    expect(knows).toMatch(/^what is usual in docs \([2-5]\d sentences\)$/);
    expect(experts.length).toBeGreaterThan(SHIPPED_SCORER.experts.length);
    expect(await scorers.scorerOf('others')).toBe(SHIPPED_SCORER);
    // Another node, or the same one after a restart.
    const told = await scorersOf().scorerOf('docs');
    expect(told.knows).toBe(knows);
    const result = await new SupportJudge(EVIDENCE, undefined, told).judge(
      sentences(1)[0] ?? '',
      0.5,
    );
    expect(result.check.detail).toContain(`judged by ${knows}`);
    // Numbers alone: no word of a sentence, nobody's key.
    const row = await store.doGetObject('usual', 'docs');
    const text = JSON.stringify(row?.body['readings']);
    expect(text.match(/[a-z]+/g)).toEqual(expect.arrayContaining(['by', 'shape', 'values']));
    expect(new Set(text.match(/[a-z]+/gi))).toEqual(new Set(['by', 'values', 'shape']));
  });

  it('drops what another embedder or scorer has read', async () => {
    await store.doPutCollection(sampleCollection('moved'));
    await gather(scorersOf(), 'moved', 60);
    expect((await scorersOf().scorerOf('moved')).knows).toBeDefined();
    expect(await scorersOf('another-embedder').scorerOf('moved')).toBe(SHIPPED_SCORER);
  });

  it('keeps nothing of a collection that is dropped, whatever waited', async () => {
    await store.doPutCollection(sampleCollection('gone'));
    await gather(scorersOf(), 'gone', 60);
    await store.doDropCollection('gone');
    expect(await store.doGetObject('usual', 'gone')).toBeUndefined();
    await gather(scorersOf(), 'gone', 60);
    expect(await store.doGetObject('usual', 'gone')).toBeUndefined();
  });

  it('loses no reading when two nodes write at once, and looks again after a while', async () => {
    await store.doPutCollection(sampleCollection('shared'));
    const [one, two] = [scorersOf(), scorersOf()];
    expect(await two.scorerOf('shared')).toBe(SHIPPED_SCORER);
    for (const [at, sentence] of sentences(60).entries())
      (at % 2 === 0 ? one : two).note('shared', `key ${at % 2}`, await judge.read(sentence));
    await Promise.all([one.close(), two.close()]);
    const alone = scorersOf();
    await gather(alone, 'docs-alone', 0);
    expect((await one.scorerOf('shared')).knows).toBeDefined();
    time += 60_000;
    expect((await two.scorerOf('shared')).knows).toBe((await one.scorerOf('shared')).knows);
  });

  it('learns nothing from sentences that a source has word for word, or that are about nothing', async () => {
    await store.doPutCollection(sampleCollection('quoted'));
    const scorers = scorersOf();
    for (const sentence of EVIDENCE) scorers.note('quoted', 'a', await judge.read(sentence));
    scorers.note('quoted', 'a', await judge.read('Comets orbit distant violet suns silently.'));
    await scorers.close();
    expect(await store.doGetObject('usual', 'quoted')).toBeUndefined();
  });
});

describe('groundingPerCollection', () => {
  const about = { collection: 'docs', key: 'a' };
  const judgedBy = (current: Parameters<typeof groundingPerCollection>[0]) =>
    groundingPerCollection(current, scorersOf())(about);

  it('lets a scorer that was put in force, or that promises something, judge as it was measured', async () => {
    const mine = { ...SHIPPED_SCORER, source: 'mine' };
    expect((await judgedBy(() => ({ scorer: mine, threshold: 0.5 }))).scorer).toBe(mine);
    const promised = { scorer: SHIPPED_SCORER, threshold: 0.9, promise: 'nothing is promised' };
    expect((await judgedBy(() => promised)).scorer).toBe(SHIPPED_SCORER);
    const shipped = await judgedBy(() => ({ scorer: SHIPPED_SCORER, threshold: 0.5 }));
    expect(shipped.scorer?.knows).toContain('what is usual in docs');
  });
});
