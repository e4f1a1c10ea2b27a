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
} from '../adapters/models/classifier-protocol.ts';
import { giveWay } from '../adapters/threads/give-way.ts';
import { readMicroModel, writeMicroModel } from '../base/micro-model.ts';
import { toCadreError } from '../core/errors.ts';
import { readExamples } from '../learn/examples.ts';
import { isGiven, queueRows } from '../learn/label-queue.ts';
import { poolTexts } from '../learn/traffic-rows.ts';
import { trainMicroModel } from '../learn/train-micro-model.ts';
import { type TrainingInput, textsToEmbed } from '../learn/training-set.ts';
import { redactText } from '../policy/redaction.ts';
import { rowsOfAdapter } from './train-adapter.ts';
import { trainExtract } from './train-extract.ts';
import { trainIntents } from './train-intents.ts';
import { trainRank } from './train-rank.ts';
import { trainScore } from './train-score.ts';
import { askForVectors, type MakingOrder, send } from './train-thread.ts';

/** How each kind of specialist is made of rows. */
const MAKERS: Readonly<
  Record<SpecialistOrder['type'], (order: MakingOrder) => Promise<MadeReply>>
> = { intents: trainIntents, extract: trainExtract, score: trainScore, rank: trainRank };

/** A thread that trains one micro-model, or asks one what people should label, and ends. */
async function train(
  order: TrainingOrder,
): Promise<TrainedReply | MadeReply | RowsReply | QueueReply> {
  if (order.type === 'queue') return queue(order);
  if (order.type === 'folder') return trainFolder(order);
  if (order.type === 'rows') return rowsOfAdapter(order);
  return MAKERS[order.type](order);
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

giveWay();
try {
  send(await train(workerData as TrainingOrder));
} catch (error) {
  const { code, message, param } = toCadreError(error);
  send({ type: 'failed', code, message, ...(param === undefined ? {} : { param }) });
}
parentPort?.close();
