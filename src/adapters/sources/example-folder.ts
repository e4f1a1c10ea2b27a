import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CadreError } from '../../core/errors.ts';

export interface ExampleFolder {
  /** Sorted by path, so that the same files give the same model. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
  /** SHA-256 over names and bytes, hex. */
  readonly fingerprint: string;
}

const ENDINGS = /\.(txt|csv|jsonl)$/i;
const BYTES_MOST = 64_000_000;

/**
 * Reads the files of labelled examples of one folder (not below it); other endings and hidden files
 * are left out. Rejects with `config_invalid` when the folder is missing, holds no examples, is
 * not UTF-8, or is larger than 64 MB.
 */
export async function readExampleFolder(
  folder: string,
  signal: AbortSignal,
): Promise<ExampleFolder> {
  const names = await listed(folder);
  const hash = createHash('sha256');
  const files: { path: string; text: string }[] = [];
  let total = 0;
  for (const name of names) {
    signal.throwIfAborted();
    total += (await stat(join(folder, name))).size;
    if (total > BYTES_MOST)
      throw invalid(folder, `holds more than ${BYTES_MOST} bytes of examples`);
    const bytes = await readFile(join(folder, name));
    hash.update(`${name}\0${bytes.length}\0`).update(bytes);
    files.push({ path: name, text: decoded(folder, name, bytes) });
  }
  if (files.length === 0) throw invalid(folder, 'holds no .txt, .csv or .jsonl file of examples');
  return { files, fingerprint: hash.digest('hex') };
}

async function listed(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
      .map((entry) => entry.name)
      .filter((name) => ENDINGS.test(name))
      .sort();
  } catch (error) {
    throw invalid(folder, `cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}

function decoded(folder: string, name: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replaceAll('\r\n', '\n');
  } catch {
    throw invalid(join(folder, name), 'is not UTF-8 text');
  }
}

function invalid(place: string, problem: string): CadreError {
  return new CadreError('config_invalid', `examples ${place}: ${problem}`, { param: 'examples' });
}
