import { randomInt } from 'node:crypto';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { lockHome } from '../../src/adapters/stores/home-lock.ts';
import { composeHouse } from '../../src/compose/house.ts';
import { LOOPBACK } from '../../src/core/call.ts';
import { parseConfig } from '../../src/core/config.ts';
import type { DescriptionWish, WrittenRow } from '../../src/core/description.ts';
import { childrenCpu } from './answer-cache.ts';

/** A home of the benchmark's own, with the models of the home that it is run in. */
export function describedFolder(): string {
  const owner = process.env['CADRE_HOME'] || join(homedir(), '.cadre');
  const home = join(owner, 'bench', 'farm-describe');
  mkdirSync(home, { recursive: true });
  if (!existsSync(join(home, 'models'))) symlinkSync(join(owner, 'models'), join(home, 'models'));
  return home;
}

/** Rows as the product writes and keeps them, each with the CPU seconds of the models since the last one. */
export async function* writeDescribed(
  wish: DescriptionWish,
): AsyncGenerator<WrittenRow & { readonly cpuSeconds: number }, void, void> {
  if (wish.known.length >= wish.labels.length * wish.perLabel) return;
  const home = describedFolder();
  const lock = lockHome(home);
  const config = parseConfig({
    fleet: { threads: 1, starter: false, offline: true, stallSeconds: 1200 },
    limits: { requestSeconds: 3600 },
  });
  const house = await composeHouse({
    settings: { config, home, environment: {} },
    clock: { now: () => Date.now(), elapsed: () => performance.now() },
    random: {
      id: (count) => Array.from({ length: count }, () => randomInt(36).toString(36)).join(''),
    },
    log: (line) => process.stderr.write(`${line}\n`),
    isDraining: () => false,
    stop: () => undefined,
    url: () => undefined,
  });
  try {
    const { signal } = new AbortController();
    let before = childrenCpu();
    for await (const event of house.farm.descriptions.write(wish, LOOPBACK, signal)) {
      if (event.stage !== 'row') continue;
      const now = childrenCpu();
      yield { ...event.row, cpuSeconds: now - before };
      before = now;
    }
  } finally {
    await house.close();
    lock.release();
  }
}
