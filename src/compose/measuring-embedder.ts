import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type CachedEmbedder, cacheEmbeddings } from '../adapters/models/embedding-cache.ts';
import { modelFilePath } from '../adapters/models/model-files.ts';
import { createOnnxEmbedder } from '../adapters/models/onnx-embedder.ts';
import { EMBEDDER, readCatalogue } from './models.ts';

/**
 * The home's embedder for a measurement, without a farm around it; each text is embedded once over all
 * measurements, in `bench/vectors.db` of the home. Undefined where the embedder is not installed.
 */
export function openMeasuringEmbedder(
  home: string,
): (CachedEmbedder & { doClose(): Promise<void> }) | undefined {
  const embedder = createOnnxEmbedder({
    entry: readCatalogue().get(EMBEDDER),
    threads: 1,
    locate: (file) => [modelFilePath(join(home, 'models'), file)].find((path) => existsSync(path)),
  });
  if (!embedder.isInstalled()) return undefined;
  const cached = cacheEmbeddings(embedder, join(home, 'bench', 'vectors.db'));
  return {
    ...cached,
    async doClose() {
      cached.close();
      await embedder.doClose();
    },
  };
}
