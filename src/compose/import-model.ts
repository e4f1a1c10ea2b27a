import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, isAbsolute } from 'node:path';
import type { OwnModels } from '../adapters/models/own-models.ts';
import { type ModelEntry, modelEntrySchema, type PullProgress } from '../core/catalogue.ts';
import { CadreError } from '../core/errors.ts';
import { fileTrouble } from '../core/file-trouble.ts';
import type { ModelMaking } from '../core/quantisation.ts';
import type { Catalogue } from '../fleet/catalogue.ts';
import { type GgufHeader, readGgufHeader } from '../fleet/gguf-header.ts';
import type { ModelPuller } from '../fleet/puller.ts';
import { withFileReader } from './model-memory.ts';

interface ImportParts {
  readonly catalogue: Catalogue;
  readonly own: OwnModels;
  readonly puller: ModelPuller;
}

type ImportWish = Parameters<ModelMaking['importModel']>[0];

/**
 * Takes a file of the user's own in as a model: read and hashed, then copied and verified as any
 * other. Rejects with `invalid_request`, `conflict` (a name of the catalogue),
 * `model_damaged`, `disk_full`.
 */
export async function* importModel(
  { catalogue, own, puller }: ImportParts,
  wish: ImportWish,
  signal: AbortSignal,
): AsyncGenerator<PullProgress> {
  const entry = await entryOf(wish, signal);
  const known = catalogue.find(entry.id);
  if (known !== undefined && !own.entries.includes(known))
    throw new CadreError(
      'conflict',
      `${entry.id} is a model of the catalogue; choose another name`,
      { param: 'id' },
    );
  catalogue.add(entry);
  try {
    for await (const progress of puller.pull(entry, { signal })) {
      if (progress.stage === 'ready') own.add(entry);
      yield progress;
    }
  } finally {
    if (!own.entries.includes(entry)) forget(catalogue, entry.id, known);
  }
}

/** What could not be taken in leaves the catalogue as it was. */
function forget(catalogue: Catalogue, id: string, known: ModelEntry | undefined): void {
  if (known === undefined) catalogue.remove(id);
  else catalogue.add(known);
}

async function entryOf({ file, id }: ImportWish, signal: AbortSignal): Promise<ModelEntry> {
  if (!isAbsolute(file))
    throw new CadreError('invalid_request', `the path “${file}” is not absolute`, {
      param: 'file',
    });
  try {
    const { header, bytes } = await headerOf(file);
    const name = basename(file).replace(/[^\w.-]/g, '_');
    const sha256 = await hashOf(file, signal);
    return modelEntrySchema.parse({
      id: id ?? idOf(file),
      title: basename(file),
      licence: 'own file',
      architecture: header.architecture,
      format: 'gguf',
      parameters: header.parameterCount,
      contextLength: header.contextLength,
      capabilities: header.chatTemplate?.includes('tools') === true ? ['chat', 'tools'] : ['chat'],
      files: [{ name, bytes, sha256, sources: [`file:${file}`] }],
    });
  } catch (error) {
    const trouble = fileTrouble(error, file);
    if (trouble === undefined) throw error;
    // The file is the caller's, not the farm's.
    throw new CadreError('invalid_request', trouble.message, { param: 'file', cause: error });
  }
}

async function headerOf(
  file: string,
): Promise<{ readonly header: GgufHeader; readonly bytes: number }> {
  const bytes = (await stat(file)).size;
  return withFileReader(file, async (read) => ({
    header: await readGgufHeader(read, bytes),
    bytes,
  }));
}

async function hashOf(file: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(file)) {
    signal.throwIfAborted();
    hash.update(piece);
  }
  return hash.digest('hex');
}

/** `My Model.Q4_0.gguf` → `my-model.q4_0`. Throws `invalid_request` where nothing is left. */
export function idOf(file: string): string {
  const id = basename(file)
    .replace(/\.gguf$/i, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '');
  if (id !== '') return id;
  throw new CadreError('invalid_request', `“${basename(file)}” gives no name; choose one`, {
    param: 'id',
  });
}
