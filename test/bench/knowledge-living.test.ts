import { expect, it } from 'vitest';
import { runLivingFolder } from '../../bench/lib/living-folder.ts';
import { noFindings } from '../../bench/lib/living-truth.ts';

it('a living folder shows nothing stale, deleted or forbidden, and the new at once', async () => {
  const wish = { seed: 3, changes: 40, documents: 16, writers: 4, callers: 2 };
  const { findings, counts, asked, fresh } = await runLivingFolder(wish);
  const none = noFindings();
  expect(findings).toEqual({
    prompt: none,
    citation: none,
    cache: none,
    search: none,
    kept: none,
    log: none,
  });
  expect(fresh).toEqual({ right: 40, of: 40 });
  expect(Object.values(counts).reduce((sum, one) => sum + one)).toBe(40);
  expect(Math.min(asked.chats, asked.fromCache, asked.searches)).toBeGreaterThan(0);
}, 120_000);
