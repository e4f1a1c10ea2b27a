import { EVENT_STREAM, HEARTBEAT } from '../event-stream.ts';
import type { Exchange } from '../exchange.ts';
import { StreamWriter } from '../stream-writer.ts';
import { printEvent } from './response-answer.ts';
import type { WireEvent } from './response-wire.ts';

/** Streams the events of a response that runs on its own, whether its reader stays or not. */
export async function sendEvents(
  { id, response }: Exchange,
  events: AsyncIterable<WireEvent>,
  showsProof: boolean,
): Promise<void> {
  const writer = new StreamWriter(response, {
    headers: () => ({ 'content-type': EVENT_STREAM, 'x-request-id': id }),
    heartbeat: HEARTBEAT,
  });
  for await (const event of events) {
    const behind = writer.write(printEvent(event, showsProof));
    if (behind !== undefined) await behind;
  }
  writer.end();
}
