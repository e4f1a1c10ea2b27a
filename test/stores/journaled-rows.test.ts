import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { JournaledRows, type RowTarget } from '../../src/adapters/stores/journaled-rows.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cadre-journal-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

class Table implements RowTarget {
  readonly rows: string[] = [];
  /** Rows of each transaction. */
  readonly sizes: number[] = [];
  problem: Error | undefined;
  mark = 0;
  flush = () => Promise.resolve();
  done = () => this.mark;

  write = (rows: readonly (readonly string[])[], done: number) => {
    if (this.problem !== undefined) throw this.problem;
    this.mark = done;
    this.sizes.push(rows.length);
    this.rows.push(...rows.map((row) => row.join('|')));
  };
}

const open = (table: Table) => JournaledRows.open(join(folder, 'rows'), 2, table);
const files = () => readdirSync(folder).toSorted();

it('moves the rows together, in their order, before anybody reads', async () => {
  const table = new Table();
  const rows = await open(table);
  for (const name of ['a', 'b', 'c']) void rows.add([name, '{}']);
  expect(table.rows).toEqual([]);
  rows.settle();
  expect(table.rows).toEqual(['a|{}', 'b|{}', 'c|{}']);
  expect(table.sizes).toEqual([3]);
  rows.settle();
  expect(table.sizes).toEqual([3]);
  rows.close();
});

it('moves them by itself, after a while and when there are many', async () => {
  const table = new Table();
  const rows = await open(table);
  for (let index = 0; index < 600; index += 1) await rows.add([String(index), '']);
  expect(table.sizes.slice(0, 2)).toEqual([256, 256]);
  await vi.waitFor(() => expect(table.rows).toHaveLength(600));
  await vi.waitFor(() => expect(files()).toEqual([]));
  rows.close();
});

it('gives the rows of a process that ended without a word to the next one, without the torn last', async () => {
  const killed = new Table();
  const rows = await open(killed);
  void rows.add(['first', '"line\\nbreak"']);
  rows.settle();
  await rows.add(['second', 'ä']);
  const [last = ''] = files().slice(-1);
  appendFileSync(join(folder, last), 'third\n{"half":');
  killed.problem = new Error('this process is dead');

  const table = new Table();
  table.mark = killed.mark;
  const next = await open(table);
  expect(table.rows).toEqual(['second|ä']);
  expect(files()).toEqual([]);
  next.close();
});

it('keeps the files until the database is on the disk', async () => {
  const table = new Table();
  const rows = await open(table);
  const disk = Promise.withResolvers<void>();
  table.flush = () => disk.promise;
  void rows.add(['a', '']);
  rows.settle();
  await rows.add(['b', '']);
  expect(files()).toHaveLength(2);
  expect(statSync(join(folder, files()[0] ?? '')).mode & 0o777).toBe(0o600);
  disk.resolve();
  await vi.waitFor(() => expect(files()).toHaveLength(1));
  rows.close();
});

it('keeps the rows while the database takes none, tells who reads, and tries again', async () => {
  const table = new Table();
  const rows = await open(table);
  table.problem = new Error('the disk is full');
  void rows.add(['a', '']);
  expect(() => rows.settle()).toThrow('the disk is full');
  await Promise.all(Array.from({ length: 4095 }, (_, index) => rows.add([String(index), ''])));
  await expect(rows.add(['too many', ''])).rejects.toThrow('the disk is full');
  table.problem = undefined;
  await vi.waitFor(() => expect(table.rows).toHaveLength(4096));
  rows.close();
});

it('writes the rows of one turn together, and acknowledges each when it is in the file', async () => {
  const rows = await open(new Table());
  const adding = ['a', 'b'].map((name) => rows.add([name, '']));
  expect(files()).toEqual([]);
  await adding[0];
  const [file = ''] = files();
  expect(readFileSync(join(folder, file), 'utf8')).toBe('a\n\nb\n\n');
  rows.close();
});

it('refuses the rows that the disk did not take, and keeps those before', async () => {
  const table = new Table();
  const rows = await open(table);
  await rows.add(['a', '']);
  rows.settle();
  rmSync(folder, { recursive: true });
  await expect(rows.add(['b', ''])).rejects.toMatchObject({ code: 'store_failed' });
  rows.close();
  expect(table.rows).toEqual(['a|']);
});

it('acknowledges nothing after it was closed', async () => {
  const rows = await open(new Table());
  rows.close();
  await expect(rows.add(['a', ''])).rejects.toThrow('closed');
});
