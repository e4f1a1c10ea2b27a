import OpenAI, { toFile } from 'openai';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { CollectionRow } from '../../src/core/stores.ts';
import { createVectorStores } from '../../src/ground/vector-stores.ts';
import { Library, wordEmbedder } from '../ground/fixtures/library.ts';
import { startServer } from './running-server.ts';
import { CALLER, createScriptedFarm } from './scripted-farm.ts';

const { signal } = new AbortController();

/** A server over real objects, real collections and the real reconciler; no model. */
async function start() {
  const library = await Library.open();
  const problems: string[] = [];
  const vectorStores = createVectorStores(
    {
      objects: library.store,
      chunks: library.store,
      knowledge: library.knowledge,
      clock: { now: Date.now, elapsed: () => performance.now() },
      onProblem: (_id, error) => problems.push(error.message),
    },
    signal,
  );
  onTestFinished(() => library.close());
  const farm = createScriptedFarm({}, { objects: library.store, vectorStores });
  for (const name of ['anna', 'ben'])
    farm.keys.set(name, { ...CALLER, key: name, principals: ['public', `key:${name}`] });
  const { port } = await startServer(farm);
  const clientOf = (apiKey: string) =>
    new OpenAI({ baseURL: `http://127.0.0.1:${port}/v1`, apiKey, maxRetries: 0 });
  return { client: clientOf('anna'), other: clientOf('ben'), library, vectorStores, problems };
}

const upload = async (client: OpenAI, name: string, text: string) =>
  client.files.create({ file: await toFile(Buffer.from(text), name), purpose: 'assistants' });

