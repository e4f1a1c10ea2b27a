import { homedir } from 'node:os';
import { join } from 'node:path';
import { cacheEmbeddings } from '../../src/adapters/models/embedding-cache.ts';
import type { OnnxEmbedder } from '../../src/adapters/models/onnx-embedder.ts';
import { lockHome } from '../../src/adapters/stores/home-lock.ts';
import { composeHouse } from '../../src/compose/house.ts';
import { composeModels } from '../../src/compose/models.ts';
import { parseConfig } from '../../src/core/config.ts';
import type { Farm } from '../../src/core/farm.ts';
import type { Model } from '../../src/core/ports.ts';
import { benchHome, benchHouse } from './bench-house.ts';
import type { KeptModels } from './kept-models.ts';
import { DAY_MS } from './live-request.ts';

/** The product on a home of its own, with kept answers and kept vectors. */
export interface AnswerFarm {
  readonly farm: Farm;
  /** A model of the catalogue, answering from the file where it can. */
  model(id: string): Model;
  close(): Promise<void>;
}

/** Folders of the benchmark beside the home whose models it uses. */
export function answerFolders(): {
  readonly home: string;
  readonly documents: string;
  readonly words: string;
} {
  const owner = process.env['CADRE_HOME'] || join(homedir(), '.cadre');
  const home = benchHome('knowledge-declining');
  return {
    home,
    documents: join(home, 'documents'),
    words: join(owner, 'bench', 'knowledge-declining.words.jsonl'),
  };
}

export async function openAnswerFarm(
  home: string,
  kept: KeptModels,
  config: Readonly<Record<string, unknown>> = {},
): Promise<AnswerFarm> {
  const lock = lockHome(home);
  let models: Awaited<ReturnType<typeof composeModels>> | undefined;
  const model = (id: string) =>
    kept.modelOf(id, (signal) => {
      if (models === undefined) throw new Error('the farm has no models');
      return models.acquire(id, { signal, onProgress: () => undefined });
    });
  const settings = parseConfig({
    fleet: {
      memoryBudget: 8e9,
      threads: 1,
      contextTokens: 3072,
      starter: false,
      offline: true,
      stallSeconds: 3600,
    },
    limits: { requestSeconds: 86_400 },
    ...config,
  });
  const house = await composeHouse({
    ...benchHouse(settings, home),
    openModels: async (options) => {
      models = await composeModels(options);
      return keptModels(models, model, join(home, '..', 'vectors.db'));
    },
  });
  return {
    farm: house.farm,
    model,
    async close() {
      await house.close();
      lock.release();
    },
  };
}

/** The models with answers and vectors from files; who answers does not hang on the machine's speed. */
function keptModels(
  models: Awaited<ReturnType<typeof composeModels>>,
  model: (id: string) => Model,
  vectors: string,
): Awaited<ReturnType<typeof composeModels>> {
  const real = models.embedder();
  const cached = real && cacheEmbeddings(real, vectors);
  const embedder: OnnxEmbedder | undefined = real && cached && { ...real, doEmbed: cached.doEmbed };
  return {
    ...models,
    embedder: () => embedder,
    statusOf(id) {
      const status = models.statusOf(id);
      if (status === undefined || !['installed', 'loading', 'resident'].includes(status.state))
        return status;
      const { promptTokensPerSecond: _, generatedTokensPerSecond: __, ...rest } = status;
      return { ...rest, state: 'resident', memoryBytes: status.fileBytes };
    },
    acquire: async (id) => ({ model: model(id), release: () => undefined }),
    recordSpeed: () => undefined,
    async close() {
      cached?.close();
      await models.close();
    },
  };
}

/** Indexes a folder under a name and waits until it can be asked. */
export async function indexFolder(farm: Farm, name: string, folder: string): Promise<void> {
  const signal = AbortSignal.timeout(DAY_MS);
  const request = {
    name,
    sources: [{ kind: 'folder' as const, folder }],
    watch: false,
    principals: ['public'],
    replace: true,
  };
  for await (const progress of farm.index(request, signal))
    if (progress.stage === 'ready')
      process.stderr.write(
        `${name}: ${progress.summary?.documents} documents, ${progress.summary?.chunks} chunks\n`,
      );
}
