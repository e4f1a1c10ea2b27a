import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type MicroModelParts, readMicroModel } from '../../base/micro-model.ts';
import { CadreError } from '../../core/errors.ts';

/** The model in a file; undefined when there is none. Rejects with `model_damaged`. */
export async function readClassifierFile(file: string): Promise<MicroModelParts | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw damaged(file, error);
  }
  try {
    return readMicroModel(bytes);
  } catch (error) {
    throw damaged(file, error);
  }
}

/** Replaces the file in one step: a reader sees the old or the new model, also after a crash. */
export async function writeClassifierFile(file: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const temporary = `${file}.${randomUUID()}.part`;
  try {
    const handle = await open(temporary, 'wx');
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

function damaged(file: string, error: unknown): CadreError {
  const reason = error instanceof Error ? error.message : String(error);
  return new CadreError('model_damaged', `classifier ${file}: ${reason}`);
}
