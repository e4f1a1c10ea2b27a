import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openRateMemory } from '../../src/compose/rate-memory.ts';
import { createRateLimiter } from '../../src/policy/rate.ts';

const KEY = { key: 'key_a', rateLimit: 60, tokenLimit: 600 };

function newHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'rates-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  return home;
}

/** A process on the home at a time of the clock on the wall; its own clock starts at 0. */
async function start(home: string, now: number) {
  const rates = createRateLimiter({ now: () => 0 });
  const clock = { now: () => now, elapsed: () => 0 };
  return { rates, memory: await openRateMemory({ home, rates, clock }) };
}

it('a restart gives nobody a second minute’s worth; time that passed counts', async () => {
  const home = newHome();
  const first = await start(home, 1_000_000);
  for (let count = 0; count < 60; count += 1) first.rates.take(KEY);
  first.rates.reserve(KEY, 'r1', 600);
  first.rates.settle('r1', 600);
  await first.memory.close();
  expect(readFileSync(join(home, 'rates.json'), 'utf8')).not.toContain('r1');
  const { rates, memory } = await start(home, 1_000_000 + 15_000);
  expect(rates.standing(KEY)).toMatchObject({
    requests: { remaining: 15 },
    tokens: { remaining: 150 },
  });
  await memory.close();
});

it.each(['', '{', '{"savedAt":1}', '[]'])(
  'a file that says %j is as good as none',
  async (text) => {
    const home = newHome();
    writeFileSync(join(home, 'rates.json'), text);
    const { rates, memory } = await start(home, 1_000_000);
    expect(rates.standing(KEY)?.requests?.remaining).toBe(60);
    await memory.close();
  },
);
