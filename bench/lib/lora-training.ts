import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createTrainerProcess } from '../../src/adapters/models/trainer-process.ts';
import { ADAPTER_FILE, type TrainerOrder } from '../../src/core/trainer.ts';
import type { LoraTask } from './lora-tasks.ts';

/** An adapter that lies on this disk, and what it was taught. */
export interface TaughtAdapter {
  readonly path: string;
  readonly bytes: number;
  readonly hash: string;
  readonly taughtRows: number;
  readonly settings: TrainerOrder['settings'];
  readonly seed: number;
  readonly steps: number;
}

interface Teaching {
  /** Where adapters lie, one folder for each task. */
  readonly folder: string;
  readonly base: TrainerOrder['base'];
  readonly seed: number;
  /** Python with the packages of trainers/lora. */
  readonly python: string;
}

const TRAINER = resolve(import.meta.dirname, '..', '..', 'trainers', 'lora', 'train.py');
const LIMITS = { minutes: 60, threads: 1, tokens: 512, bytes: 64e6 };

/**
 * The adapter of a task: the one in the folder, where every row that it was taught is of the training
 * part, or else taught now by the trainer that `cadre train adapter` uses.
 */
export async function taughtAdapter(task: LoraTask, teaching: Teaching): Promise<TaughtAdapter> {
  const folder = join(teaching.folder, task.name);
  if (!existsSync(join(folder, 'result.json'))) await teach(task, folder, teaching);
  const path = join(folder, ADAPTER_FILE);
  const bytes = readFileSync(path);
  const order = JSON.parse(readFileSync(join(folder, 'order.json'), 'utf8')) as TrainerOrder;
  const result = JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8'));
  const hash = createHash('sha256').update(bytes).digest('hex');
  if (hash !== result.sha256) throw new Error(`${path} is not the file that was taught`);
  return {
    path,
    bytes: bytes.length,
    hash,
    taughtRows: requireTrainRows(task, join(folder, 'train.jsonl'), order),
    settings: order.settings,
    seed: order.seed,
    steps: result.steps,
  };
}

/** How many rows were taught; throws where one is not of the training part. */
function requireTrainRows(task: LoraTask, path: string, { data }: TrainerOrder): number {
  const text = readFileSync(path, 'utf8');
  if (createHash('sha256').update(text).digest('hex') !== data.sha256)
    throw new Error(`${path} does not hold the rows of order.json beside it; delete the folder`);
  const known = new Set(lineOfEach(task).map((line) => JSON.stringify(JSON.parse(line))));
  const taught = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.stringify(JSON.parse(line)));
  const foreign = taught.findIndex((line) => !known.has(line));
  if (foreign >= 0)
    throw new Error(`${path}:${foreign + 1} is no training row of ${task.name}; delete the folder`);
  return taught.length;
}

async function teach(task: LoraTask, folder: string, { base, seed, python }: Teaching) {
  if (!existsSync(python))
    throw new Error(
      `${python} is not there: \`cadre train adapter\` makes it on its first use, or say CADRE_BENCH_PYTHON`,
    );
  mkdirSync(folder, { recursive: true });
  const text = lineOfEach(task)
    .map((line) => `${line}\n`)
    .join('');
  const path = join(folder, 'train.jsonl');
  writeFileSync(path, text);
  const sha256 = createHash('sha256').update(text).digest('hex');
  const trainer = createTrainerProcess({
    id: 'lora',
    words: [python, '-B', TRAINER],
    environment: process.env,
    silenceMs: 600_000,
    graceMs: 20_000,
  });
  const data = { path, sha256, rows: task.train.length };
  await trainer.doTrain(
    { contract: 1, base, data, seed, folder, limits: LIMITS, settings: task.settings },
    {
      signal: new AbortController().signal,
      onLine: (line) => {
        if (line.type === 'progress' && line.step % 20 === 0)
          process.stdout.write(`${task.name}: step ${line.step} of ${line.steps}\n`);
      },
    },
  );
}

function lineOfEach({ train, bare }: LoraTask): readonly string[] {
  return train.map((row) => {
    const messages = bare(row).messages.map(({ role, content }) => ({
      role,
      content: content.map((part) => (part.type === 'text' ? part.text : '')).join(''),
    }));
    return JSON.stringify({ messages: [...messages, { role: 'assistant', content: row.answer }] });
  });
}
