import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MadeReply, RowsFile, RowsReply } from '../adapters/models/classifier-protocol.ts';
import { readRowsInThread } from '../adapters/models/classifier-training.ts';
import type { ModelEntry } from '../core/catalogue.ts';
import type { SpokeConfig } from '../core/config.ts';
import { CadreError } from '../core/errors.ts';
import { fileTrouble } from '../core/file-trouble.ts';
import type { ObjectStore } from '../core/objects.ts';
import type { SpecialistManifest } from '../core/specialist.ts';
import { ADAPTER_FILE, TRAINER_CONTRACT, type TrainerLine } from '../core/trainer.ts';
import { isOverJob, type TrainingJobBody, type TrainingOrderWords } from '../core/training-job.ts';
import { adapterAsks } from '../learn/adapter-asks.ts';
import { adapterReport } from '../learn/adapter-report.ts';
import type { GeneralistAsk } from '../learn/generalist-question.ts';
import { type Lend, measureAnswers } from './adapter-measuring.ts';
import type { Models } from './models.ts';
import type { FindTrainer, TrainerPlace } from './trainers.ts';

export interface AdapterParts {
  readonly trainers: FindTrainer;
  readonly models: Pick<Models, 'statusOf' | 'acquire' | 'acquireAdapted' | 'threadLease'> & {
    readonly catalogue: Pick<Models['catalogue'], 'find'>;
    readonly adapters: Pick<Models['adapters'], 'checked' | 'keep'>;
  };
  readonly pathOf: (entry: ModelEntry) => string;
  /** Spokes of the configuration, by which a base may be named too. */
  readonly spokes: () => readonly SpokeConfig[];
  /** Where trainers work, one folder for each job. */
  readonly folder: string;
}

export interface AdapterWish {
  readonly job: string;
  readonly order: TrainingOrderWords;
  readonly data: RowsFile;
  readonly test?: RowsFile;
  /** The version that serves, where it is an adapter. */
  readonly incumbent?: {
    readonly version: number;
    readonly attempt: number;
    readonly bytes: Uint8Array;
    readonly taught: Uint8Array;
    readonly manifest: Pick<SpecialistManifest, 'base' | 'contentHash'>;
  };
  readonly signal: AbortSignal;
  readonly onProgress: (progress: AdapterProgress) => void;
}

/** Where the making of an adapter stands. */
export type AdapterProgress =
  | {
      readonly stage: 'environment';
      readonly done: number;
      readonly total: number;
      readonly name: string;
    }
  | { readonly stage: 'rows'; readonly rows: number; readonly measured: number }
  | { readonly stage: 'trainer'; readonly line: TrainerLine }
  | { readonly stage: 'measuring'; readonly done: number; readonly total: number };

export type MadeAdapter = MadeReply &
  Required<Pick<SpecialistManifest, 'base'>> & {
    /** Some rows that it was measured on, as another model is asked them. */
    readonly asks: readonly GeneralistAsk[];
  };

/** Whether a job could begin now. Throws `invalid_request`, `model_unavailable` or `trainer_missing`. */
export async function requireAdapterOrder(
  parts: AdapterParts,
  { adapter }: TrainingOrderWords,
): Promise<void> {
  if (adapter === undefined)
    throw new CadreError('invalid_request', 'name the local model that is adapted', {
      param: 'base',
    });
  baseOf(parts, adapter.base);
  await requireEnvironment(parts.trainers(adapter.trainer), adapter.mayInstall);
}

/**
 * Lets a trainer make an adapter and measures it. Nothing that the trainer says is believed but where it
 * stands: its file is read, compared with the base, and asked rows that it never saw.
 */
export async function makeAdapter(parts: AdapterParts, wish: AdapterWish): Promise<MadeAdapter> {
  const { job, order, signal, onProgress } = wish;
  const { base: wanted = '', trainer: trainerId = '', mayInstall = false } = order.adapter ?? {};
  const entry = baseOf(parts, wanted);
  const place = parts.trainers(trainerId);
  await requireEnvironment(place, mayInstall);
  if (place.environment !== undefined && !(await place.environment.isReady()))
    await place.environment.doMake(signal, (done, total, name) =>
      onProgress({ stage: 'environment', done, total, name }),
    );
  const rows = await readRowsInThread(
    {
      type: 'rows',
      data: wish.data,
      ...(wish.test && { test: wish.test }),
      ...(wish.incumbent && { incumbentTaught: wish.incumbent.taught }),
    },
    { signal, withThread: parts.models.threadLease.withThread },
  );
  onProgress({ stage: 'rows', rows: rows.count, measured: rows.measured.length });
  // A model that cannot be loaded is told before hours of training, not after.
  (await parts.models.acquire(entry.id, { signal, priority: 'background' })).release();
  const folder = join(parts.folder, job);
  const base = { model: entry.id, hash: entry.files[0]?.sha256 ?? '' };
  const data = await writeRows(folder, rows);
  await parts.models.threadLease.during(
    {
      holder: `trainer ${place.trainer.id}`,
      priority: 'background',
      most: place.limits.threads,
      isFixed: true,
    },
    { signal },
    () =>
      place.trainer.doTrain(
        {
          contract: TRAINER_CONTRACT,
          base: { id: entry.id, path: parts.pathOf(entry), sha256: base.hash },
          ...{ data, seed: order.seed, folder, limits: place.limits, settings: place.settings },
        },
        { signal, onLine: (line) => onProgress({ stage: 'trainer', line }) },
      ),
  );
  const path = join(folder, ADAPTER_FILE);
  await parts.models.adapters.checked(entry, path);
  const bytes = await readFile(path);
  const judged = await reportOf(parts, wish, { entry, rows, path, bytes: bytes.length });
  const { taught, dataHash, testHash } = rows;
  return { type: 'made', bytes, taught, ...judged, dataHash, testHash, base };
}

