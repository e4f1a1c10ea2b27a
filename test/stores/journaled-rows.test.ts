import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { JournaledRows } from '../../src/adapters/stores/journaled-rows.ts';
import type { RowTarget } from '../../src/adapters/stores/row-batch.ts';

let folder: string;
const lines: string[] = [];
beforeEach(() => {
  lines.length = 0;
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

const open = (table: Table) =>
  JournaledRows.open(join(folder, 'rows'), table, (line) => lines.push(line));
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
  await rows.close();
});

it('moves them by itself, after a while and when there are many', async () => {
  const table = new Table();
  const rows = await open(table);
  for (let index = 0; index < 600; index += 1) await rows.add([String(index), '']);
  expect(table.sizes.slice(0, 2)).toEqual([256, 256]);
  await vi.waitFor(() => expect(table.rows).toHaveLength(600));
  await vi.waitFor(() => expect(files()).toEqual([]));
  await rows.close();
});

it('gives the rows of a process that ended without a word to the next one, without the torn last', async () => {
  const killed = new Table();
  const rows = await open(killed);
  void rows.add(['first', '"line\\nbreak"']);
  rows.settle();
  await rows.add(['second', 'ä']);
  const [last = ''] = files().slice(-1);
  appendFileSync(join(folder, last), '#0123abcd 3 400\n{"half":');

  const table = new Table();
  table.mark = killed.mark;
  const next = await open(table);
  expect(table.rows).toEqual(['second|ä']);
  expect(files()).toEqual([]);
  expect(lines).toEqual([]);
  await next.close();
});

it('keeps the files until the database is on the disk', async () => {
  const table = new Table();
  const rows = await open(table);
  const disk = Promise.withResolvers<void>();
  table.flush = () => disk.promise;
  await rows.add(['a', '']);
  await vi.waitFor(() => expect(table.rows).toEqual(['a|']));
  await rows.add(['b', '']);
  expect(files()).toHaveLength(2);
  expect(statSync(join(folder, files()[0] ?? '')).mode & 0o777).toBe(0o600);
  disk.resolve();
  await vi.waitFor(() => expect(files()).toHaveLength(1));
  await rows.close();
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
  await vi.waitFor(() => expect(table.rows).toHaveLength(4096), { timeout: 10_000 });
  await rows.close();
});

