import { once } from 'node:events';
import { parentPort } from 'node:worker_threads';
import type {
  SpecialistOrder,
  TrainingOrder,
  TrainingReply,
  VectorsMessage,
} from '../adapters/models/classifier-protocol.ts';

/** What a training that makes a specialist is started with. */
export type MakingOrder = SpecialistOrder & Pick<TrainingOrder, 'embedder'>;

/** One vector per text and what they cost, from the farm. */
export async function askForVectors(
  texts: readonly string[],
  kind: 'query' | 'passage' = 'passage',
): Promise<VectorsMessage> {
  if (parentPort === null || texts.length === 0) return { vectors: [], cpuMs: 0 };
  const answer = once(parentPort, 'message');
  send({ type: 'texts', texts, kind });
  const [message] = (await answer) as [VectorsMessage];
  return message;
}

/** To the farm. */
export function send(reply: TrainingReply): void {
  parentPort?.postMessage(reply);
}
