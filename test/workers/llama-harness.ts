import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createLlamaLoader,
  type LlamaLoaderOptions,
} from '../../src/adapters/models/llama-process.ts';
import type { ModelEntry } from '../../src/core/catalogue.ts';
import { textPart } from '../../src/core/chat.ts';
import type { LoadedModel, Model, ModelEvent, ModelRequest } from '../../src/core/ports.ts';
import { type RandomModelOptions, writeRandomModel } from '../fixtures/random-gguf.ts';

export const NEVER = new AbortController().signal;

export const ENTRY: ModelEntry = {
  id: 'random',
  title: 'Random weights',
  licence: 'Apache-2.0',
  architecture: 'llama',
  format: 'gguf',
  parameters: 30_000,
  contextLength: 4096,
  capabilities: ['chat', 'tools'],
  files: [
    { name: 'random.gguf', bytes: 149_536, sha256: '0'.repeat(64), sources: ['file:random.gguf'] },
  ],
};

/** A folder of its own with a random model in it. */
export function randomModel(options: RandomModelOptions = { seed: 1 }): {
  readonly path: string;
  readonly remove: () => void;
} {
  const folder = mkdtempSync(join(tmpdir(), 'cadre-llama-'));
  const path = join(folder, 'random.gguf');
  writeRandomModel(path, options);
  return { path, remove: () => rmSync(folder, { recursive: true }) };
}

/** Loading itself does not ask for the estimate. */
export const estimateNothing = async () => 0;

export function loadModel(
  path: string,
  options: Partial<LlamaLoaderOptions> = {},
  onExit: (reason: string) => void = () => undefined,
  onMemory: () => void = () => undefined,
): Promise<LoadedModel> {
  return createLlamaLoader({
    threads: 1,
    slots: 1,
    contextTokens: 2048,
    batchTokens: 64,
    stallSeconds: 60,
    locate: () => ({ path }),
    estimate: estimateNothing,
    ...options,
  }).doLoad(ENTRY, { signal: NEVER, onProgress: () => undefined, onExit, onMemory });
}

export function request(text: string, more: Partial<ModelRequest> = {}): ModelRequest {
  return {
    messages: [{ role: 'user', content: textPart(text) }],
    sampling: { temperature: 0 },
    maxTokens: 40,
    ...more,
  };
}

export interface Answer {
  readonly text: string;
  readonly events: readonly ModelEvent[];
  readonly ended: Extract<ModelEvent, { type: 'ended' }>;
  readonly read: Extract<ModelEvent, { type: 'prompt-read' }>;
}

export async function ask(
  model: Model,
  asked: ModelRequest,
  signal: AbortSignal = NEVER,
): Promise<Answer> {
  const events: ModelEvent[] = [];
  let text = '';
  for await (const event of model.doChat(asked, { signal })) {
    events.push(event);
    if (event.type === 'text') text += event.text;
  }
  const [read] = events;
  const ended = events.at(-1);
  if (ended?.type !== 'ended' || read?.type !== 'prompt-read')
    throw new Error(`an answer begins with prompt-read and ends with ended: ${read?.type}`);
  return { text, events, ended, read };
}
