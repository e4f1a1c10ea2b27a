import { randomInt } from 'node:crypto';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { composeHouse } from '../../src/compose/house.ts';
import type { Config } from '../../src/core/config.ts';

type HouseParts = Parameters<typeof composeHouse>[0];

/** A home of a benchmark's own beside the home that it is run in, with the models of that. */
export function benchHome(name: string): string {
  const owner = process.env['CADRE_HOME'] || join(homedir(), '.cadre');
  const home = join(owner, 'bench', name);
  mkdirSync(home, { recursive: true });
  if (!existsSync(join(home, 'models'))) symlinkSync(join(owner, 'models'), join(home, 'models'));
  return home;
}

/** What the product is composed with where no server stands around it. */
export function benchHouse(config: Config, home: string): HouseParts {
  return {
    settings: { config, home, environment: {} },
    clock: { now: () => Date.now(), elapsed: () => performance.now() },
    random: {
      id: (count) => Array.from({ length: count }, () => randomInt(36).toString(36)).join(''),
    },
    log: (line) => process.stderr.write(`${line}\n`),
    isDraining: () => false,
    stop: () => undefined,
    url: () => undefined,
  };
}
