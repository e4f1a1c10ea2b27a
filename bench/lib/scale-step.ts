/**
 * Process of bench/knowledge-scale: one step over a home that is filled, its figures as one line of
 * JSON. Each step has a process of its own, so that its memory is its own.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createIndexFiles } from '../../src/adapters/stores/index-files.ts';
import { openSqliteStore } from '../../src/adapters/stores/sqlite-store.ts';
import { mean } from '../../src/base/statistics.ts';
import { indexTerms } from '../../src/base/tokens.ts';
import type { Embedder } from '../../src/core/ports.ts';
import { CollectionIndex } from '../../src/ground/collection-index.ts';
import { openSaved, originLines, saveTo } from '../../src/ground/saved-index.ts';
import { ClusterVectors, DIMENSIONS } from './cluster-vectors.ts';
import { quantile } from './ranking.ts';
import { openLibrary, RELEASE } from './scale-library.ts';
import { makeQueries, readQueries, type ScaleQuery, writeQueries } from './scale-queries.ts';

const [step = '', home = '', seedText = '0'] = process.argv.slice(2);
const seed = Number(seedText);
const { signal } = new AbortController();
const NAME = 'docs';
const COUNT = 400;
/** Of those, with their exact neighbours. */
const EXACT = 150;
/** Of those, to warm up with. */
const WARM_UP = 100;
const EMBEDDER = 'clusters';
const DENSE_WEIGHT = 0.45;
const files = createIndexFiles({ folder: join(home, 'indexes'), release: RELEASE });

type Figures = Record<string, number>;

/** Reads all chunks, gives them vectors, builds the index and saves it; makes the questions. */
async function build(): Promise<Figures> {
  const store = await openSqliteStore(join(home, 'state.db'));
  await store.doChangeCollection(NAME, { embedder: EMBEDDER });
  const documents = await store.doListDocuments(NAME);
  const numbers = new Map(documents.map((one, number) => [one.id, number]));
  const total = documents.reduce((sum, one) => sum + one.chunkCount, 0);
  const vectors = new ClusterVectors(seed);
  const rows = new Float32Array(total * DIMENSIONS);
  const ids: string[] = [];
  const texts: string[] = [];
  const index = new CollectionIndex();
  let [wall, cpu] = [0, 0];
  let began = performance.now();
  let spent = process.cpuUsage();
  const lap = () => {
    wall += performance.now() - began;
    const { user, system } = process.cpuUsage(spent);
    cpu += (user + system) / 1000;
  };
  for await (const chunk of store.doReadChunks(NAME)) {
    lap();
    const embedding = vectors.ofChunk(ids.length, numbers.get(chunk.documentId) ?? 0);
    rows.set(embedding, ids.length * DIMENSIONS);
    ids.push(chunk.id);
    texts.push(chunk.indexText);
    began = performance.now();
    spent = process.cpuUsage();
    index.applyChanges({ dropped: [], chunks: [{ ...chunk, embedding }] });
  }
  lap();
  const version = (await store.doGetCollection(NAME))?.version ?? 0;
  began = performance.now();
  const { problem } = await saveTo(files, NAME, index, {
    version,
    documents: originLines(documents),
  });
  if (problem !== undefined) throw new Error(problem);
  const saveMs = performance.now() - began;
  await store.doClose();
  const wish = { count: COUNT, exact: EXACT, seed };
  writeQueries(home, makeQueries({ ids, texts }, rows, vectors, wish));
  const fileMb = statSync(join(home, 'indexes', `${NAME}.index`)).size / 1e6;
  return { chunks: total, rebuildMs: wall, rebuildCpuMs: cpu, saveMs, fileMb };
}

/** The index alone, in this thread. */
async function alone(): Promise<Figures> {
  const queries = readQueries(home);
  search(new CollectionIndex(), queries[0]);
  const before = residentMb();
  const began = performance.now();
  const opened = await files.doRead(NAME, openSaved);
  if (opened === undefined) throw new Error('there is no saved index');
  const { index } = opened;
  search(index, queries[0]);
  const openMs = performance.now() - began;
  const lexical = timed(queries, ({ text }) => search(index, { text }));
  const hybrid = timed(queries, (query) => search(index, query));
  const found = queries.slice(0, EXACT).map(({ vector, nearest }) => {
    const wish = { query: '', queryVector: vector, limit: 10, denseWeight: 1 };
    const best = index.search(wish).ranked.map((one) => one.chunkId);
    return nearest.filter((id) => best.includes(id)).length / nearest.length;
  });
  return {
    openMs,
    ...named('lexical', lexical),
    ...named('hybrid', hybrid),
    recallAt10: mean(found),
    memoryMb: residentMb() - before,
  };
}

