/**
 * The process of one local model: it owns the weights, reads from disk only and opens no socket; a
 * malformed file or a full memory takes down this process and nothing else. It ends with its
 * parent. Messages: adapters/models/llama-messages.ts.
 */
import process from 'node:process';
import type { LlamaCommand, LlamaReport } from '../adapters/models/llama-messages.ts';
import { CadreError, toCadreError } from '../core/errors.ts';
import type { ModelEvent } from '../core/ports.ts';
import { runChat } from './llama-chat.ts';
import { type LlamaEngine, loadEngine } from './llama-engine.ts';

interface Running {
  readonly abort: AbortController;
  paused: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;
}

const HEARTBEAT_MS = 1000;
const running = new Map<number, Running>();
let engine: LlamaEngine | undefined;
let tokenCount = 0;
let isMemoryChanged = false;

function report(message: LlamaReport): void {
  process.send?.(message);
}

function fail(id: number | null, thrown: unknown): void {
  const error = toCadreError(thrown);
  report({
    type: 'failed',
    id,
    code: error.code,
    message: error.message,
    ...(error.param === undefined ? {} : { param: error.param }),
  });
}

async function load(command: Extract<LlamaCommand, { type: 'load' }>): Promise<void> {
  try {
    const onProgress = (progress: number) => report({ type: 'loading', progress });
    engine = await loadEngine(command, onProgress, () => {
      isMemoryChanged = true;
    });
    const { contextTokens, trainContextTokens, loadMs } = engine;
    const memoryBytes = engine.memoryBytes();
    report({ type: 'ready', memoryBytes, contextTokens, trainContextTokens, loadMs });
    isMemoryChanged = false;
    setInterval(beat, HEARTBEAT_MS);
  } catch (error) {
    fail(null, error);
  }
}

function beat(): void {
  report({ type: 'heartbeat', tokenCount });
  // Looking takes milliseconds where there are gigabytes.
  if (engine === undefined || !isMemoryChanged) return;
  isMemoryChanged = false;
  const adapterCount = engine.adapters.count;
  report({ type: 'memory', memoryBytes: engine.memoryBytes(), adapterCount });
}

function count({ id, request }: Extract<LlamaCommand, { type: 'count' }>): void {
  try {
    if (engine === undefined) throw new CadreError('model_unavailable', 'the model is not loaded');
    report({ type: 'counted', id, tokens: engine.prompt.write(request).length });
  } catch (error) {
    fail(id, error);
  }
}

async function chat(command: Extract<LlamaCommand, { type: 'chat' }>): Promise<void> {
  const { id, request, adapter } = command;
  const entry: Running = { abort: new AbortController(), paused: undefined };
  running.set(id, entry);
  try {
    if (engine === undefined) throw new CadreError('model_unavailable', 'the model is not loaded');
    const hooks = {
      signal: entry.abort.signal,
      onEvent: (event: ModelEvent) => report({ type: 'event', id, event }),
      onTokens: (count: number) => {
        tokenCount += count;
      },
      doAwaitReader: async () => entry.paused?.promise,
    };
    await runChat(engine, request, hooks, adapter);
  } catch (error) {
    fail(id, error);
  } finally {
    running.delete(id);
  }
}

function resume(entry: Running | undefined): void {
  entry?.paused?.resolve();
  if (entry !== undefined) entry.paused = undefined;
}

async function unload(): Promise<void> {
  for (const entry of running.values()) {
    resume(entry);
    entry.abort.abort(new CadreError('model_unavailable', 'the model is being unloaded'));
  }
  // The memory goes with the process; disposing first lets a decode that is running end in peace.
  await engine?.dispose();
  process.exit(0);
}

process.on('message', (command: LlamaCommand) => {
  if (command.type === 'load') void load(command);
  else if (command.type === 'chat') void chat(command);
  else if (command.type === 'count') count(command);
  else if (command.type === 'threads') engine?.useThreads(command.count);
  else if (command.type === 'unload') void unload();
  else {
    const entry = running.get(command.id);
    if (command.type === 'pause') {
      if (entry !== undefined) entry.paused ??= Promise.withResolvers<void>();
      return;
    }
    resume(entry);
    if (command.type === 'cancel')
      entry?.abort.abort(new CadreError('cancelled', 'the request was cancelled'));
  }
});
process.on('disconnect', () => process.exit(0));
