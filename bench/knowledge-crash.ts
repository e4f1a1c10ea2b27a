// Is a document ever lost or half swapped? Two processes index one changing folder into one store and
// are killed (SIGKILL) at random moments; SQLite, and Postgres where one can be started.
// `cadre bench knowledge-crash [--rounds N] [--seed S]`
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPostgresStore } from '../src/adapters/stores/postgres-store.ts';
import { openSqliteStore } from '../src/adapters/stores/sqlite-store.ts';
import { startPostgres } from '../test/contracts/store-postgres-server.ts';
import { type CrashReport, runCrashes } from './lib/crash-rounds.ts';
import { printResult } from './lib/result.ts';

const numberAfter = (flag: string, otherwise: number) => {
  const at = process.argv.indexOf(flag);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
};
const seed = numberAfter('--seed', 20261127);
const rounds = numberAfter('--rounds', 50);

const show = (name: string, report: CrashReport) =>
  process.stdout.write(
    `${name}: ${rounds} rounds, ${report.kills} kills, ${report.taken} documents taken; ${report.lost} lost, ${report.halfSwapped} half swapped, ${report.wrongAtEnd} wrong at the end\n`,
  );

const file = join(mkdtempSync(join(tmpdir(), 'cadre-crash-')), 'state.db');
const wish = { seed, rounds, documents: 12 };
const sqlite = await runCrashes({ ...wish, address: file, open: (path) => openSqliteStore(path) });
show('SQLite', sqlite);

const server = await startPostgres();
let postgres: CrashReport | undefined;
if (server !== undefined) {
  const place = await server.makePlace();
  postgres = await runCrashes({ ...wish, address: place.address, open: openPostgresStore });
  show('Postgres', postgres);
  await place.remove();
  await server.stop();
}
printResult('knowledge-crash', seed, { rounds, sqlite, postgres: postgres ?? 'not there' });
