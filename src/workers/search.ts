import { createHash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import type { ThreadCall, ThreadReply } from '../adapters/threads/thread-calls.ts';
import { createEngine, serveEngine } from '../ground/engine.ts';

/** Thread that chunks documents and holds the indexes of all collections. */
const call = serveEngine(
  createEngine({ hash: (text) => createHash('sha256').update(text).digest('hex') }),
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