it('writes the rows of one turn together, and acknowledges each when it is in the file', async () => {
  const rows = await open(new Table());
  const adding = ['a', 'b'].map((name) => rows.add([name, '']));
  expect(files()).toEqual([]);
  await adding[0];
  const [file = ''] = files();
  expect(readFileSync(join(folder, file), 'utf8')).toMatch(/^#\w{8} 1 3\na\n\n#\w{8} 2 3\nb\n\n$/);
  await rows.close();
});

it('refuses the rows that the disk did not take, and keeps those before', async () => {
  const table = new Table();
  const rows = await open(table);
  await rows.add(['a', '']);
  await rows.empty();
  rmSync(folder, { recursive: true });
  await expect(rows.add(['b', ''])).rejects.toMatchObject({ code: 'store_failed' });
  await rows.close();
  expect(table.rows).toEqual(['a|']);
});

it('acknowledges nothing after it was closed', async () => {
  const rows = await open(new Table());
  await rows.close();
  await expect(rows.add(['a', ''])).rejects.toThrow('closed');
});

/** Damages the only file of three rows, and gives the next owner's table. */
async function afterDamage(damage: (bytes: Buffer) => Buffer): Promise<Table> {
  const rows = await open(new Table());
  await Promise.all(['first', 'second', 'third'].map((name) => rows.add([name, '{"a":1}'])));
  const path = join(folder, files()[0] ?? '');
  const bytes = damage(readFileSync(path));
  await rows.close();
  writeFileSync(path, bytes);
  const table = new Table();
  await (await open(table)).close();
  return table;
}

it('takes the whole rows of a damaged file and keeps it under another name', async () => {
  const at = (bytes: Buffer, text: string) => bytes.indexOf(text);
  const damages: Record<string, (bytes: Buffer) => Buffer> = {
    'a changed body': (bytes) => bytes.fill('X', at(bytes, 'second'), at(bytes, 'second') + 3),
    'a changed header': (bytes) => bytes.fill('9', at(bytes, ' 2 ') + 1, at(bytes, ' 2 ') + 2),
    'a length beyond the file': (bytes) =>
      bytes.fill('9', at(bytes, ' 2 ') + 3, at(bytes, ' 2 ') + 5),
    zeros: (bytes) => bytes.fill(0, at(bytes, ' 2 ') - 4, at(bytes, 'second') + 4),
    'a line too many': (bytes) => {
      const place = at(bytes, 'second') + 3;
      return Buffer.concat([bytes.subarray(0, place), Buffer.from('\n#'), bytes.subarray(place)]);
    },
  };
  for (const [name, damage] of Object.entries(damages)) {
    const table = await afterDamage(damage);
    expect(table.rows, name).toEqual(['first|{"a":1}', 'third|{"a":1}']);
    expect(files(), name).toEqual(['rows-1-damaged']);
    expect(lines.splice(0), name).toEqual([expect.stringContaining('rows-1-damaged')]);
    rmSync(join(folder, 'rows-1-damaged'));
  }
});

it('sets a file without any row aside, and never two under one name', async () => {
  writeFileSync(join(folder, 'rows-1'), Buffer.alloc(5_000_000));
  const rows = await open(new Table());
  await rows.add(['new', '']);
  expect(files()).toEqual(['rows-1-damaged', 'rows-2']);
  await rows.close();
});

it('names the file that it cannot take over', async () => {
  mkdirSync(join(folder, 'rows-7'));
  await expect(open(new Table())).rejects.toMatchObject({
    code: 'store_failed',
    message: expect.stringContaining('rows-7'),
  });
});

it('moves rows that were moved for a reader no second time after a kill', async () => {
  const table = new Table();
  const rows = await open(table);
  await rows.add(['a', '']);
  rows.settle();
  await rows.add(['b', '']);
  const path = join(folder, files()[0] ?? '');
  const bytes = readFileSync(path);
  const next = new Table();
  next.mark = table.mark;
  await rows.close();
  writeFileSync(path, bytes);
  await (await open(next)).close();
  expect(next.rows).toEqual(['b|']);
});

it('neither turns the file nor flushes for readers, and does one of both at a time', async () => {
  const table = new Table();
  const rows = await open(table);
  const disk = Promise.withResolvers<void>();
  let flushes = 0;
  table.flush = () => {
    flushes += 1;
    return disk.promise;
  };
  for (let index = 0; index < 100; index += 1) {
    await rows.add([String(index), '']);
    rows.settle();
  }
  expect([files().length, flushes]).toEqual([1, 0]);
  await vi.waitFor(() => expect(flushes).toBe(1));
  for (let round = 0; round < 3; round += 1) {
    await rows.add([`late ${round}`, '']);
    await vi.waitFor(() => expect(table.rows.at(-1)).toBe(`late ${round}|`));
  }
  expect([files().length, flushes]).toEqual([2, 1]);
  disk.resolve();
  await vi.waitFor(() => expect(files()).toEqual([]));
  await rows.close();
});

it('asks a database that takes nothing by a timer alone, with longer and longer pauses', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const table = new Table();
    const rows = await open(table);
    let tries = 0;
    const write = table.write;
    table.write = () => {
      tries += 1;
      throw new Error('locked');
    };
    for (let index = 0; index < 1000; index += 1) await rows.add([String(index), '']);
    expect(tries).toBe(1);
    for (let reads = 0; reads < 20; reads += 1) expect(() => rows.settle()).toThrow('locked');
    expect(tries).toBe(1);
    const pauses = [100, 200, 400, 800, 1600, 3200, 5000, 5000];
    for (const [index, pause] of pauses.entries()) {
      vi.advanceTimersByTime(pause - 1);
      expect(tries).toBe(index + 1);
      vi.advanceTimersByTime(1);
      expect(tries).toBe(index + 2);
    }
    table.write = write;
    vi.advanceTimersByTime(5100);
    expect(table.sizes).toEqual([256, 256, 256, 232]);
    await rows.close();
  } finally {
    vi.useRealTimers();
  }
});

it('lets no more than 64 MB wait, and moves them by 4 MB, before a restart and after it', async () => {
  const table = new Table();
  const rows = await open(table);
  table.problem = new Error('the disk is full');
  const large = 'x'.repeat(1_000_000);
  for (let index = 0; index < 64; index += 1) await rows.add([large]);
  await expect(rows.add([large])).rejects.toThrow('the disk is full');
  await expect(rows.close()).rejects.toThrow('the disk is full');
  const next = new Table();
  await (await open(next)).close();
  expect(next.sizes).toEqual(Array.from({ length: 16 }, () => 4));
  expect(files()).toEqual([]);
});

it('says so when rows could not be removed from the journal', async () => {
  const table = new Table();
  const rows = await open(table);
  await rows.add(['a', '']);
  table.flush = () => Promise.reject(new Error('the disk keeps nothing'));
  await expect(rows.empty()).rejects.toThrow('the disk keeps nothing');
  table.flush = () => Promise.resolve();
  await rows.empty();
  expect(files()).toEqual([]);
  await rows.close();
});
