import { join } from 'node:path';
import { openSqliteStore } from '../adapters/stores/sqlite-store.ts';
import { CadreError } from '../core/errors.ts';
import type { Store } from '../core/stores.ts';
import type { Settings } from './settings.ts';

/** SQLite under the home, which its lock keeps to one process, or the Postgres whose URL an environment variable holds. */
export async function openStore(
  { config, environment, home }: Settings,
  log: (line: string) => void,
): Promise<Store> {
  const variable = config.store.postgresEnv;
  if (variable === undefined) return openSqliteStore(join(home, 'state.db'), { sole: true, log });
  const url = environment[variable];
  if (!url)
    throw new CadreError(
      'config_invalid',
      `\`store.postgresEnv\` names ${variable}, which is not set`,
      { param: 'store.postgresEnv' },
    );
  const { openPostgresStore } = await import('../adapters/stores/postgres-store.ts');
  return openPostgresStore(url);
}
