import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import type { ObjectPart, ObjectRow, ObjectStore } from '../../src/core/objects.ts';
import type { OpenStores } from './store-contract.ts';
import { HOSTILE_TEXT } from './store-samples.ts';

const DAY_MS = 86_400_000;

function sampleObject(id: string, change: Partial<ObjectRow> = {}): ObjectRow {
  return { kind: 'file', id, key: 'key_a', createdAt: 10.5, body: { name: id }, ...change };
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

async function readAll(store: ObjectStore, id: string): Promise<string> {
  let text = '';
  for await (const part of store.doReadParts('file', id))
    text += new TextDecoder().decode(part.bytes);
  return text;
}

export function describeObjects(stores: OpenStores): void {
  it('gives an object back as it was put, under its own kind alone', async () => {
    const store = await stores.open();
    const row = sampleObject('obj_a', {
      expiresAt: Date.now() + DAY_MS,
      body: { text: HOSTILE_TEXT, [HOSTILE_TEXT]: [1, null, { deep: true }] },
    });
    await store.doPutObject(row);
    expect(await store.doGetObject('file', 'obj_a')).toEqual(row);
    expect(await store.doGetObject('batch', 'obj_a')).toBeUndefined();
    expect(await store.doGetObject('file', 'obj_none')).toBeUndefined();
  });

  it('replaces an object by another put, its expiry too', async () => {
    const store = await stores.open();
    await store.doPutObject(sampleObject('obj_a', { expiresAt: Date.now() + DAY_MS }));
    await store.doPutObject(sampleObject('obj_a', { body: { name: 'later' } }));
    expect(await store.doGetObject('file', 'obj_a')).toEqual(
      sampleObject('obj_a', { body: { name: 'later' } }),
    );
  });

  it('changes an object once, however many saw the same body', async () => {
    const [one, other] = [await stores.open(), await stores.open()];
    await one.doPutObject(sampleObject('obj_a', { body: { count: 0, text: HOSTILE_TEXT } }));
    const seen = (await one.doGetObject('file', 'obj_a'))?.body ?? {};
    const changed = await Promise.all(
      [one, other, one, other].map((store, index) =>
        store.doChangeObject(sampleObject('obj_a', { body: { count: index + 1 } }), seen),
      ),
    );
    expect(changed.filter(Boolean)).toHaveLength(1);
    expect(await other.doChangeObject(sampleObject('obj_none'), {})).toBe(false);
  });

  it('adds an object once, however many try, and changes nothing of one that is there', async () => {
    const [one, other] = [await stores.open(), await stores.open()];
    const added = await Promise.all(
      [one, other, one, other].map((store, count) =>
        store.doAddObject(sampleObject('a@1', { kind: 'specialist', body: { count } })),
      ),
    );
    expect(added.filter(Boolean)).toHaveLength(1);
    const count = added.indexOf(true);
    expect((await other.doGetObject('specialist', 'a@1'))?.body).toEqual({ count });
    await one.doDeleteObject('specialist', 'a@1');
    expect(await other.doAddObject(sampleObject('a@1', { kind: 'specialist' }))).toBe(true);
  });

  it('pages newest first or oldest first, by kind and key, through one millisecond', async () => {
    const store = await stores.open();
    const times: readonly (readonly [string, number])[] = [
      ['obj_a', 1],
      ['obj_C', 2],
      ['obj_b', 2],
      ['obj_c', 2],
      ['obj_d', 3],
    ];
    for (const [id, createdAt] of times) await store.doPutObject(sampleObject(id, { createdAt }));
    await store.doPutObject(sampleObject('obj_other', { createdAt: 2, key: 'key_b' }));
    await store.doPutObject(sampleObject('obj_batch', { createdAt: 2, kind: 'batch' }));
    const pages = async (oldestFirst: boolean) => {
      const seen: string[] = [];
      for (let after: string | undefined; ; after = seen.at(-1)) {
        const page = await store.doListObjects({
          kind: 'file',
          key: 'key_a',
          limit: 2,
          oldestFirst,
          ...(after === undefined ? {} : { after }),
        });
        if (page.length === 0) return seen;
        seen.push(...page.map((row) => row.id));
      }
    };
    const ids = times.map(([id]) => id);
    expect(await pages(true)).toEqual(ids);
    expect(await pages(false)).toEqual(ids.toReversed());
    expect(await store.doListObjects({ kind: 'file', limit: 99 })).toHaveLength(6);
    expect(await store.doListObjects({ kind: 'file', limit: 9, after: 'gone' })).toEqual([]);
    await store.doPutObject(sampleObject('obj@12'));
    const under = await store.doListObjects({ kind: 'file', prefix: 'obj@', limit: 9 });
    expect(under.map((row) => row.id)).toEqual(['obj@12']);
  });

  describeContent(stores);
  describeExpiry(stores);
}

function describeContent(stores: OpenStores): void {
  it('gives content back in the order of its places, whatever the order of the puts', async () => {
    const store = await stores.open();
    await store.doPutObject(sampleObject('obj_a'));
    for (const [position, text] of [
      [2, 'c'],
      [0, 'x'],
      [10, 'd'],
      [0, 'a'],
    ] as const)
      await store.doPutPart('file', 'obj_a', { position, bytes: bytesOf(text) });
    expect(await readAll(store, 'obj_a')).toBe('acd');
    expect(await store.doListPlaces('file', 'obj_a')).toEqual([0, 2, 10]);
    expect(await readAll(store, 'obj_none')).toBe('');
  });

  it('keeps bytes that are no text, and an empty part', async () => {
    const store = await stores.open();
    const parts: ObjectPart[] = [randomBytes(300_000), new Uint8Array(0)].map(
      (bytes, position) => ({ position, bytes: Uint8Array.from(bytes) }),
    );
    for (const part of parts) await store.doPutPart('file', 'obj_a', part);
    const read: ObjectPart[] = [];
    for await (const { position, bytes } of store.doReadParts('file', 'obj_a'))
      read.push({ position, bytes: Uint8Array.from(bytes) });
    expect(read).toEqual(parts);
  });

  it('deletes an object with every byte of it, and nothing else', async () => {
    const store = await stores.open();
    for (const id of ['obj_a', 'obj_b']) {
      await store.doPutObject(sampleObject(id));
      for (let position = 0; position < 30; position += 1)
        await store.doPutPart('file', id, { position, bytes: bytesOf(`${id}-${position} `) });
    }
    expect(await store.doDeleteObject('batch', 'obj_a')).toBe(false);
    expect(await store.doDeleteObject('file', 'obj_a')).toBe(true);
    expect(await store.doDeleteObject('file', 'obj_a')).toBe(false);
    expect(await store.doGetObject('file', 'obj_a')).toBeUndefined();
    expect(await readAll(store, 'obj_a')).toBe('');
    expect(await stores.place.readRows()).not.toContain('obj_a');
    expect(await store.doListPlaces('file', 'obj_b')).toHaveLength(30);
  });

  it('drops content and leaves the object', async () => {
    const store = await stores.open();
    await store.doPutObject(sampleObject('obj_a'));
    await store.doPutPart('file', 'obj_a', { position: 0, bytes: bytesOf('a') });
    await store.doDropParts('file', 'obj_a');
    expect(await store.doListPlaces('file', 'obj_a')).toEqual([]);
    expect(await store.doGetObject('file', 'obj_a')).toBeDefined();
  });
}

function describeExpiry(stores: OpenStores): void {
  it('treats an expired object as deleted before it is purged', async () => {
    const store = await stores.open();
    const expired = sampleObject('obj_a', { expiresAt: Date.now() - 1 });
    await store.doPutObject(expired);
    expect(await store.doGetObject('file', 'obj_a')).toBeUndefined();
    expect(await store.doListObjects({ kind: 'file', limit: 9 })).toEqual([]);
    expect(await store.doChangeObject(expired, expired.body)).toBe(false);
    expect(await store.doDeleteObject('file', 'obj_a')).toBe(false);
  });

  it('purges what has expired with its content, and keeps the rest', async () => {
    const store = await stores.open();
    const now = Date.now();
    await store.doPutObject(sampleObject('obj_old', { expiresAt: now - 1 }));
    await store.doPutObject(sampleObject('obj_new', { expiresAt: now + DAY_MS }));
    await store.doPutObject(sampleObject('obj_ever'));
    for (const id of ['obj_old', 'obj_new', 'obj_ever'])
      await store.doPutPart('file', id, { position: 0, bytes: bytesOf(id) });
    expect(await store.doPurgeObjects(now)).toBe(1);
    expect(await store.doPurgeObjects(now)).toBe(0);
    expect(await stores.place.readRows()).not.toContain('obj_old');
    expect(await readAll(store, 'obj_new')).toBe('obj_new');
    expect(await readAll(store, 'obj_ever')).toBe('obj_ever');
  });

  it('purges content that waited more than a day for its object', async () => {
    const store = await stores.open();
    await store.doPutPart('file', 'obj_lost', { position: 0, bytes: bytesOf('lost') });
    expect(await store.doPurgeObjects(Date.now())).toBe(0);
    expect(await readAll(store, 'obj_lost')).toBe('lost');
    await store.doPurgeObjects(Date.now() + DAY_MS + 1000);
    expect(await readAll(store, 'obj_lost')).toBe('');
  });
}
