import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { CadreError, errorBody, toCadreError } from '../../core/errors.ts';
import { EVENT_STREAM, HEARTBEAT } from '../event-stream.ts';
import { abortOnClose } from '../exchange.ts';
import { publicError } from '../failure.ts';
import { StreamWriter } from '../stream-writer.ts';
import type { AdminContext } from './admin-environment.ts';

/**
 * Answers with one `data:` event per value. A failure before the first value is an ordinary error;
 * later it is the last event. The signal aborts when the reader leaves or the farm stops.
 */
export async function streamValues(
  context: AdminContext,
  values: (signal: AbortSignal) => AsyncIterable<object>,
): Promise<Response> {
  const { exchange } = context.env;
  const { id, response, server } = exchange;
  const controller = abortOnClose(exchange);
  const stop = () => controller.abort(new CadreError('shutting_down', 'the farm is stopping'));
  if (server.closing.aborted) stop();
  server.closing.addEventListener('abort', stop, { once: true });
  const writer = new StreamWriter(response, {
    headers: () => ({ 'content-type': EVENT_STREAM, 'x-request-id': id }),
    heartbeat: HEARTBEAT,
  });
  let hasBegun = false;
  try {
    for await (const value of values(controller.signal)) {
      hasBegun = true;
      const behind = writer.write(`data: ${JSON.stringify(value)}\n\n`);
      if (behind !== undefined) await behind;
    }
    writer.end();
  } catch (thrown) {
    if (!hasBegun && !writer.started) {
      writer.abandon();
      throw thrown;
    }
    const error = publicError(toCadreError(thrown));
    writer.end(`data: ${JSON.stringify(errorBody(error))}\n\n`);
  } finally {
    server.closing.removeEventListener('abort', stop);
  }
  return RESPONSE_ALREADY_SENT;
}
