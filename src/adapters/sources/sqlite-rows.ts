import { CadreError, toCadreError } from '../../core/errors.ts';
import { createThreadCalls } from '../threads/thread-calls.ts';

export type SqlRow = Readonly<Record<string, unknown>>;

export interface RowPage {
  readonly rows: readonly SqlRow[];
  readonly isLast: boolean;
}

const WORKER_FILE = new URL('../../workers/rows.ts', import.meta.url);
const QUERY_SECONDS = 300;

/**
 * The first `most` rows of a query on a SQLite file, page by page, in a thread of its own; the file
 * is opened read-only. Rejects with `source_failed` and what SQLite says.
 */
export async function* sqliteRows(
  file: string,
  query: string,
  most: number,
  signal: AbortSignal,
): AsyncGenerator<readonly SqlRow[]> {
  const thread = createThreadCalls({ workerFile: WORKER_FILE, seconds: QUERY_SECONDS });
  // A query cannot be interrupted; the thread that runs it can be ended.
  const stop = () => void thread.doClose();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const id = await thread.call('open', [file, query, most]);
    for (;;) {
      const page = (await thread.call('next', [id])) as RowPage;
      yield page.rows;
      if (page.isLast) return;
    }
  } catch (thrown) {
    signal.throwIfAborted();
    throw new CadreError('source_failed', `${file}: ${toCadreError(thrown).message}`, {
      cause: thrown,
    });
  } finally {
    signal.removeEventListener('abort', stop);
    await thread.doClose();
  }
}
