import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { MadeReply, RowsFile } from '../adapters/models/classifier-protocol.ts';
import { makeInThread, type TrainingEmbedder } from '../adapters/models/classifier-training.ts';
import { CadreError } from '../core/errors.ts';
import type { ObjectRow, ObjectStore } from '../core/objects.ts';
import type { Clock } from '../core/ports.ts';
import { type SpecialistManifest, type SpecialistReport, versionName } from '../core/specialist.ts';
import { storedBytes } from '../core/stored-bytes.ts';
import type { TrainingData, TrainingEvent, TrainingJobBody } from '../core/training-job.ts';
import { asksOf } from '../learn/generalist-question.ts';
import type { SpecialistRegistry } from '../learn/specialist-registry.ts';
import type { StoredVersion } from '../learn/version-keeping.ts';
import { adapterTeller } from './adapter-story.ts';
import {
  type AdapterParts,
  type AdapterWish,
  type MadeAdapter,
  makeAdapter,
  tidyTrainers,
} from './adapter-training.ts';
import { besideGeneralist, type GeneralistModels } from './beside-generalist.ts';
import { givenLabels } from './given-labels.ts';
import type { SpecialistRoom } from './specialist-room.ts';
import { statedReport } from './stated-report.ts';
import { readTraffic, type TrafficStore } from './traffic-reading.ts';
import { eventOf } from './training-story.ts';
import { generalistTeller, progressTeller, standing } from './training-words.ts';
import { VERSION } from './version.ts';

/** Runs one job to a version in the registry. */
export type RunTraining = (
  row: ObjectRow,
  options: {
    readonly signal: AbortSignal;
    /** Rejects once the job is no longer this process's, by a look into the store. */
    readonly requireOwn: () => Promise<void>;
    readonly say: (event: Omit<TrainingEvent, 'place'>) => Promise<void>;
  },
) => Promise<{ readonly result: string; readonly rows: number }>;

interface RunParts {
  readonly objects: ObjectStore;
  readonly traffic: TrafficStore;
  readonly registry: SpecialistRegistry;
  readonly room: SpecialistRoom;
  readonly adapters: AdapterParts;
  /** The embedder where it is installed. */
  readonly embedder: () => TrainingEmbedder | undefined;
  /** Models that a specialist is compared with. */
  readonly generalists: GeneralistModels;
  readonly clock: Clock;
  /** Watts of all cores that a request keeps busy: of a language model, else of one. */
  readonly watts: (kind: SpecialistManifest['kind']) => number;
  /** Bytes that a key may store, its files and specialists together. */
  readonly storedBytesPerKey: () => number;
}

export function createTrainingRun(parts: RunParts): RunTraining {
  const { registry, room, clock } = parts;
  return async (row, { signal, requireOwn, say }) => {
    const { order } = row.body as TrainingJobBody;
    // A process that was killed before the job's end may have made it already.
    const known = (await registry.versions(order.name)).find(
      (one) => one.body.manifest.job === row.id,
    );
    const version = known ?? (await makeTidily(parts, row, { signal, requireOwn, say }));
    const { manifest, stage } = version.body;
    const isLive =
      stage === 'candidate'
        ? await room.admit(version, order.promote, requireOwn)
        : stage === 'live';
    const result = versionName(manifest);
    await say(
      eventOf(clock.now(), standing(result, manifest.report, isLive), {
        specialist: result,
        live: isLive,
        report: manifest.report,
      }),
    );
    return { result, rows: manifest.report.rows };
  };
}

/** What a trainer has kept is there for the next start of the same job, and for nobody else. */
async function makeTidily(
  parts: RunParts,
  row: ObjectRow,
  options: Parameters<RunTraining>[1],
): Promise<StoredVersion> {
  const { folder } = parts.adapters;
  try {
    return await makeVersion(parts, row, options);
  } finally {
    if (!options.signal.aborted) await rm(join(folder, row.id), { recursive: true, force: true });
    await tidyTrainers(folder, parts.objects);
  }
}

async function makeVersion(
  parts: RunParts,
  row: ObjectRow,
  { signal, requireOwn, say }: Parameters<RunTraining>[1],
): Promise<StoredVersion> {
  const { registry } = parts;
  const { order, isPrivate = false } = row.body as TrainingJobBody;
  await requireRoom(parts, row.key, 1);
  const live = await parts.room.liveOf(order.name);
  requireKind(order, live);
  const { made, source } = await make(parts, row, live, { signal, say });
  const report = await withGeneralist(parts, order, made, { signal, say });
  signal.throwIfAborted();
  await requireRoom(parts, row.key, made.bytes.length + made.taught.length);
  return registry.add(
    {
      name: order.name,
      kind: order.kind,
      code: VERSION,
      seed: order.seed,
      parent: live?.body.manifest.version ?? null,
      job: row.id,
      data: {
        hash: made.dataHash,
        name: source,
        provenance: provenanceOf(order),
        ...(order.described && { described: order.described }),
        testHash: made.testHash,
        ...(made.sources && { sources: made.sources }),
      },
      ...(made.base && { base: made.base }),
      report: statedReport(report, order, parts.watts(order.kind)),
    },
    row.key,
    made,
    { by: row.key, reason: `trained on ${source}`, isPrivate },
    requireOwn,
  );
}

