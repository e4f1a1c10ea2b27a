import pg from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import { POSTGRES_MIGRATIONS } from '../../src/adapters/stores/postgres-migrations.ts';
import { openPostgresStore } from '../../src/adapters/stores/postgres-store.ts';
import { describeStore } from './store-contract.ts';
import { POSTGRES_MISSING, type PostgresServer, startPostgres } from './store-postgres-server.ts';

const server = await startPostgres();

if (server === undefined) {
  if (process.env['CI']) throw new Error(POSTGRES_MISSING);
  console.warn(`skipped: ${POSTGRES_MISSING}`);
  describe.skip(`store contract: Postgres (${POSTGRES_MISSING})`, () => {
    it('runs against a server', () => undefined);
  });
} else {
  afterAll(() => server.stop());
  describeStore('Postgres', async () => {
    const place = await server.makePlace();
    return {
      ...place,
      open: () => openPostgresStore(place.address),
      readRows: () => readRows(place.address),
    };
  });
  describePostgres(server);
}

function describePostgres(running: PostgresServer): void {
  describe('Postgres store', () => {
    it('names host and database, never the password, when the server cannot be reached', async () => {
      const opening = openPostgresStore('postgres://farm:hunter2@127.0.0.1:1/cadre');
      await expect(opening).rejects.toMatchObject({
        code: 'store_failed',
        message: expect.stringContaining('127.0.0.1:1/cadre'),
      });
      await expect(opening).rejects.not.toThrow(/hunter2/);
    });

    it('refuses an address that is none', async () => {
      await expect(openPostgresStore('postgres://[')).rejects.toMatchObject({
        code: 'store_failed',
      });
    });

    it('migrates once when many nodes start at the same time', async () => {
      const place = await running.makePlace();
      const opened = await Promise.all(
        Array.from({ length: 4 }, () => openPostgresStore(place.address)),
      );
      await Promise.all(opened.map((store) => store.doClose()));
      const client = new pg.Client({ connectionString: place.address });
      await client.connect();
      const { rows } = await client.query('SELECT version FROM cadre_schema ORDER BY version');
      await client.query('INSERT INTO cadre_schema VALUES (99)');
      await client.end();
      expect(rows.map((row) => row.version)).toEqual(POSTGRES_MIGRATIONS.map((_, at) => at + 1));
      await expect(openPostgresStore(place.address)).rejects.toThrow(/newer Cadre/);
      await place.remove();
    });

    it('goes on after the server ended its connections', async () => {
      const place = await running.makePlace();
      const store = await openPostgresStore(place.address);
      await store.doListKeys();
      const client = new pg.Client({ connectionString: place.address });
      await client.connect();
      await client.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cadre'`,
      );
      await client.end();
      await expect.poll(() => store.doListKeys().catch(() => 'broken')).toEqual([]);
      await store.doClose();
      await place.remove();
    });
  });
}

async function readRows(address: string): Promise<string> {
  const client = new pg.Client({ connectionString: address });
  await client.connect();
  const tables = await client.query(
    'SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()',
  );
  const found: string[] = [];
  for (const { table_name: table } of tables.rows) {
    const { rows } = await client.query(`SELECT t::text AS row FROM "${table}" t`);
    found.push(...rows.map((one) => one.row));
  }
  await client.end();
  return found.join('\n');
}
