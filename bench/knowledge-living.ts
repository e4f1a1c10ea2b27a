// Is anything stale, deleted or forbidden ever shown? Random edits, renames, deletes and changes of
// readers of a watched folder, while callers with different rights ask and search without pause, through
// the whole farm over HTTP with shared answers on. `cadre bench knowledge-living [--changes N] [--seed S]`
import { runLivingFolder } from './lib/living-folder.ts';
import { printResult } from './lib/result.ts';

const numberAfter = (flag: string, otherwise: number) => {
  const at = process.argv.indexOf(flag);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
};
const seed = numberAfter('--seed', 20261127);
const changes = numberAfter('--changes', 1000);

const report = await runLivingFolder({ seed, changes, documents: 60, writers: 6, callers: 3 });
const { findings, counts, asked, fresh, lags, receiptsRead } = report;
const quantile = (share: number) =>
  Math.round(lags[Math.min(lags.length - 1, Math.floor(share * lags.length))] ?? 0);

for (const [place, { stale, tombstones, forbidden, unknown }] of Object.entries(findings))
  process.stdout.write(
    `${place.padEnd(10)} ${stale} stale, ${tombstones} deleted, ${forbidden} forbidden, ${unknown} unknown\n`,
  );
process.stdout.write(
  `${changes} changes (${Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(
      ', ',
    )}), ${asked.chats} questions (${asked.fromCache} from the cache), ${asked.searches} searches, ${asked.conversations} turns of conversations, ${receiptsRead} receipts read again\n`,
);
process.stdout.write(
  `right at once after a change: ${fresh.right} of ${fresh.of}; seen after ${quantile(0.5)} ms (median), ${quantile(0.95)} ms (95 %), ${quantile(1)} ms (most)\n`,
);
printResult('knowledge-living', seed, {
  changes,
  counts,
  findings,
  asked,
  fresh,
  lagMs: { median: quantile(0.5), p95: quantile(0.95), most: quantile(1) },
  receiptsRead,
});