describe('vector stores through OpenAI’s client', () => {
  it('makes uploaded files searchable, with attributes, and forgets what is taken out', async () => {
    const { client, problems } = await start();
    const trips = await upload(client, 'trips.md', '# Trips\n\nThe dean approves trips abroad.');
    const leave = await upload(client, 'leave.md', '# Leave\n\nTrips of thirty days need a form.');
    const store = await client.vectorStores.create({ name: 'handbook', metadata: { team: 'a' } });
    expect(store).toMatchObject({ object: 'vector_store', status: 'completed', usage_bytes: 0 });

    const file = await client.vectorStores.files.createAndPoll(
      store.id,
      { file_id: trips.id, attributes: { year: 2026, open: true } },
      { pollIntervalMs: 20 },
    );
    expect(file).toMatchObject({ status: 'completed', last_error: null, id: trips.id });
    const batch = await client.vectorStores.fileBatches.createAndPoll(
      store.id,
      { file_ids: [leave.id] },
      { pollIntervalMs: 20 },
    );
    expect(batch.file_counts).toMatchObject({ completed: 1, total: 1 });
    expect((await client.vectorStores.retrieve(store.id)).file_counts.completed).toBe(2);

    const search = async (query: string) =>
      (await client.vectorStores.search(store.id, { query })).data;
    const [best] = await search('Who approves trips abroad?');
    expect(best).toMatchObject({ file_id: trips.id, filename: 'trips.md' });
    expect(best?.content[0]?.text).toContain('The dean approves trips abroad.');
    expect(best?.attributes).toEqual({ year: 2026, open: true });
    const filtered = await client.vectorStores.search(store.id, {
      query: 'trips',
      filters: { type: 'ne', key: 'year', value: 2026 },
    });
    expect(filtered.data.map((one) => one.file_id)).toEqual([leave.id]);
    const [content] = (
      await client.vectorStores.files.content(trips.id, { vector_store_id: store.id })
    ).data;
    expect(content?.text).toContain('The dean approves');

    await client.vectorStores.files.update(trips.id, {
      vector_store_id: store.id,
      attributes: { year: 2027 },
    });
    expect((await search('trips abroad'))[0]?.attributes).toEqual({ year: 2027 });

    await client.vectorStores.files.createAndPoll(
      store.id,
      { file_id: trips.id },
      { pollIntervalMs: 20 },
    );
    expect((await search('trips abroad'))[0]?.attributes).toEqual({ year: 2027 });

    await client.vectorStores.files.delete(trips.id, { vector_store_id: store.id });
    expect((await search('Who approves trips abroad?')).map((one) => one.file_id)).toEqual([
      leave.id,
    ]);
    await client.files.delete(leave.id);
    expect(await search('Trips of thirty days')).toEqual([]);
    expect((await client.vectorStores.files.list(store.id)).data).toEqual([]);
    expect(problems).toEqual([]);
  }, 60_000);

  it('tells why a file could not be read, and serves the others', async () => {
    const { client } = await start();
    const broken = await upload(client, 'broken.pdf', 'this is no PDF');
    const strange = await upload(client, 'strange.xyz', 'words of an unknown kind');
    const good = await upload(client, 'good.txt', 'The night shift begins at ten.');
    const store = await client.vectorStores.create({
      file_ids: [broken.id, strange.id, good.id],
    });
    await expect
      .poll(async () => (await client.vectorStores.retrieve(store.id)).file_counts, {
        timeout: 20_000,
        interval: 100,
      })
      .toEqual({ in_progress: 0, completed: 1, failed: 2, cancelled: 0, total: 3 });
    const failed = await client.vectorStores.files.list(store.id, { filter: 'failed' });
    expect(failed.data.map((one) => one.id).sort()).toEqual([broken.id, strange.id].sort());
    for (const one of failed.data) expect(one.last_error?.message).toMatch(/\w{4}/);
    const { data } = await client.vectorStores.search(store.id, { query: ['night shift', 'ten'] });
    expect(data.map((one) => one.file_id)).toEqual([good.id]);
  }, 60_000);

  it('belongs to its key alone', async () => {
    const { client, other, library } = await start();
    const file = await upload(client, 'secret.txt', 'The vault opens at noon.');
    const store = await client.vectorStores.create({ name: 'mine' });
    await client.vectorStores.files.createAndPoll(
      store.id,
      { file_id: file.id },
      { pollIntervalMs: 20 },
    );
    expect((await other.vectorStores.list()).data).toEqual([]);
    const theirs = await other.vectorStores.create({ name: 'theirs' });
    for (const attempt of [
      () => other.vectorStores.retrieve(store.id),
      () => other.vectorStores.search(store.id, { query: 'vault' }),
      () => other.vectorStores.delete(store.id),
      () => other.vectorStores.files.list(store.id),
      () => other.vectorStores.files.create(store.id, { file_id: file.id }),
      () => other.vectorStores.files.create(theirs.id, { file_id: file.id }),
    ])
      await expect(attempt()).rejects.toMatchObject({ status: 404 });
    const [row] = await library.store.doListCollections(['public', 'key:anna']);
    expect(row?.name).toBe(store.id);
    expect(await library.store.doListCollections(['public'])).toEqual([]);
  }, 60_000);

  it('lets files go while others are still read, also the one that is being read', async () => {
    const { client, library, problems } = await start();
    const words = wordEmbedder();
    const begun = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    library.embedder = {
      id: words.id,
      dimensions: words.dimensions,
      async doEmbed(texts, kind, options) {
        begun.resolve();
        await released.promise;
        return words.doEmbed(texts, kind, options);
      },
    };
    const long = await upload(client, 'long.md', 'The walrus.');
    const store = await client.vectorStores.create({ file_ids: [long.id] });
    await begun.promise;
    await client.files.delete(long.id);
    released.resolve();
    const isDone = async () => (await library.knowledge.standing(store.id))?.running === undefined;
    await expect.poll(isDone, { timeout: 20_000 }).toBe(true);
    const { data } = await client.vectorStores.search(store.id, { query: 'walrus' });
    expect([data, problems]).toEqual([[], []]);
  }, 60_000);

  it('lists page by page and goes with its documents', async () => {
    const { client, library, vectorStores } = await start();
    const made: string[] = [];
    for (const name of ['a', 'b', 'c']) made.push((await client.vectorStores.create({ name })).id);
    const seen: string[] = [];
    for await (const one of client.vectorStores.list({ limit: 2, order: 'asc' })) seen.push(one.id);
    expect(seen.toSorted()).toEqual(made.toSorted());
    const changed = await client.vectorStores.update(made[0] ?? '', {
      name: 'renamed',
      expires_after: { anchor: 'last_active_at', days: 2 },
    });
    expect(changed).toMatchObject({ name: 'renamed', expires_after: { days: 2 } });
    expect((changed.expires_at ?? 0) - (changed.last_active_at ?? 0)).toBe(2 * 86_400);
    expect(await client.vectorStores.delete(made[1] ?? '')).toMatchObject({ deleted: true });
    // The time of another one is over.
    await library.store.doDeleteObject('vector_store', made[2] ?? '');
    await vectorStores.tidy();
    const left = (await library.store.doListCollections()).map((row) => row.name);
    expect(left).toEqual([made[0]]);
  }, 60_000);

  it('shows and finds nothing of a file that was closed, nor of a store whose time is over', async () => {
    const { client, library, vectorStores } = await start();
    const trips = await upload(client, 'trips.md', '# Trips\n\nThe dean approves trips abroad.');
    const store = await client.vectorStores.create({ name: 'handbook' });
    const place = { vector_store_id: store.id };
    await client.vectorStores.files.createAndPoll(
      store.id,
      { file_id: trips.id },
      { pollIntervalMs: 20 },
    );
    const content = async () => (await client.vectorStores.files.content(trips.id, place)).data;
    const found = async () =>
      (await client.vectorStores.search(store.id, { query: 'trips' })).data.length;
    expect([(await content()).length, await found()]).toEqual([1, 1]);
    const [document] = await library.store.doListDocuments(store.id);
    const say = (principals: readonly string[] | null) =>
      library.knowledge.say(store.id, document?.id ?? '', {
        principals: principals?.slice() ?? null,
      });
    await say(['board']);
    expect([(await content()).length, await found()]).toEqual([0, 0]);
    await say(null);
    expect([(await content()).length, await found()]).toEqual([1, 1]);

    // A folder that somebody indexed under such a name is nobody's to tidy away.
    const row = await library.store.doGetCollection(store.id);
    const { version: _version, ...kept } = row ?? { version: 0 };
    const sources = [{ kind: 'folder' as const, folder: '/manuals' }];
    await library.store.doPutCollection({
      ...(kept as CollectionRow),
      name: 'vs_manuals',
      sources,
    });
    const object = await library.store.doGetObject('vector_store', store.id);
    if (object) await library.store.doPutObject({ ...object, expiresAt: Date.now() - 1 });
    const wish = { collection: store.id, query: 'trips', principals: undefined };
    const signal = AbortSignal.timeout(10_000);
    const evidence = library.knowledge.evidence({ ...wish, tokenBudget: 500 }, { signal });
    await expect(evidence).rejects.toMatchObject({ code: 'collection_not_found' });
    expect(await vectorStores.search({ ...wish, limit: 3 }, signal)).toEqual([]);
    await vectorStores.tidy();
    expect(await library.store.doGetCollection('vs_manuals')).toMatchObject({ sources });
  }, 60_000);
});
