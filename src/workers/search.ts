import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { createIndexFiles } from '../adapters/stores/index-files.ts';
import type { ThreadCall, ThreadReply } from '../adapters/threads/thread-calls.ts';
import { createEngine, serveEngine } from '../ground/engine.ts';

/** Where the indexes are saved; without it they are not. */
export type SearchData = Parameters<typeof createIndexFiles>[0];

/** Thread that chunks documents and holds the indexes of all collections. */
const indexes = workerData as SearchData | undefined;
const call = serveEngine(
  createEngine({
    hash: (text) => createHash('sha256').update(text).digest('hex'),
    ...(indexes === undefined ? {} : { files: createIndexFiles(indexes) }),
  }),
);

parentPort?.on('message', async (request: ThreadCall) => {
  parentPort?.postMessage(await answer(request));
});

async function answer(request: ThreadCall): Promise<ThreadReply> {
  try {
    return { call: request.call, value: await call(request.name, request.values) };
  } catch (thrown) {
    return { call: request.call, error: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}
