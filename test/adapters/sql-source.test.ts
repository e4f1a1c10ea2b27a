import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sourceSchema } from '../../src/core/config-source.ts';
import type { Source } from '../../src/core/source.ts';
import { POSTGRES_MISSING, startPostgres } from '../contracts/store-postgres-server.ts';
import { openSources } from '../ground/fixtures/open-sources.ts';
import { list, textOf } from './source-items.ts';

const TABLE =
  'CREATE TABLE notes (id INTEGER PRIMARY KEY, title TEXT, body TEXT, more TEXT, changed TEXT, part TEXT)';
const ROWS = `INSERT INTO notes VALUES
  (1, 'Pump', 'The pump is blue.', 'It hums.', '2026-03-05T10:00:00Z', 'hall'),
  (2, 'Valve', 'The valve is red.', NULL, NULL, NULL)`;
const FIELDS = {
  kind: 'sql',
  query: 'SELECT * FROM notes ORDER BY id;',
  text: ['body', 'more'],
  title: 'title',
  modified: 'changed',
  metadata: ['part'],
};

interface Database {
  readonly fields: object;
  readonly environment: Record<string, string>;
  run(sql: string): Promise<void>;
}

function describeRows(name: string, open: () => Promise<Database>): void {
  describe(name, () => {
    let database: Database;
    const opened: Source[] = [];
    const source = (fields: object = {}) => {
      const spec = sourceSchema.parse({ ...FIELDS, ...database.fields, ...fields });
      const made = openSources([], database.environment)(spec);
      opened.push(made);
      return made;
    };

    afterEach(async () => {
      for (const one of opened.splice(0)) await one.doRelease?.();
    });
    beforeEach(async () => {
      database = await open();
      await database.run('DROP TABLE IF EXISTS notes');
      await database.run(TABLE);
      await database.run(ROWS);
    });

    it('makes each row a document', async () => {
      const rows = source();
      expect((await list(rows)).items).toMatchObject([
        {
          path: '1',
          title: 'Pump',
          type: 'row',
          modifiedAt: Date.parse('2026-03-05T10:00:00Z'),
          given: { metadata: { part: 'hall' } },
        },
        { path: '2', title: 'Valve', given: { metadata: {} } },
      ]);
      expect(await textOf(rows, '1')).toBe('The pump is blue.\n\nIt hums.');
      expect(await textOf(rows, '2')).toBe('The valve is red.');
    });

    it('gives a changed row another mark and others the same', async () => {
      const rows = source();
      const marks = async () => (await list(rows)).items.map((item) => item.mark);
      const before = await marks();
      await database.run(`UPDATE notes SET body = 'The valve is green.' WHERE id = 2`);
      const after = await marks();
      expect([after[0] === before[0], after[1] === before[1]]).toEqual([true, false]);
      await database.run('DELETE FROM notes WHERE id = 1');
      expect(await marks()).toEqual([after[1]]);
    });

    it('writes nothing, runs one statement and names what is wrong', async () => {
      for (const query of [
        `UPDATE notes SET body = 'x'`,
        'SELECT 1) AS a; DELETE FROM notes; SELECT * FROM (SELECT 1',
        'SELECT 1; COMMIT; DELETE FROM notes',
        'nonsense',
      ])
        await expect(list(source({ query }))).rejects.toMatchObject({ code: 'source_failed' });
      await expect(list(source({ text: ['none'] }))).rejects.toThrow('no column none');
      expect((await list(source())).items).toHaveLength(2);
    });

    it('reads page after page up to a limit, and leaves out ids that come twice', async () => {
      await database.run('DELETE FROM notes');
      for (let start = 0; start < 1200; start += 100)
        await database.run(
          `INSERT INTO notes (id, body) VALUES ${Array.from({ length: 100 }, (_, index) => `(${start + index + 1}, 'row ${start + index + 1}')`).join(', ')}`,
        );
      const { items, skipped } = await list(source({ mostRows: 1100 }));
      expect([items.length, skipped]).toEqual([
        1100,
        [{ path: '*', reason: 'rows after the first 1100 are left out' }],
      ]);
      const twice = source({
        query: `SELECT 'a' AS id, body, more, title, changed, part FROM notes LIMIT 2`,
      });
      expect((await list(twice)).skipped).toEqual([{ path: 'a', reason: 'two rows have this id' }]);
    });
  });
}

const folder = mkdtempSync(join(tmpdir(), 'cadre-sql-'));
const server = await startPostgres();
const client = { current: undefined as pg.Client | undefined, url: '' };

beforeAll(async () => {
  if (server === undefined) return;
  client.url = (await server.makePlace()).address;
  client.current = new pg.Client({ connectionString: client.url });
  await client.current.connect();
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await client.current?.end();
  await server?.stop();
});

describeRows('rows of SQLite', async () => {
  const file = join(folder, 'notes.db');
  return {
    fields: { file },
    environment: {},
    async run(sql) {
      const database = new DatabaseSync(file);
      database.exec(sql);
      database.close();
    },
  };
});

if (server === undefined) it.skip(`rows of Postgres (${POSTGRES_MISSING})`, () => undefined);
else
  describeRows('rows of Postgres', async () => ({
    fields: { postgresEnv: 'NOTES_URL' },
    environment: { NOTES_URL: client.url },
    async run(sql) {
      await client.current?.query(sql);
    },
  }));

describe('a database that is not there', () => {
  it('is told without its URL', async () => {
    const spec = sourceSchema.parse({ ...FIELDS, postgresEnv: 'NOTES_URL' });
    await expect(list(openSources([], {})(spec))).rejects.toThrow('NOTES_URL, which is not set');
    const NOTES_URL = 'postgres://user:secret@127.0.0.1:1/none';
    const failing = list(openSources([], { NOTES_URL })(spec));
    await expect(failing).rejects.toThrow('NOTES_URL: the database cannot be reached');
    await expect(failing).rejects.not.toThrow('secret');
    const missing = sourceSchema.parse({ ...FIELDS, file: join(folder, 'none.db') });
    await expect(list(openSources([], {})(missing))).rejects.toMatchObject({
      code: 'source_failed',
    });
  });
});
