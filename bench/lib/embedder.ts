import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { type CachedEmbedder, cacheEmbeddings } from '../../src/adapters/models/embedding-cache.ts';
import { createOnnxEmbedder, type OnnxEmbedder } from '../../src/adapters/models/onnx-embedder.ts';
import { lockfileSchema } from '../../src/core/catalogue.ts';

/** Texts that are embedded at once. */
const BATCH = 100;
const root = resolve(import.meta.dirname, '..', '..');

/**
 * The starter farm's embedder from the folder CADRE_MODELS (files by name) or from CADRE_HOME
 * (files by hash); undefined when it is in neither.
 */
export function benchEmbedder(threads: number): OnnxEmbedder | undefined {
  const lock = lockfileSchema.parse(
    JSON.parse(readFileSync(join(root, 'models.lock.json'), 'utf8')),
  );
  const entry = lock.models.find(
    (model) => model.embedding !== undefined && model.starter !== undefined,
  );
  if (entry === undefined) return undefined;
  const home = process.env['CADRE_HOME'] || join(homedir(), '.cadre');
  const named = process.env['CADRE_MODELS'];
  const embedder = createOnnxEmbedder({
    entry,
    threads,
    locate: (file) =>
      [named && join(named, file.name), join(home, 'models', file.sha256, file.name)].find(
        (path): path is string => !!path && existsSync(path),
      ),
  });
  return embedder.isInstalled() ? embedder : undefined;
}

/**
 * The same behind a file of vectors in CADRE_HOME/bench, so that a corpus is embedded once over all
 * measurements; undefined where the embedder is not installed.
 */
export function benchCachedEmbedder(
  threads: number,
): (CachedEmbedder & { doClose(): Promise<void> }) | undefined {
  const inner = benchEmbedder(threads);
  if (inner === undefined) return undefined;
  const home = process.env['CADRE_HOME'] || join(homedir(), '.cadre');
  const cache = cacheEmbeddings(inner, join(home, 'bench', 'vectors.db'));
  return {
    ...cache,
    ...(inner.doMatch === undefined ? {} : { doMatch: inner.doMatch }),
    async doClose() {
      cache.close();
      await inner.doClose();
    },
  };
}

/** What a measurement cannot do without: where it is missing the process ends with what to do. */
export function installed<One>(embedder: One | undefined): One {
  if (embedder !== undefined) return embedder;
  process.stderr.write('The embedder is not installed: cadre pull bge-small-en-v1.5-q\n');
  process.exit(2);
}

/** One vector per text. */
export async function embedTexts(
  embedder: Pick<CachedEmbedder, 'doEmbed'>,
  texts: readonly string[],
): Promise<Float32Array[]> {
  const { signal } = new AbortController();
  const vectors: Float32Array[] = [];
  for (let start = 0; start < texts.length; start += BATCH)
    vectors.push(
      ...(await embedder.doEmbed(texts.slice(start, start + BATCH), 'passage', { signal })),
    );
  return vectors;
}