/** The bytes of a job's model with their figures, and the name of what taught it. */
async function make(
  parts: RunParts,
  row: ObjectRow,
  live: StoredVersion | undefined,
  { signal, say }: Pick<Parameters<RunTraining>[1], 'signal' | 'say'>,
): Promise<{ readonly made: Made; readonly source: string }> {
  const { clock } = parts;
  const { order } = row.body as TrainingJobBody;
  const data =
    order.data.kind === 'traffic'
      ? await readTraffic(parts.traffic, {
          ...order.data,
          given: await givenLabels(parts.objects, order.data.capability),
          name: order.name,
          until: row.createdAt,
          signal,
        })
      : await fileOf(parts.objects, order.data, row.key, 'training_file');
  const test =
    order.test === null || order.test.kind === 'traffic'
      ? undefined
      : await fileOf(parts.objects, order.test, row.key, 'validation_file');
  const incumbent = live === undefined ? {} : await incumbentOf(parts.registry, live);
  const files = { data, ...(test && { test }), ...incumbent };
  const made =
    order.kind === 'adapter'
      ? await makeAdapter(parts.adapters, {
          ...files,
          job: row.id,
          order,
          signal,
          onProgress: adapterTeller(clock, say),
        })
      : await makeInThread(
          {
            ...files,
            type: order.kind,
            ...(order.data.kind === 'traffic' ? { isTraffic: true } : {}),
            seed: order.seed,
            ...(order.target === null ? {} : { target: order.target }),
            ...(order.tolerance === undefined ? {} : { tolerance: order.tolerance }),
          },
          {
            embedder: parts.embedder(),
            withThread: parts.adapters.models.threadLease.withThread,
            signal,
            onProgress: progressTeller(clock, say),
          },
        );
  return { made, source: data.name };
}

/** What took half an hour to make is worth some minutes: its rows are longer, and come after examples. */
const ADAPTER_PATIENCE_MS = 300_000;

/** The report with what the local generalist makes of the same rows, where it can be asked them. */
async function withGeneralist(
  { generalists, clock }: RunParts,
  { kind, isAlone, seed }: TrainingJobBody['order'],
  made: Made,
  { signal, say }: Pick<Parameters<RunTraining>[1], 'signal' | 'say'>,
): Promise<SpecialistReport> {
  const { report } = made;
  const asks = made.asks ?? rowAsks(kind, made);
  if (asks === undefined || isAlone === true) return report;
  const onRow = generalistTeller(clock, say);
  const patience = kind === 'adapter' ? { deadlineMs: ADAPTER_PATIENCE_MS } : {};
  const wish = { asks, seed, signal, onRow, ...patience };
  return { ...report, generalist: await besideGeneralist(generalists, wish) };
}

function rowAsks(
  kind: TrainingJobBody['order']['kind'],
  { report, sample, shown = [] }: Made,
): MadeAdapter['asks'] | undefined {
  if (kind === 'adapter' || kind === 'rank' || sample === undefined) return undefined;
  return asksOf(kind, { ...report, shown }, sample);
}

function provenanceOf({ data, described }: TrainingJobBody['order']) {
  if (described !== undefined) return 'description';
  return data.kind === 'path' ? 'file' : data.kind;
}

type Made = MadeReply & Partial<Pick<MadeAdapter, 'base' | 'asks'>>;

/** A name goes on doing what it does: its clients count on the shape of its answers. */
function requireKind(
  { name, kind }: TrainingJobBody['order'],
  live: StoredVersion | undefined,
): void {
  const known = live?.body.manifest.kind ?? kind;
  if (known !== kind)
    throw new CadreError(
      'conflict',
      `${name} is a specialist for ${known}, not for ${kind}; choose another name`,
      { param: 'name' },
    );
}

/** Throws `storage_full` where so many bytes are more than the key may store. */
async function requireRoom(
  { objects, storedBytesPerKey }: RunParts,
  key: string,
  bytes: number,
): Promise<void> {
  const most = storedBytesPerKey();
  if ((await storedBytes(objects, key)) + bytes > most)
    throw new CadreError(
      'storage_full',
      `with this specialist the key would store more than ${most} bytes`,
    );
}

async function incumbentOf(
  registry: SpecialistRegistry,
  live: StoredVersion,
): Promise<Pick<AdapterWish, 'incumbent'>> {
  try {
    const { bytes, taught } = await registry.read(live);
    const { name, version } = live.body.manifest;
    const compared = (await registry.versions(name)).filter(
      ({ body }) => body.manifest.report.comparison?.version === version,
    );
    const { manifest } = live.body;
    return { incumbent: { version, attempt: compared.length + 1, bytes, taught, manifest } };
  } catch {
    // Nothing can be compared with what is damaged.
    return {};
  }
}

async function fileOf(
  objects: ObjectStore,
  data: Exclude<TrainingData, { kind: 'traffic' }>,
  key: string,
  param: string,
): Promise<RowsFile> {
  if (data.kind === 'path') return { name: basename(data.path), path: data.path };
  const row = await objects.doGetObject('file', data.file);
  if (row === undefined || row.key !== key)
    throw new CadreError('object_not_found', `the file ${data.file} was deleted`, { param });
  const pieces: Uint8Array[] = [];
  for await (const part of objects.doReadParts('file', data.file)) pieces.push(part.bytes);
  const name = typeof row.body['filename'] === 'string' ? row.body['filename'] : data.file;
  return { name, bytes: Buffer.concat(pieces) };
}
