import { DatabaseSync } from 'node:sqlite';
import { parentPort } from 'node:worker_threads';
import type { RowPage } from '../adapters/sources/sqlite-rows.ts';
import type { ThreadCall, ThreadReply } from '../adapters/threads/thread-calls.ts';

/** Thread that runs queries on SQLite files, read-only and page by page, so that no query holds the farm up. */
interface OpenQuery {
  readonly database: DatabaseSync;
  readonly rows: Iterator<Record<string, unknown>>;
}

/** A page ends with the row that passes this. */
const PAGE_BYTES = 1_000_000;
const PAGE_ROWS = 500;

const queries = new Map<number, OpenQuery>();
let count = 0;

const methods: Readonly<Record<string, (...values: never[]) => unknown>> = {
  open(file: string, query: string, most: number): number {
    const database = new DatabaseSync(file, { readOnly: true, timeout: 5000 });
    try {
      const wrapped = `SELECT * FROM (${query.replace(/[;\s]+$/, '')}\n) LIMIT ${Number(most)}`;
      const statement = database.prepare(wrapped);
      if (statement.sourceSQL.trim() !== wrapped) throw new Error('the query is no single SELECT');
      const rows = statement.iterate() as Iterator<Record<string, unknown>>;
      count += 1;
      queries.set(count, { database, rows });
      return count;
    } catch (thrown) {
      database.close();
      throw thrown;
    }
  },
  next(id: number): RowPage {
    const query = queries.get(id);
    const rows: Record<string, unknown>[] = [];
    let bytes = 0;
    while (query !== undefined && rows.length < PAGE_ROWS && bytes < PAGE_BYTES) {
      const step = query.rows.next();
      if (step.done === true) return { rows, isLast: true };
      for (const value of Object.values(step.value))
        bytes += typeof value === 'string' || value instanceof Uint8Array ? value.length : 8;
      rows.push({ ...step.value });
    }
    return { rows, isLast: query === undefined };
  },
  close(id: number): void {
    queries.get(id)?.database.close();
    queries.delete(id);
  },
};

parentPort?.on('message', ({ call, name, values }: ThreadCall) => {
  parentPort?.postMessage(answer(call, name, values));
});

function answer(call: number, name: string, values: readonly unknown[]): ThreadReply {
  try {
    const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
    if (method === undefined) throw new TypeError(`the thread has no method ${name}`);
    return { call, value: method(...(values as never[])) };
  } catch (thrown) {
    return { call, error: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}
