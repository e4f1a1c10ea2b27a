import { once } from 'node:events';
import { constants, platform, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type {
  TrainingOrder,
  TrainingReply,
  VectorsMessage,
} from '../adapters/models/classifier-protocol.ts';
import { writeMicroModel } from '../base/micro-model.ts';
import { toCadreError } from '../core/errors.ts';
import { BACKGROUND_SENTENCES } from '../learn/background.ts';
import { readExamples } from '../learn/examples.ts';
import { trainMicroModel } from '../learn/train-micro-model.ts';
import type { TrainingInput } from '../learn/training-set.ts';

/** Linux has a priority for each thread; elsewhere this would slow down the whole farm. */
if (platform() === 'linux') setPriority(0, constants.priority.PRIORITY_LOW);

/** A thread that trains one micro-model from files of examples and ends. */
async function train(order: TrainingOrder): Promise<TrainingReply> {
  const { rows, problems } = readExamples(order.files);
  const embedding = order.wantsVectors ? await askForVectors(rows.map((row) => row.text)) : {};
  const { source, seed } = order;
  const model = trainMicroModel({ rows, source, seed, ...embedding });
  return { type: 'trained', bytes: writeMicroModel(model), problems };
}

async function askForVectors(texts: readonly string[]): Promise<Pick<TrainingInput, 'embedding'>> {
  if (parentPort === null) return {};
  const answer = once(parentPort, 'message');
  send({ type: 'texts', texts: [...texts, ...BACKGROUND_SENTENCES] });
  const [{ embedder, vectors }] = (await answer) as [VectorsMessage];
  return {
    embedding: {
      embedder,
      rows: vectors.slice(0, texts.length),
      background: vectors.slice(texts.length),
    },
  };
}

function send(reply: TrainingReply): void {
  parentPort?.postMessage(reply);
}

try {
  send(await train(workerData as TrainingOrder));
} catch (error) {
  const { code, message } = toCadreError(error);
  send({ type: 'failed', code, message });
}
parentPort?.close();
