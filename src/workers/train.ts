import { once } from 'node:events';
import { constants, platform, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type {
  FolderOrder,
  MadeReply,
  QueueOrder,
  QueueReply,
  RowsReply,
  SpecialistOrder,
  TrainedReply,
  TrainingOrder,
  TrainingReply,
  VectorsMessage,
} from '../adapters/models/classifier-protocol.ts';
import { readMicroModel, writeMicroModel } from '../base/micro-model.ts';
import type { LabelledText } from '../base/ngram-classifier.ts';
import { readSpanTagger } from '../base/span-tagger.ts';
import { CadreError, toCadreError } from '../core/errors.ts';
import type { TrafficText } from '../core/labelling.ts';
import { type CuratedRows, curateRows, lineOf } from '../learn/curated-rows.ts';
import { readExamples } from '../learn/examples.ts';
import { keepRows } from '../learn/kept-rows.ts';
import { isGiven, queueRows } from '../learn/label-queue.ts';
import { type LabelledRows, readLabelledRows } from '../learn/labelled-rows.ts';
import { makeExtract } from '../learn/make-extract.ts';
import { type IntentsInput, makeIntents } from '../learn/make-intents.ts';
import { RowKeys } from '../learn/row-keys.ts';
import { readSpanRows } from '../learn/span-rows.ts';
import { testRows } from '../learn/test-rows.ts';
import { poolTexts, rowsOfTraffic, type TrafficRows } from '../learn/traffic-rows.ts';
import { trainMicroModel } from '../learn/train-micro-model.ts';
import { type TrainingInput, textsToEmbed } from '../learn/training-set.ts';
import { nearWarnings } from '../learn/training-warnings.ts';
import { redactText } from '../policy/redaction.ts';
import { evenHash, keyOf, readRows, rowsOfAdapter } from './train-rows.ts';

/** Linux has a priority for each thread; elsewhere this would slow down the whole farm. */
if (platform() === 'linux') setPriority(0, constants.priority.PRIORITY_LOW);

/** A thread that trains one micro-model, or asks one what people should label, and ends. */
async function train(
  order: TrainingOrder,
): Promise<TrainedReply | MadeReply | RowsReply | QueueReply> {
  if (order.type === 'queue') return queue(order);
  if (order.type === 'folder') return trainFolder(order);
  if (order.type === 'rows') return rowsOfAdapter(order);
  return order.type === 'extract' ? trainExtract(order) : trainIntents(order);
}

async function queue(order: QueueOrder & Pick<TrainingOrder, 'embedder'>): Promise<QueueReply> {
  const { texts, limit, seed, embedder } = order;
  const pools = poolTexts(texts, (text) => redactText(text).text);
  const model = order.model && readMicroModel(order.model);
  const said = pools.flatMap((pool) => pool.votes.map((vote) => vote.label));
  const labels = [...new Set([...order.labels, ...(model?.labels ?? []), ...said])].sort();
  const rows = await queueRows({
    ...{ pools, labels, limit, seed },
    ...(model && { model }),
    ...(embedder !== undefined &&
      embedder === model?.embedding?.embedder && {
        embed: async (wanted) => (await askForVectors(wanted)).vectors,
      }),
  });
  return { type: 'queue', rows, labels, texts: pools.length, given: pools.filter(isGiven).length };
}

async function trainFolder(
  order: FolderOrder & Pick<TrainingOrder, 'embedder'>,
): Promise<TrainedReply> {
  const { rows, problems } = readExamples(order.files);
  const { source, seed } = order;
  const vectors = await vectorsOfRows(order.embedder, rows);
  const model = trainMicroModel({ rows, source, seed, ...vectors });
  return { type: 'trained', bytes: writeMicroModel(model), problems };
}

async function vectorsOfRows(
  embedder: string | undefined,
  rows: TrainingInput['rows'],
): Promise<Pick<TrainingInput, 'embedding'>> {
  if (embedder === undefined) return {};
  const { vectors } = await askForVectors(textsToEmbed(rows));
  return { embedding: { embedder, vectors } };
}

async function trainIntents(
  order: SpecialistOrder & Pick<TrainingOrder, 'embedder'>,
): Promise<MadeReply> {
  const { seed, target, embedder } = order;
  const data = readRows(order.data);
  const traffic = order.isTraffic ? trafficOf(data.text) : undefined;
  const { curated, kept } = rowsOf(
    withTraffic(curateRows(order.data.name, readOf(order, data.text, traffic), seed), traffic),
    order.test !== undefined || traffic?.test !== undefined,
  );
  const keys = RowKeys.of(curated.rows.map((row) => keyOf(row.text)));
  const test = order.test && readRows(order.test);
  const tested = testedOf(order, test?.text, traffic?.test);
  const known = (text: string) => keys.has(keyOf(text));
  const measured = tested && testRows(tested.name, tested.read, curated.labels, known);
  const leftOut = curated.leftOut.reduce((sum, one) => sum + one.count, 0);
  send({
    type: 'progress',
    progress: {
      stage: 'read',
      rows: curated.rows.length,
      labels: curated.labels.length,
      leftOut,
    },
  });
  const notes = [data.note, test?.note].filter((note) => note !== undefined);
  const { bytes, report, sample } = await makeIntents({
    curated: {
      ...curated,
      warnings: [
        ...notes,
        ...curated.warnings,
        ...nearWarnings(curated.rows),
        ...(measured?.warnings ?? []),
      ],
    },
    seed,
    source: `${data.hash}:${seed}`,
    kept,
    ...(measured === undefined ? {} : { test: measured.rows }),
    ...(target === undefined ? {} : { target }),
    ...(embedder === undefined ? {} : { embedder: { id: embedder, embed: askForVectors } }),
    ...incumbentOf(order),
    cpuMs: () => process.threadCpuUsage().user / 1000,
    onRung: (rung) => send({ type: 'progress', progress: { stage: 'rung', rung } }),
  });
  return {
    type: 'made',
    bytes,
    taught: keys.bytes,
    report,
    sample,
    dataHash: data.hash,
    testHash: test?.hash ?? null,
    ...(traffic && { sources: traffic.sources }),
  };
}

function readOf(
  order: SpecialistOrder,
  text: string,
  traffic: TrafficRows | undefined,
): LabelledRows {
  if (traffic === undefined) return readLabelledRows(order.data.name, text);
  return { rows: traffic.train, broken: new Map() };
}

/** Rows to measure on: of a file, or the latest ones of the traffic. */
function testedOf(
  { data, test }: SpecialistOrder,
  text: string | undefined,
  latest: readonly LabelledText[] | undefined,
): { readonly name: string; readonly read: LabelledRows } | undefined {
  if (test !== undefined && text !== undefined)
    return { name: test.name, read: readLabelledRows(test.name, text) };
  return latest && { name: data.name, read: { rows: latest, broken: new Map() } };
}

function trafficOf(lines: string): TrafficRows {
  const texts = lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as TrafficText);
  return rowsOfTraffic(poolTexts(texts, (text) => redactText(text).text));
}

