import { lockHome } from '../../src/adapters/stores/home-lock.ts';
import { composeHouse } from '../../src/compose/house.ts';
import { LOOPBACK } from '../../src/core/call.ts';
import { parseConfig } from '../../src/core/config.ts';
import type { DescriptionWish, WrittenRow } from '../../src/core/description.ts';
import { childrenCpu } from './answer-cache.ts';
import { benchHome, benchHouse } from './bench-house.ts';

export function describedFolder(): string {
  return benchHome('farm-describe');
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
  const house = await composeHouse(benchHouse(config, home));
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
