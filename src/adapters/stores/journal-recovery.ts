import { rmSync } from 'node:fs';
import { CadreError } from '../../core/errors.ts';
import { isBatch, type RowTarget, sizeOf } from './row-batch.ts';
import { type LeftFile, RowJournal, setAside } from './row-journal.ts';

/**
 * Moves what a killed process left in its journal, and opens the journal. Whole rows are taken, and a
 * file that has others is set aside as `…-damaged` for its owner to look at, so that it stops no
 * start. Rejects with `store_failed` that names the file.
 */
export async function recover(
  path: string,
  target: RowTarget,
  log: (line: string) => void,
): Promise<RowJournal> {
  const journal = within(path, () => new RowJournal(path, target.done()));
  const left = within(path, () => journal.left());
  const damaged = left.filter((file) => within(file.path, () => take(file, target)));
  await target.flush();
  for (const file of left)
    within(file.path, () => {
      if (!damaged.includes(file)) return rmSync(file.path, { force: true });
      const aside = setAside(file.path);
      log(
        `${file.path} has damaged rows: receipts and costs of requests before the last stop are missing; the whole ones were taken. It is kept as ${aside} and may hold words of requests; delete it when you need it no more.`,
      );
    });
  return journal;
}

/** Returns whether the file is damaged. */
function take(file: LeftFile, target: RowTarget): boolean {
  const done = target.done();
  const rows = file.rows();
  let last = done;
  let waiting: (readonly string[])[] = [];
  let size = 0;
  for (;;) {
    const next = rows.next();
    if (!next.done && next.value.sequence <= done) continue;
    if (!next.done) {
      last = next.value.sequence;
      waiting.push(next.value.texts);
      size += sizeOf(next.value.texts);
    }
    if (waiting.length > 0 && (next.done || isBatch(waiting.length, size))) {
      target.write(waiting, last);
      waiting = [];
      size = 0;
    }
    if (next.done) return next.value;
  }
}

function within<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof CadreError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new CadreError(
      'store_failed',
      `the journal ${path} cannot be taken over: ${message}; move it away to start without its receipts`,
      { cause: error },
    );
  }
}
