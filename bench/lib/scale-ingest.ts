import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { benchEmbedder } from './embedder.ts';
import { copyInstalledTexts } from './installed-texts.ts';
import { cpuOfTree } from './process-cost.ts';
import { openLibrary } from './scale-library.ts';

/** About a thousand chunks. */
const CHARACTERS = 200_000;
const CALL = 32;
const { signal } = new AbortController();

/**
 * Chunks per second with the real embedder beside the embedder alone over the same texts, half of
 * them before and half after, so that a busy machine burdens both. Undefined where the embedder is
 * not installed.
 */
export async function measureIngest(parent: string): Promise<Record<string, number> | undefined> {
  const embedder = benchEmbedder(1);
  if (embedder === undefined) return undefined;
  await embedder.doLoad({ signal });
  const home = join(parent, 'ingest');
  const folder = join(home, 'texts');
  mkdirSync(home, { recursive: true });
  copyInstalledTexts(folder, CHARACTERS);
  const texts = await textsOf(join(home, 'words'), folder);
  const bare = async (from: number, to: number) => {
    for (let at = from; at < to; at += CALL)
      await embedder.doEmbed(texts.slice(at, Math.min(to, at + CALL)), 'passage', { signal });
  };
  const half = texts.length >> 1;
  const before = await lap(() => bare(0, half));
  const library = await openLibrary(home, embedder);
  const whole = await lap(() => library.index('docs', folder));
  const after = await lap(() => bare(half, texts.length));
  await library.close();
  await embedder.doClose();
  const bareSeconds = before.seconds + after.seconds;
  const bareCpuSeconds = before.cpu + after.cpu;
  return {
    chunks: texts.length,
    seconds: whole.seconds,
    bareSeconds,
    ratio: bareSeconds / whole.seconds,
    cpuSeconds: whole.cpu,
    bareCpuSeconds,
    cpuRatio: bareCpuSeconds / whole.cpu,
  };
}

async function textsOf(home: string, folder: string): Promise<string[]> {
  mkdirSync(home, { recursive: true });
  const library = await openLibrary(home);
  await library.index('docs', folder);
  const texts: string[] = [];
  for await (const chunk of library.store.doReadChunks('docs')) texts.push(chunk.indexText);
  await library.close();
  return texts;
}

async function lap(work: () => Promise<unknown>): Promise<{ seconds: number; cpu: number }> {
  const began = performance.now();
  const spent = cpuOfTree(process.pid);
  await work();
  return {
    seconds: (performance.now() - began) / 1000,
    cpu: (cpuOfTree(process.pid) - spent) / 1e6,
  };
}
