import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { quantiseFile } from '../../src/adapters/models/quantiser.ts';
import type { Quantisation } from '../../src/core/quantisation.ts';
import type { TaughtAdapter } from './lora-training.ts';

/** A base with its adapter written in, as one file. */
export interface MergedModel {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** As `cadre quantise NAME --to FORMAT` makes it; kept beside the adapter. */
export async function mergedModel(
  adapter: TaughtAdapter,
  base: { readonly path: string; readonly sha256: string },
  format: Quantisation,
): Promise<MergedModel> {
  const folder = dirname(adapter.path);
  const of = `${base.sha256.slice(0, 12)}-${adapter.hash.slice(0, 12)}-${format}`;
  const path = join(folder, `${of}.gguf`);
  const note = join(folder, `${of}.json`);
  if (!existsSync(note)) {
    const target = `${path}.partial`;
    const made = await quantiseFile(
      { source: base.path, target, format, adapter: adapter.path },
      { signal: new AbortController().signal, onProgress: () => undefined },
    );
    renameSync(target, path);
    writeFileSync(note, JSON.stringify(made));
  }
  const { sha256, bytes } = JSON.parse(readFileSync(note, 'utf8')) as MergedModel;
  return { path, sha256, bytes };
}
