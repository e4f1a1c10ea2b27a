import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { serveShelf } from '../../src/compose/specialists.ts';
import { keyPrincipal } from '../../src/core/access.ts';
import type { Caller } from '../../src/core/call.ts';
import type { Receipt } from '../../src/core/receipt.ts';
import { storedBytes } from '../../src/core/stored-bytes.ts';
import { comparedWith, newSpecialistRoom } from '../fixtures/specialist-room.ts';
import { temporaryObjects } from '../fixtures/temporary-objects.ts';

const caller = { key: 'loopback' } as Caller;

describe('a promotion', () => {
  it('is of the first version whatever it is, and of a later one by its verdict', async () => {
    const { room, add, lastMove } = newSpecialistRoom();
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
    const { room, add } = newSpecialistRoom();
    await add(null);
    await add(comparedWith(1, 60, 30));
    await add(comparedWith(1, 60, 30), true);
    await expect(room.promote({ name: 'pets', version: 2, caller })).rejects.toThrow(
      'it was not compared with pets@3, which serves, but with version 1',
    );
  });

  it('against the verdict is forced, and the lineage says so', async () => {
    const { room, add, lastMove } = newSpecialistRoom();
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
    const { room, add, lastMove } = newSpecialistRoom();
    await add(null);
    await add(comparedWith(1, 60, 30));
    await room.promote({ name: 'pets', caller, force: true });
    const move = await lastMove(2);
    expect(move?.verdict).toBe('better');
    expect(move?.isForced).toBeUndefined();
  });

  it('leaves one version live where two nodes promote another one at once', async () => {
    const objects = temporaryObjects();
    const [one, other] = [
      newSpecialistRoom(undefined, { objects }),
      newSpecialistRoom(undefined, { objects }),
    ];
    await one.add(null);
    await one.add(comparedWith(1, 40, 10));
    await one.add(comparedWith(1, 50, 10));
    await Promise.all([
      one.room.promote({ name: 'pets', version: 2, caller }),
      other.room.promote({ name: 'pets', version: 3, caller }),
    ]);
    const { live, versions } = await one.room.lineage('pets');
    expect((await other.room.lineage('pets')).live).toBe(live);
    const stages = versions.map(({ manifest, stage }) => [manifest.version, stage]);
    const replaced = live === 2 ? 3 : 2;
    expect(Object.fromEntries(stages)).toEqual({
      1: 'retired',
      [replaced]: 'retired',
      [live ?? 0]: 'live',
    });
    expect(await one.lastMove(replaced)).toMatchObject({
      act: 'replaced',
      reason: `replaced by pets@${live}`,
    });
  });

  it('without a version names the one that is on trial', async () => {
    const { room, add } = newSpecialistRoom();
    await add(null);
    await add(comparedWith(1, 60, 30));
    await room.promote({ name: 'pets', caller, canary: true });
    await expect(room.promote({ name: 'pets', caller })).rejects.toThrow(
      'pets has no candidate; pets@2 is on trial: name its version to let it serve at once',
    );
    expect(await room.promote({ name: 'pets', version: 2, caller })).toMatchObject({ live: 2 });
  });
});

describe('a rollback', () => {
  it('does not go to a version that somebody retired', async () => {
    const { room, add } = newSpecialistRoom();
    await add(null);
    await room.retire({ name: 'pets', caller });
    expect(await add(null)).toBe(true);
    await expect(room.rollback({ name: 'pets', caller })).rejects.toThrow('may serve again');
    expect(await room.lineage('pets')).toMatchObject({ live: 2 });
  });

  it('does not go to a version that was retired after it was replaced', async () => {
    const { room, add, lastMove } = newSpecialistRoom();
    await add(null);
    await add(comparedWith(1, 60, 30), true);
    expect(await lastMove(1)).toMatchObject({ act: 'replaced' });
    await room.retire({ name: 'pets', version: 1, caller, reason: 'it may not serve' });
    expect(await lastMove(1)).toMatchObject({ act: 'retired', reason: 'it may not serve' });
    await expect(room.rollback({ name: 'pets', caller })).rejects.toThrow('may serve again');
    await expect(room.retire({ name: 'pets', version: 1, caller })).rejects.toThrow(
      'retired already',
    );
  });

  it('goes back also where a process ended between the two steps of a promotion', async () => {
    const { registry, room, add } = newSpecialistRoom();
    await add(null);
    await add(comparedWith(1, 60, 30), true);
    const move = { to: 'live', act: 'promoted', by: 'loopback', reason: 'a test' } as const;
    await sleep(2);
    await registry.move('pets@1', ['retired'], move);
    // Version 2 is live too; of one millisecond it would be the later one.
    expect((await room.lineage('pets')).versions.map((one) => one.stage)).toEqual(['live', 'live']);
    expect((await room.lineage('pets')).live).toBe(1);
    expect(await room.rollback({ name: 'pets', caller })).toMatchObject({ live: 2 });
  });
});