function withTraffic(curated: CuratedRows, traffic: TrafficRows | undefined): CuratedRows {
  if (traffic === undefined) return curated;
  const leftOut = [...traffic.leftOut, ...curated.leftOut];
  return { ...curated, leftOut, warnings: [...traffic.warnings, ...curated.warnings] };
}

async function trainExtract(order: SpecialistOrder): Promise<MadeReply> {
  const { seed, incumbent } = order;
  const data = readRows(order.data);
  const rows = readSpanRows(order.data.name, data.text);
  const leftOut = rows.leftOut.reduce((sum, one) => sum + one.count, 0);
  const [count, labels] = [rows.rows.length, rows.labels.length];
  send({ type: 'progress', progress: { stage: 'read', rows: count, labels, leftOut } });
  const keys = RowKeys.of(rows.rows.map((row) => keyOf(row.text)));
  const test = order.test && readRows(order.test);
  const tested =
    order.test &&
    test &&
    readSpanRows(order.test.name, test.text).rows.filter((row) => !keys.has(keyOf(row.text)));
  if (tested?.length === 0)
    throw new CadreError(
      'invalid_request',
      `${order.test?.name} has no row that the training data do not hold too; measure on other rows`,
      { param: 'test' },
    );
  const known = new RowKeys(incumbent?.taught ?? new Uint8Array());
  const { bytes, report, sample } = makeExtract({
    data: rows,
    notes: [data.note, test?.note].filter((note) => note !== undefined),
    seed,
    source: `${data.hash}:${seed}`,
    ...(tested && { test: tested }),
    ...(incumbent && {
      incumbent: {
        version: incumbent.version,
        attempt: incumbent.attempt,
        tagger: readSpanTagger(incumbent.bytes),
        bytes: incumbent.bytes.length,
        knows: (text: string) => known.has(keyOf(text)),
      },
    }),
    cpuMs: () => process.threadCpuUsage().user / 1000,
  });
  for (const rung of report.rungs) send({ type: 'progress', progress: { stage: 'rung', rung } });
  const taught = keys.bytes;
  const [dataHash, testHash] = [data.hash, test?.hash ?? null];
  return { type: 'made', bytes, taught, report, sample, dataHash, testHash };
}

function incumbentOf({ incumbent }: SpecialistOrder): Pick<IntentsInput, 'incumbent'> {
  if (incumbent === undefined) return {};
  const { version, bytes, taught, attempt } = incumbent;
  const known = new RowKeys(taught);
  const knows = (text: string) => known.has(keyOf(text));
  return {
    incumbent: { version, parts: readMicroModel(bytes), knows, bytes: bytes.length, attempt },
  };
}

/** With a test set of its own all rows are taught; else some are kept apart to measure on. */
function rowsOf(
  curated: CuratedRows,
  hasTest: boolean,
): { readonly curated: CuratedRows; readonly kept: readonly LabelledText[] } {
  if (hasTest) return { curated, kept: [] };
  const { taught, kept, near } = keepRows(curated.rows, evenHash);
  const leftOut = [
    ...curated.leftOut,
    { reason: 'kept apart to measure on, never taught', count: kept.length, samples: [] },
    {
      reason: 'kept apart, and a word away from a taught one: neither taught nor measured on',
      count: near.length,
      samples: near.slice(0, 5).map((row) => lineOf(row.text)),
    },
  ].filter((one) => one.count > 0);
  return { curated: { ...curated, rows: taught, leftOut }, kept };
}

async function askForVectors(texts: readonly string[]): Promise<VectorsMessage> {
  if (parentPort === null || texts.length === 0) return { vectors: [], cpuMs: 0 };
  const answer = once(parentPort, 'message');
  send({ type: 'texts', texts });
  const [message] = (await answer) as [VectorsMessage];
  return message;
}

function send(reply: TrainingReply): void {
  parentPort?.postMessage(reply);
}

try {
  send(await train(workerData as TrainingOrder));
} catch (error) {
  const { code, message, param } = toCadreError(error);
  send({ type: 'failed', code, message, ...(param === undefined ? {} : { param }) });
}
parentPort?.close();
