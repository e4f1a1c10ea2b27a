import { LlamaChild } from '../../src/adapters/models/llama-child.ts';
import { bootstrapMean } from '../../src/base/statistics.ts';
import type { AdapterFile } from '../../src/core/adapter.ts';
import { textPart } from '../../src/core/chat.ts';
import { sharedMemoryOfTree } from './process-cost.ts';

const MOST_BYTES = 3e9;
const NEVER = new AbortController().signal;
const LOAD = {
  type: 'load',
  contextTokens: 1024,
  threads: 1,
  batchTokens: 256,
} as const;

/** Milliseconds of a request for one token, its way to the process and back included. */
async function ask(child: LlamaChild, text: string, adapter: AdapterFile): Promise<number> {
  const request = {
    messages: [{ role: 'user' as const, content: textPart(text) }],
    sampling: { temperature: 0 },
    maxTokens: 1,
  };
  const startedAt = performance.now();
  for await (const event of child.doChat(request, NEVER, adapter))
    if (event.type === 'ended') return performance.now() - startedAt;
  throw new Error('the answer did not end');
}

/**
 * What it costs to change the adapter of a context: a request whose prompt is kept, after one to
 * another adapter, less the same request after one to its own. Where `isLoading`, there is room for
 * one adapter alone, so that each change reads a file (from the system's cache) and frees another.
 */
export async function measureSwitch(
  path: string,
  adapters: readonly AdapterFile[],
  { rounds, seed, isLoading }: SwitchOptions,
) {
  const [one, other] = adapters;
  if (one === undefined || other === undefined) throw new Error('two adapters are needed');
  const child = await load(path, 2, isLoading ? one.bytes : MOST_BYTES);
  const text = 'Where is my card?';
  for (const adapter of [one, other]) await ask(child, text, adapter);
  const differences: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const adapter = round % 2 === 0 ? one : other;
    const switched = await ask(child, text, adapter);
    const same = await ask(child, text, adapter);
    differences.push(switched - same);
  }
  await child.doStop();
  return { ...summary(differences, seed), median: round1(median(differences)) };
}

interface SwitchOptions {
  readonly rounds: number;
  readonly seed: number;
  readonly isLoading: boolean;
}

async function load(path: string, slots: number, bytes = MOST_BYTES): Promise<LlamaChild> {
  const child = new LlamaChild('bench', 300, () => undefined);
  const adapters = { contexts: 1, bytes };
  await child.doLoad({ ...LOAD, path, slots, adapters }, () => undefined, NEVER);
  return child;
}

/** The way of a swapping proxy: a process per adapter, ended before the next one starts. */
export async function measureReload(path: string, adapters: readonly AdapterFile[], seed: number) {
  const times: number[] = [];
  const bytes: number[] = [];
  for (const adapter of adapters) {
    const startedAt = performance.now();
    const child = await load(path, 1);
    await ask(child, 'Where is my card?', adapter);
    bytes.push(sharedMemoryOfTree(child.processId ?? 0));
    const again = await ask(child, 'Where is my card?', adapter);
    await child.doStop();
    times.push(performance.now() - startedAt - again);
  }
  return { reloadMs: summary(times, seed), megabytes: Math.round(median(bytes) / 1e6) };
}

function summary(values: readonly number[], seed: number) {
  const { value, low, high } = bootstrapMean([...values], { seed });
  return { value: round1(value), interval: [round1(low), round1(high)], count: values.length };
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function round1(value: number): number {
  return Math.round(10 * value) / 10;
}