function search(index: CollectionIndex, query?: Partial<ScaleQuery>): unknown {
  const { text = '', vector } = query ?? {};
  const dense = vector === undefined ? {} : { queryVector: vector };
  return index.search({ query: text, limit: 10, denseWeight: DENSE_WEIGHT, ...dense });
}

/** Through the room as the farm composes it: index in its thread, chunks from the store. */
async function whole(): Promise<Figures> {
  const queries = readQueries(home);
  const byText = new Map(queries.map((one) => [one.text, one.vector]));
  const embedder: Embedder = {
    id: EMBEDDER,
    dimensions: DIMENSIONS,
    doEmbed: async (texts) => texts.map((text) => byText.get(text) ?? new Float32Array(DIMENSIONS)),
  };
  const library = await openLibrary(home, embedder);
  await library.knowledge.list();
  await library.store.doPutCollection({
    name: 'other',
    sources: [],
    watched: false,
    principals: ['public'],
    rules: [],
    embedder: EMBEDDER,
  });
  const ask = (collection: string, query: string) =>
    library.knowledge.search({ collection, query, limit: 10 }, { signal });
  for (const { text } of queries.slice(0, WARM_UP)) await ask('other', text);
  const before = residentMb();
  const began = performance.now();
  await ask(NAME, queries[0]?.text ?? '');
  const firstMs = performance.now() - began;
  const walls: number[] = [];
  const cpus: number[] = [];
  for (const [number, { text }] of queries.entries()) {
    const spent = process.cpuUsage();
    const start = performance.now();
    await ask(NAME, text);
    if (number < WARM_UP) continue;
    walls.push(performance.now() - start);
    const { user, system } = process.cpuUsage(spent);
    cpus.push((user + system) / 1000);
  }
  const memoryMb = residentMb() - before;
  await library.close();
  return { firstMs, ...named('search', { walls, cpus }), memoryMb };
}

/** SQLite's own full-text index over the same texts, any of the words, its bm25(). */
async function fts(): Promise<Figures> {
  const store = await openSqliteStore(join(home, 'state.db'));
  const database = new DatabaseSync(join(home, 'fts.db'));
  database.exec("CREATE VIRTUAL TABLE texts USING fts5(text, tokenize = 'porter unicode61')");
  const put = database.prepare('INSERT INTO texts VALUES (?)');
  database.exec('BEGIN');
  for await (const chunk of store.doReadChunks(NAME)) put.run(chunk.indexText);
  database.exec('COMMIT');
  await store.doClose();
  const find = database.prepare(
    'SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY rank LIMIT 10',
  );
  const figures = timed(readQueries(home), ({ text }) => {
    const words = [...new Set(indexTerms(text).length > 0 ? text.match(/[A-Za-z]+/g) : ['x'])];
    find.all(words.map((word) => `"${word}"`).join(' OR '));
  });
  database.close();
  return named('fts', figures);
}

function timed(queries: readonly ScaleQuery[], ask: (query: ScaleQuery) => unknown) {
  const walls: number[] = [];
  const cpus: number[] = [];
  for (const [number, query] of queries.entries()) {
    const spent = process.cpuUsage();
    const began = performance.now();
    ask(query);
    if (number < WARM_UP) continue;
    walls.push(performance.now() - began);
    const { user, system } = process.cpuUsage(spent);
    cpus.push((user + system) / 1000);
  }
  return { walls, cpus };
}

function named(
  name: string,
  { walls, cpus }: { readonly walls: readonly number[]; readonly cpus: readonly number[] },
): Figures {
  return {
    [`${name}P50Ms`]: quantile(walls, 0.5),
    [`${name}P95Ms`]: quantile(walls, 0.95),
    [`${name}CpuP50Ms`]: quantile(cpus, 0.5),
    [`${name}CpuP95Ms`]: quantile(cpus, 0.95),
  };
}

/** After collecting what nobody holds. */
function residentMb(): number {
  globalThis.gc?.();
  return process.memoryUsage.rss() / 1e6;
}

const STEPS: Readonly<Record<string, () => Promise<Figures>>> = { build, alone, whole, fts };
const run = STEPS[step];
if (run === undefined) throw new Error(`there is no step ${step}`);
process.stdout.write(`${JSON.stringify(await run())}\n`);
