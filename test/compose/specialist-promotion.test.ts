import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openSigner } from '../../src/adapters/stores/signing-key.ts';
import { SpecialistRoom } from '../../src/compose/specialist-room.ts';
import { SpecialistShelf } from '../../src/compose/specialists.ts';
import type { Caller } from '../../src/core/call.ts';
import type { VersionComparison } from '../../src/core/specialist.ts';
import type { JudgedPair } from '../../src/learn/promotion-slices.ts';
import { type Draft, SpecialistRegistry } from '../../src/learn/specialist-registry.ts';
import { compareVersions } from '../../src/learn/version-comparison.ts';
import { temporaryObjects } from '../fixtures/temporary-objects.ts';

const CONTENT = { bytes: Buffer.from('a model'), taught: Buffer.alloc(8) };
const MOVE = { by: 'loopback', reason: 'a test' };
const caller = { key: 'loopback' } as Caller;
const FIGURES = { bytes: 1, ms: 1, calibrationError: 0, outOfScopeArea: null };

/** Of 1,000 rows, so many that only the new version, and only the live one, has right. */
function comparedWith(version: number, onlyNew: number, onlyLive: number): VersionComparison {
  const pair = (isRight: boolean, incumbentIsRight: boolean, count: number) =>
    Array<JudgedPair>(count).fill({ isRight, incumbentIsRight, slices: [] });
  const pairs = [
    ...pair(true, false, onlyNew),
    ...pair(false, true, onlyLive),
    ...pair(true, true, 1000 - onlyNew - onlyLive),
  ];
  return compareVersions({
    version,
    pairs,
    seed: 1,
    own: FIGURES,
    incumbent: FIGURES,
    lostLabels: [],
  });
}

function draftOf(comparison: VersionComparison | null): Draft {
  const report = {
    rows: 4,
    labels: ['a', 'b'],
    leftOut: [],
    warnings: [],
    measuredOn: 'held-out',
    evaluationRows: 4,
    accuracy: 1,
    accuracyLow: 0.5,
    accuracyHigh: 1,
    servedAccuracy: 1,
    answeredShare: 1,
    calibrationError: 0,
    outOfScopeArea: 1,
    detectableGap: 0.4,
    rung: 'n-grams',
    rungs: [],
    bytes: 1,
    msPerRequest: 0.1,
    comparison,
  } as const;
  return {
    name: 'pets',
    kind: 'intents',
    code: '0.1.0',
    seed: 1,
    parent: null,
    job: 'ftjob-a',
    data: { hash: 'h', name: 'rows.csv', provenance: 'file', testHash: null },
    report,
  };
}

function newRoom() {
  const folder = mkdtempSync(join(tmpdir(), 'cadre-signer-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const registry = new SpecialistRegistry({
    objects: temporaryObjects(),
    signer: openSigner(join(folder, 'specialists.pem')),
    hash: (bytes) => createHash('sha256').update(bytes).digest('hex'),
    clock: { now: Date.now, elapsed: () => performance.now() },
    takesOtherKeys: false,
  });
  const embedder = { id: 'none', dimensions: 1, doEmbed: async () => [] };
  const shelf = new SpecialistShelf({ registry, embedder, log: () => undefined });
  const room = new SpecialistRoom({
    registry,
    shelf,
    serve: async () => undefined,
    namedBy: () => undefined,
  });
  /** Makes a version and lets the farm decide. */
  const add = async (comparison: VersionComparison | null, isToPromote = false) =>
    room.admit(await registry.add(draftOf(comparison), 'loopback', CONTENT, MOVE), isToPromote);
  const lastMove = async (version: number) =>
    (await room.lineage('pets')).versions
      .find((one) => one.manifest.version === version)
      ?.moves.at(-1);
  return { room, add, lastMove };
}

describe('a promotion', () => {
  it('is of the first version whatever it is, and of a later one by its verdict', async () => {
    const { room, add, lastMove } = newRoom();
    expect(await add(null)).toBe(true);
    expect(await lastMove(1)).toMatchObject({ to: 'live', verdict: 'not-compared' });
    expect(await add(comparedWith(1, 30, 30), true)).toBe(false);
    await expect(room.promote({ name: 'pets', caller })).rejects.toThrow(
      /pets@2 is not promoted: no difference to version 1 .*1000 rows/,
    );
    expect(await add(comparedWith(1, 60, 30), true)).toBe(true);
    expect(await lastMove(3)).toMatchObject({
      to: 'live',
      by: 'farm',
      verdict: 'better',
      reason: expect.stringContaining('only the new one is right 60 times'),
    });
    expect(await lastMove(1)).toMatchObject({ to: 'retired', act: 'replaced' });
  });

  it('does not go by a comparison with a version that serves no more', async () => {
    const { room, add } = newRoom();
    await add(null);
    await add(comparedWith(1, 60, 30));
    await add(comparedWith(1, 60, 30), true);
    await expect(room.promote({ name: 'pets', version: 2, caller })).rejects.toThrow(
      'it was not compared with pets@3, which serves, but with version 1',
    );
  });

  it('against the verdict is forced, and the lineage says so', async () => {
    const { room, add, lastMove } = newRoom();
    await add(null);
    await add(comparedWith(1, 10, 60));
    const wish = { name: 'pets', caller, reason: 'a fair' };
    await expect(room.promote(wish)).rejects.toThrow('it is worse than version 1');
    expect(await room.promote({ ...wish, force: true })).toMatchObject({ live: 2 });
    expect(await lastMove(2)).toMatchObject({
      verdict: 'worse',
      isForced: true,
      reason: expect.stringMatching(/^a fair; forced: it is worse/),
    });
    expect(await room.rollback({ name: 'pets', caller })).toMatchObject({ live: 1 });
  });

  it('by hand of one that passes is not called forced', async () => {
    const { room, add, lastMove } = newRoom();
    await add(null);
    await add(comparedWith(1, 60, 30));
    await room.promote({ name: 'pets', caller, force: true });
    const move = await lastMove(2);
    expect(move?.verdict).toBe('better');
    expect(move?.isForced).toBeUndefined();
  });
});
