import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

export interface PostgresServer {
  /** Connection string of an empty place of its own in the test database. */
  makePlace(): Promise<{ readonly address: string; readonly remove: () => Promise<void> }>;
  stop(): Promise<void>;
}

export const POSTGRES_MISSING =
  'no Postgres: set CADRE_TEST_POSTGRES to a connection string, or install one with `apt-get install postgresql`';

/** The server that CADRE_TEST_POSTGRES names, or a temporary one; undefined where neither can be had. */
export async function startPostgres(): Promise<PostgresServer | undefined> {
  const named = process.env['CADRE_TEST_POSTGRES'];
  if (named !== undefined && named !== '') return serve(named, async () => undefined);
  const binaries = findBinaries();
  if (binaries === undefined) return undefined;
  const folder = mkdtempSync('/tmp/cadre-pg-');
  const account = accountOfServer();
  if (account !== undefined) chownSync(folder, account.uid, account.gid);
  const data = join(folder, 'data');
  const options = ['-D', data, '-U', 'cadre', '-A', 'trust', '-E', 'UTF8', '--no-sync'];
  execFileSync(join(binaries, 'initdb'), options, { ...account, cwd: folder, stdio: 'pipe' });
  const server = spawn(
    join(binaries, 'postgres'),
    ['-D', data, '-k', folder, '-c', 'listen_addresses=', '-c', 'max_connections=60'],
    { ...account, cwd: folder, stdio: 'ignore' },
  );
  const url = `postgres://cadre@localhost/postgres?host=${encodeURIComponent(folder)}`;
  await untilReady(url, server);
  return serve(url, async () => {
    const exit = once(server, 'exit');
    server.kill('SIGINT');
    await exit;
    rmSync(folder, { recursive: true, force: true });
  });
}

/** Debian keeps initdb out of the search path, one folder per major version. */
function findBinaries(): string | undefined {
  const debian = globSync('/usr/lib/postgresql/*/bin').sort();
  const searched = (process.env['PATH'] ?? '').split(delimiter);
  return [...debian.reverse(), ...searched].find((folder) => existsSync(join(folder, 'initdb')));
}

/** Postgres refuses to run as root; then another account of the machine lends its name. */
function accountOfServer(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const numberOf = (flag: string, name: string) =>
    Number(execFileSync('id', [flag, name], { stdio: 'pipe' }).toString());
  for (const name of ['postgres', 'nobody']) {
    try {
      return { uid: numberOf('-u', name), gid: numberOf('-g', name) };
    } catch {
      // No such account on this machine; the next one is tried.
    }
  }
  return undefined;
}

async function untilReady(url: string, server: ChildProcess): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      await run(url, 'SELECT 1');
      return;
    } catch (error) {
      if (server.exitCode !== null || Date.now() > deadline)
        throw new Error('the temporary Postgres did not start', { cause: error });
      await sleep(50);
    }
  }
}

async function run(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function serve(url: string, stop: () => Promise<void>): PostgresServer {
  let count = 0;
  return {
    async makePlace() {
      count += 1;
      const schema = `cadre_test_${process.pid}_${count}`;
      await run(url, `CREATE SCHEMA ${schema}`);
      const address = `${url}${url.includes('?') ? '&' : '?'}options=${encodeURIComponent(`-c search_path=${schema}`)}`;
      return { address, remove: () => run(url, `DROP SCHEMA ${schema} CASCADE`) };
    },
    stop,
  };
}
