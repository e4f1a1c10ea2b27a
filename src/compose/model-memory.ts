import { open } from 'node:fs/promises';
import type { ModelEntry, ModelFile } from '../core/catalogue.ts';
import type { ReadBytes } from '../fleet/gguf-cursor.ts';
import { readGgufHeader } from '../fleet/gguf-header.ts';
import { estimateMemory } from '../fleet/gguf-memory.ts';

/** The file that holds a model's weights: the first of its entry. */
export function weightsOf(entry: ModelEntry): ModelFile {
  const file = entry.files[0];
  if (file === undefined) throw new Error(`${entry.id} names no file`);
  return file;
}

/** Bytes a model will take, from its own header: weights, cache of all slots, engine. */
export async function estimateModelMemory(
  entry: ModelEntry,
  path: string,
  contextTokens: number,
  slots: number,
): Promise<number> {
  const bytes = weightsOf(entry).bytes;
  const header = await withFileReader(path, (read) => readGgufHeader(read, bytes));
  return estimateMemory(header, contextTokens, slots);
}

/** Lends a reader of a file for the time of `work`. */
export async function withFileReader<T>(
  path: string,
  work: (read: ReadBytes) => Promise<T>,
): Promise<T> {
  const handle = await open(path, 'r');
  try {
    return await work(async (offset, length) => {
      const { buffer, bytesRead } = await handle.read(new Uint8Array(length), 0, length, offset);
      return buffer.subarray(0, bytesRead);
    });
  } finally {
    await handle.close();
  }
}
