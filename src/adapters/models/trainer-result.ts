import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CadreError } from '../../core/errors.ts';
import {
  ADAPTER_FILE,
  RESULT_FILE,
  type TrainerOrder,
  type TrainerResult,
  trainerResultSchema,
} from '../../core/trainer.ts';

const RESULT_MOST = 65_536;

/** What a trainer that ended well has left, compared with what it says. Rejects with `trainer_failed`. */
export async function readTrainerResult(
  trainer: string,
  { folder, limits }: TrainerOrder,
): Promise<TrainerResult> {
  const refuse = (why: string) => new CadreError('trainer_failed', `the trainer ${trainer} ${why}`);
  const told = await sizeOf(join(folder, RESULT_FILE));
  if (told === undefined || told > RESULT_MOST)
    throw refuse(
      told === undefined
        ? `ended without an error, and without ${RESULT_FILE}`
        : `left a ${RESULT_FILE} of ${told} bytes`,
    );
  const result = parsed(await readFile(join(folder, RESULT_FILE), 'utf8'));
  if (result === undefined) throw refuse(`left a ${RESULT_FILE} that is none of the contract`);
  const path = join(folder, ADAPTER_FILE);
  const bytes = await sizeOf(path);
  if (bytes === undefined) throw refuse(`says that it is done, and left no ${ADAPTER_FILE}`);
  if (bytes > limits.bytes)
    throw refuse(`made an adapter of ${bytes} bytes; at most ${limits.bytes} are taken`);
  if ((await hashOf(path)) !== result.sha256)
    throw refuse(`says another hash than that of its ${ADAPTER_FILE}: it is not the file it made`);
  return result;
}

/** Undefined where there is no ordinary file: a link or a pipe may lead anywhere. */
async function sizeOf(path: string): Promise<number | undefined> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isFile() ? found.size : undefined;
}

function parsed(text: string): TrainerResult | undefined {
  try {
    return trainerResultSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return hash.digest('hex');
}
