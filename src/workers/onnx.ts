import type { OnnxModelSpec, OnnxReply, OnnxRequest } from '../adapters/models/onnx-protocol.ts';
import { OnnxScheduler } from '../adapters/models/onnx-scheduler.ts';
import { type OnnxSession, openOnnxSession } from '../adapters/models/onnx-session.ts';
import { toCadreError } from '../core/errors.ts';

/** The process of all ONNX models; it ends with the farm's process. */
const sessions = new Map<string, Promise<OnnxSession>>();
const scheduler = new OnnxScheduler(resident, send);

function send(reply: OnnxReply): void {
  process.send?.(reply);
}

/** One load for all who wait; a failed one is tried again with the next call. */
function resident(model: OnnxModelSpec): Promise<OnnxSession> {
  const known = sessions.get(model.id);
  if (known !== undefined) return known;
  const opening = openOnnxSession(model);
  sessions.set(model.id, opening);
  opening.catch(() => sessions.delete(model.id));
  return opening;
}

async function load(call: number, model: OnnxModelSpec): Promise<void> {
  try {
    await resident(model);
    send({ type: 'loaded', call, memoryBytes: process.memoryUsage.rss() });
  } catch (error) {
    const { code, message } = toCadreError(error);
    send({ type: 'failed', call, code, message });
  }
}

process.on('message', (request: OnnxRequest) => {
  if (request.type === 'load') void load(request.call, request.model);
  else if (request.type === 'embed') scheduler.add(request);
  else if (request.type === 'match') scheduler.addMatch(request);
  else scheduler.cancel(request.call);
});
process.on('disconnect', () => process.exit(0));