/** Deletes the folders of jobs that are over, or gone. */
export async function tidyTrainers(folder: string, objects: ObjectStore): Promise<void> {
  for (const job of await readdir(folder).catch(() => [])) {
    const row = await objects.doGetObject('fine_tuning_job', job);
    if (row === undefined || isOverJob(row.body as TrainingJobBody))
      await rm(join(folder, job), { recursive: true, force: true });
  }
}

async function reportOf(
  { models }: AdapterParts,
  { order, incumbent, signal, onProgress, test }: AdapterWish,
  made: {
    readonly entry: ModelEntry;
    readonly rows: RowsReply;
    readonly path: string;
    readonly bytes: number;
  },
) {
  const { entry, rows, path, bytes } = made;
  const options = (end: AbortSignal) => ({ signal: end, priority: 'background' as const });
  const measured = await measureAnswers({
    rows: rows.measured,
    own: (end) => models.acquireAdapted(entry.id, path, options(end)),
    base: (end) => models.acquire(entry.id, options(end)),
    incumbent: incumbent && (await lendIncumbent(models, incumbent)),
    signal,
    onRow: (done, total) => onProgress({ stage: 'measuring', done, total }),
  });
  const report = adapterReport({
    rows: rows.count,
    leftOut: rows.leftOut,
    warnings: rows.warnings,
    measuredOn: test === undefined ? 'held-out' : 'test',
    judged: measured.own,
    instructions: rows.instructions,
    instructed: rows.measured.map((row) => row.instruction),
    base: { id: entry.id, judged: measured.base },
    ...(incumbent && {
      incumbent: {
        version: incumbent.version,
        attempt: incumbent.attempt,
        bytes: incumbent.bytes.length,
        judged: measured.incumbent,
      },
    }),
    bytes,
    seed: order.seed,
  });
  const judged = rows.measured.flatMap((row, at) => {
    const own = measured.own[at];
    return own === undefined ? [] : [{ ...row, isRight: own.isRight }];
  });
  return { report, asks: adapterAsks(judged, rows.shown, order.seed) };
}

async function lendIncumbent(
  models: AdapterParts['models'],
  { bytes, manifest }: NonNullable<AdapterWish['incumbent']>,
): Promise<Lend | undefined> {
  const { base, contentHash } = manifest;
  if (base === undefined) return undefined;
  const path = await models.adapters.keep(contentHash, bytes);
  return (signal) => models.acquireAdapted(base.model, path, { signal, priority: 'background' });
}

/** The local model that a spoke or the catalogue names. */
function baseOf({ models, spokes }: AdapterParts, name: string): ModelEntry {
  const id = spokes().find((spoke) => spoke.id === name)?.model ?? name;
  const entry = models.catalogue.find(id);
  const problem = (words: string) =>
    new CadreError('invalid_request', `“${name.slice(0, 100)}” ${words}`, { param: 'base' });
  if (entry === undefined) throw problem('is no model of the catalogue, and no spoke of one');
  if (entry.format !== 'gguf') throw problem('does not answer in words: no adapter changes it');
  const state = models.statusOf(id)?.state;
  if (state === 'absent' || state === 'pulling' || state === 'damaged')
    throw new CadreError('model_unavailable', `${id} is not here; \`cadre pull ${id}\` fetches it`);
  return entry;
}

async function requireEnvironment({ trainer, environment }: TrainerPlace, mayInstall: boolean) {
  if (environment === undefined || mayInstall || (await environment.isReady())) return;
  throw new CadreError(
    'trainer_missing',
    `the trainer ${trainer.id} runs on Python packages that are not here yet: ${(environment.bytes / 1e9).toFixed(1)} GB on the disk, some minutes on a fast line, once; \`install: true\` lets the farm fetch them`,
  );
}

async function writeRows(folder: string, { lines, count }: RowsReply) {
  const path = join(folder, 'rows.jsonl');
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(`${path}.partial`, lines, { mode: 0o600 });
    await rename(`${path}.partial`, path);
  } catch (error) {
    throw fileTrouble(error, path) ?? error;
  }
  return { path, sha256: createHash('sha256').update(lines).digest('hex'), rows: count };
}
