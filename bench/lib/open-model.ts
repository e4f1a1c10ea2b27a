import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createLlamaLoader } from '../../src/adapters/models/llama-process.ts';
import { modelFilePath } from '../../src/adapters/models/model-files.ts';
import { estimateModelMemory, weightsOf } from '../../src/compose/model-memory.ts';
import { readCatalogue } from '../../src/compose/models.ts';
import type { ModelEntry } from '../../src/core/catalogue.ts';
import type { LoadedModel } from '../../src/core/ports.ts';

/**
 * A model of the catalogue on one thread, from CADRE_HOME (default ~/.cadre). There a pass for four
 * conversations takes as long as four passes (measured), so rows follow each other.
 */
export function openModel(
  id: string,
  { contextTokens, slots = 1 }: { readonly contextTokens: number; readonly slots?: number },
): Promise<LoadedModel> {
  const loader = createLlamaLoader({
    ...{ threads: 1, slots, contextTokens, batchTokens: 256, stallSeconds: 1200 },
    locate,
    estimate: (entry, tokens) => estimateModelMemory(entry, locate(entry).path, tokens, slots),
  });
  return loader.doLoad(readCatalogue().get(id), {
    signal: AbortSignal.timeout(300_000),
    onProgress: () => undefined,
    onExit: () => undefined,
  });
}

function locate(entry: ModelEntry): { readonly path: string } {
  const home = process.env['CADRE_HOME'] ?? join(homedir(), '.cadre');
  const path = modelFilePath(join(home, 'models'), weightsOf(entry));
  if (!existsSync(path))
    throw new Error(`${entry.id} is not installed; run: cadre pull ${entry.id}`);
  return { path };
}