it('serves later what could not be composed at first', async () => {
  const { shelf, add } = newSpecialistRoom();
  let composed = shelf.current;
  const recompose = vi.fn(async () => {});
  const serve = () => serveShelf(shelf, () => composed, recompose);
  await serve();
  expect(recompose).not.toHaveBeenCalled();
  await add(null);
  recompose.mockRejectedValueOnce(new Error('a folder is away'));
  await expect(serve()).rejects.toThrow('away');
  // As the farm does it, which tells the error and goes on with what it has.
  await serve();
  recompose.mockImplementation(async () => {
    composed = shelf.current;
  });
  await serve();
  await serve();
  expect(recompose).toHaveBeenCalledTimes(3);
  expect(composed.spokes.map((one) => one.id)).toEqual(['pets']);
});

describe('a version of one key alone', () => {
  it('takes no place that serves every key, and none falls back on it', async () => {
    const { room, add, addPrivate } = newSpecialistRoom();
    expect(await addPrivate(null)).toBe(true);
    expect(await add(comparedWith(1, 60, 30), true)).toBe(true);
    expect(await addPrivate(comparedWith(2, 60, 30), true)).toBe(false);
    await expect(room.rollback({ name: 'pets', caller })).rejects.toThrow('may serve again');
    expect(await room.lineage('pets', ['public', 'key:key_b'])).toMatchObject({
      live: 2,
      versions: [{ manifest: { version: 2 } }],
    });
    expect(await room.promote({ name: 'pets', version: 3, caller })).toMatchObject({ live: 3 });
    expect(await room.lineage('pets', ['key:key_b'])).toMatchObject({ live: 3 });
  });

  it('is seen by its key and by operators, and by all once it is promoted', async () => {
    const { room, shelf, addPrivate } = newSpecialistRoom();
    await addPrivate(null);
    // Nor may another key see what taught it, from an answer that it got.
    const attempts = [{ spoke: 'pets', model: 'classifier:pets@1', outcome: 'released' }];
    const receipt = { attempts } as unknown as Receipt;
    expect(await room.answered(receipt, [keyPrincipal('key_b')])).toBeUndefined();
    expect(await room.answered(receipt, [keyPrincipal('key_a')])).toMatchObject({ key: 'key_a' });
    expect(await room.answered({ ...receipt, attempts: [] })).toBeUndefined();
    await shelf.refresh();
    expect(shelf.current.readersOf('pets')).toEqual(['key:key_a']);
    expect(await room.list(['key:key_b'])).toEqual([]);
    expect(await room.list(['key:key_a'])).toMatchObject([{ live: 1 }]);
    await room.promote({ name: 'pets', caller });
    await shelf.refresh();
    expect(shelf.current.readersOf('pets')).toBeUndefined();
    expect(await room.list(['key:key_b'])).toMatchObject([{ live: 1 }]);
    await expect(room.promote({ name: 'pets', version: 1, caller })).rejects.toThrow(
      'live already',
    );
  });
});

describe('models of versions', () => {
  it('stay while they serve, may serve again or are new; of others the row alone stays', async () => {
    const { objects, room, add } = newSpecialistRoom();
    await add(null);
    for (let version = 1; version <= 6; version += 1)
      await add(comparedWith(version, 60, 30), true);
    for (let at = 0; at < 10; at += 1) await add(comparedWith(7, 30, 30));
    const { live, versions } = await room.lineage('pets');
    expect(live).toBe(7);
    const gone = versions.filter((one) => one.bytesGone).map((one) => one.manifest.version);
    // 7 is live, 6 … 4 may serve again, 3 and 2 did before, and the newest eight wait.
    expect(gone.toSorted((a, b) => a - b)).toEqual([1, 8, 9]);
    for (let at = 0; at < 4; at += 1) await add(comparedWith(7, 30, 30));
    const later = (await room.lineage('pets')).versions;
    expect(later).toHaveLength(21);
    expect(later.filter((one) => !one.bytesGone)).toHaveLength(14);
    expect(later.filter((one) => one.stage === 'candidate')).toHaveLength(8);
    expect(await objects.doListPlaces('specialist', 'pets@1')).toEqual([]);
    expect(await objects.doListPlaces('specialist', 'pets@4')).not.toEqual([]);
    // 14 models of 1 byte with keys of 4 rows.
    expect(await storedBytes(objects, 'loopback')).toBe(14 * (1 + 4 * 8));
    const wish = { name: 'pets', version: 1, caller, force: true };
    await expect(room.promote(wish)).rejects.toThrow('its bytes are gone');
    expect(await room.rollback({ name: 'pets', caller })).toMatchObject({ live: 6 });
  });
});
