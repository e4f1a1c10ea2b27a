import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../src/base/random.ts';
import type { ChunkRow, Store } from '../../src/core/stores.ts';

export interface CrashWish {
  readonly seed: number;
  readonly rounds: number;
  readonly documents: number;
  /** A file or a connection string. */
  readonly address: string;
  readonly open: (address: string) => Promise<Store>;
}

export interface CrashReport {
  readonly kills: number;
  /** Documents that the store had said it took. */
  readonly taken: number;
  /** Of those: not there afterwards, or in an older version. */
  lost: number;
  /** Looks at a document with chunks of two editions, too many or too few. */
  halfSwapped: number;
  /** Documents that are not as their file is after the last run, or there twice. */
  wrongAtEnd: number;
}

const WRITER = join(import.meta.dirname, 'crash-writer.ts');
const PARAGRAPHS = 40;

/**
 * Two processes index one changing folder into one store and are killed at random moments; after
 * each round every document is looked at, after the last one a run that is let be makes all right.
 */
export async function runCrashes(wish: CrashWish): Promise<CrashReport> {
  const folder = join(mkdtempSync(join(tmpdir(), 'cadre-crash-')), 'documents');
  mkdirSync(folder);
  const random = seededRandom(wish.seed);
  const editions = new Array<number>(wish.documents).fill(0);
  const store = await wish.open(wish.address);
  const total = { kills: 0, taken: 0 };
  const faults = { lost: 0, halfSwapped: 0, wrongAtEnd: 0 };
  try {
    for (let round = 0; round < wish.rounds; round += 1) {
      for (let number = 0; number < wish.documents; number += 1)
        if (round === 0 || random() < 0.4) writeEdition(folder, editions, number);
      const second = random() < 0.5 ? Math.floor(random() * 8) : undefined;
      const writers = [
        index(wish.address, folder, Math.floor(random() * 8), random() * 20),
        index(wish.address, folder, second, random() * 20),
      ];
      const looked = lookWhile(store, Promise.allSettled(writers));
      const runs = await Promise.all(writers);
      faults.halfSwapped += await looked;
      total.kills += runs.filter((run) => run.wasKilled).length;
      const taken = runs.flatMap((run) => run.taken);
      total.taken += taken.length;
      faults.lost += await countLost(store, taken);
    }
    const last = await index(wish.address, folder, undefined, 0);
    if (last.wasLate) throw new Error('the last writer came too late, though it was alone');
    faults.lost += await countLost(store, last.taken);
    faults.halfSwapped += await countHalfSwapped(store);
    faults.wrongAtEnd = await countWrong(store, editions);
    return { ...total, ...faults };
  } finally {
    await store.doClose();
    rmSync(folder, { recursive: true });
  }
}

function writeEdition(folder: string, editions: number[], number: number): void {
  const edition = (editions[number] ?? 0) + 1;
  editions[number] = edition;
  const paragraphs = Array.from(
    { length: PARAGRAPHS },
    (_one, at) =>
      `Paragraph ${at} of document ${number} was written for edition${edition} and speaks of pumps, valves and lamps of hall ${at % 7}.`,
  );
  writeFileSync(join(folder, `${number}.txt`), paragraphs.join('\n\n'));
}

type Taken = readonly [id: string, version: number];

interface WriterRun {
  readonly taken: readonly Taken[];
  readonly wasKilled: boolean;
  /** It met a newer version than its own and ended. */
  readonly wasLate: boolean;
}

/** Runs a writer, killed some milliseconds after the given number of documents where one is given. */
async function index(
  address: string,
  folder: string,
  killAfter: number | undefined,
  delay: number,
): Promise<WriterRun> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', WRITER, address, folder],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let errors = '';
  child.stderr.on('data', (part: Buffer) => {
    errors += part.toString();
  });
  const exit = once(child, 'exit');
  const taken: Taken[] = [];
  const kill = async () => {
    await sleep(delay);
    child.kill('SIGKILL');
  };
  if (killAfter === 0) void sleep(150 + 20 * delay).then(kill);
  for await (const line of createInterface({ input: child.stdout })) {
    taken.push(JSON.parse(line) as Taken);
    if (taken.length === killAfter) void kill();
  }
  const [code, signal] = (await exit) as [number | null, string | null];
  // Whoever comes too late with an older version is told so; that is no fault.
  if (signal === null && code !== 0 && !errors.includes('conflict'))
    throw new Error(`a writer failed: ${errors.slice(0, 2000)}`);
  return { taken, wasKilled: signal === 'SIGKILL', wasLate: signal === null && code !== 0 };
}

/** Looks at all documents again and again until `done`. */
async function lookWhile(store: Store, done: Promise<unknown>): Promise<number> {
  let isDone = false;
  void done.then(() => {
    isDone = true;
  });
  let found = 0;
  while (!isDone) {
    found += await countHalfSwapped(store);
    await sleep(30);
  }
  return found + (await countHalfSwapped(store));
}

/** Documents and chunks of one moment, by the changes since the beginning. */
async function countHalfSwapped(store: Store): Promise<number> {
  if ((await store.doGetCollection('docs')) === undefined) return 0;
  const { documents, chunks } = await store.doReadChanges('docs', 0);
  const groups = Map.groupBy(chunks, (chunk) => chunk.documentId);
  return documents.filter((document) => {
    const group = groups.get(document.id) ?? [];
    return group.length !== document.chunkCount || !isWhole(group, document.version);
  }).length;
}

function isWhole(group: readonly ChunkRow[], version: number): boolean {
  const text = group.map((chunk) => chunk.sentences.map((one) => one.text).join(' ')).join(' ');
  const editions = new Set(text.match(/edition\d+/g));
  const paragraphs = new Set(text.match(/Paragraph \d+/g));
  return (
    editions.size === 1 &&
    paragraphs.size === PARAGRAPHS &&
    group.every((chunk) => chunk.documentVersion === version)
  );
}

async function countLost(store: Store, taken: readonly Taken[]): Promise<number> {
  const ids = [...new Set(taken.map(([id]) => id))];
  const documents = await store.doFindDocuments('docs', ids);
  const versions = new Map(documents.map((one) => [one.id, one.version]));
  return taken.filter(([id, version]) => (versions.get(id) ?? 0) < version).length;
}

async function countWrong(store: Store, editions: readonly number[]): Promise<number> {
  const documents = await store.doListDocuments('docs');
  const { chunks } = await store.doReadChanges('docs', 0);
  const groups = Map.groupBy(chunks, (chunk) => chunk.documentId);
  const twice = documents.length - new Set(documents.map((one) => one.path)).size;
  const wrong = editions.filter((edition, number) => {
    const document = documents.find((one) => one.path === `${number}.txt`);
    const group = groups.get(document?.id ?? '') ?? [];
    return (
      !group.every((chunk) => chunk.indexText.includes(`edition${edition} `)) || group.length === 0
    );
  });
  return wrong.length + twice;
}
