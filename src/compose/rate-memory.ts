import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../core/ports.ts';
import type { RateLimiter } from '../policy/rate.ts';

const bucketSchema = z.tuple([z.string(), z.object({ left: z.number(), at: z.number() })]);
const memorySchema = z.object({
  /** Milliseconds since the epoch. */
  savedAt: z.number(),
  requests: z.array(bucketSchema),
  tokens: z.array(bucketSchema),
});
/** What a killed process forgets at most; a minute's allowance is back after a minute anyway. */
const SAVE_MS = 10_000;

/**
 * Keeps what limited keys have used over a restart, so that restarting gives nobody a second
 * minute's worth. A file that is missing or unreadable means full allowances.
 */
export async function openRateMemory(parts: {
  readonly home: string;
  readonly rates: RateLimiter;
  readonly clock: Clock;
}): Promise<{ readonly close: () => Promise<void> }> {
  const { rates, clock } = parts;
  const file = join(parts.home, 'rates.json');
  const kept = await readMemory(file);
  if (kept !== undefined) rates.restore(kept, clock.now() - kept.savedAt);
  let saved = textOf(rates);
  let saving: Promise<void> = Promise.resolve();
  const save = () => {
    const text = textOf(rates);
    if (text === saved) return;
    saved = text;
    const body = `{"savedAt":${clock.now()},${text.slice(1)}`;
    saving = saving
      .then(() => writeFile(`${file}.new`, body, { mode: 0o600 }))
      .then(() => rename(`${file}.new`, file))
      // A disk that is full costs a restart's worth of memory, not a request.
      .catch(() => undefined);
  };
  const timer = setInterval(save, SAVE_MS);
  timer.unref();
  return {
    async close() {
      clearInterval(timer);
      save();
      await saving;
    },
  };
}

function textOf(rates: RateLimiter): string {
  return JSON.stringify(rates.remember());
}

async function readMemory(file: string): Promise<z.infer<typeof memorySchema> | undefined> {
  try {
    const parsed = memorySchema.safeParse(JSON.parse(await readFile(file, 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
