import { CadreError, toCadreError } from '../core/errors.ts';
import type { CadreEvent } from '../core/events.ts';
import { CadreHeaders } from './cadre-headers.ts';
import { declinedText } from './declined-text.ts';
import type { Exchange } from './exchange.ts';
import { failureOf, publicError } from './failure.ts';
import { sendJson } from './respond.ts';

export { failureOf } from './failure.ts';

import { StreamWriter } from './stream-writer.ts';

/** Folds the one stream into the whole answer of a dialect. */
export interface AnswerFold {
  /** Throws the error of a `request-failed` event. */
  add(event: CadreEvent): void;
  /** The JSON body and the spoke that answered; throws `internal` when the stream did not end. */
  print(): { readonly body: unknown; readonly spoke: string | null };
}

/** Maps the one stream to the pieces of a dialect's streamed answer. */
export interface StreamPrinter {
  readonly contentType: string;
  /** Sent while nothing else is, to keep proxies from closing; absent where clients would choke on it. */
  readonly heartbeat?: string;
  /** The text of one event, '' for an event that this client does not see. */
  print(event: CadreEvent): string;
  /** The last piece after a failure within the stream; never a clean end. */
  printFailure(error: CadreError): string;
  /** Given the way to the caller before the stream begins; for what reaches the printer beside it. */
  attach?(write: (text: string) => Promise<void> | undefined): void;
}

export async function answerWhole(
  exchange: Exchange,
  events: AsyncIterable<CadreEvent>,
  fold: AnswerFold,
): Promise<void> {
  const { id, response } = exchange;
  const headers = new CadreHeaders(id);
  for await (const event of events) {
    headers.see(event);
    fold.add(event);
    if (event.type === 'answer-abstained') fold.add(declinedText(event.abstention));
  }
  const { body, spoke } = fold.print();
  sendJson(response, body, id, headers.print(spoke));
}

/**
 * Streams the events. Until the first byte a failure is an ordinary error with its status; after it
 * the failure is the last piece of the stream.
 */
export async function answerStream(
  exchange: Exchange,
  events: AsyncIterable<CadreEvent>,
  printer: StreamPrinter,
): Promise<void> {
  const { id, response } = exchange;
  const headers = new CadreHeaders(id);
  // The first event is held: alone it says nothing, and a refusal right after it keeps its status.
  let held = '';
  const writer = new StreamWriter(response, {
    headers: () => ({
      'content-type': printer.contentType,
      'x-request-id': id,
      ...headers.print(),
    }),
    heartbeat: printer.heartbeat,
  });
  const write = (text: string) => {
    const all = held + text;
    held = '';
    return writer.write(all);
  };
  printer.attach?.(write);
  /** What the failed event itself is to this client. */
  let last = '';
  try {
    for await (const event of events) {
      headers.see(event);
      const text =
        event.type === 'answer-abstained'
          ? printer.print(event) + printer.print(declinedText(event.abstention))
          : printer.print(event);
      if (event.type === 'request-failed') {
        last = text;
        throw failureOf(event);
      }
      if (event.type === 'request-accepted') {
        held = text;
        continue;
      }
      if (event.type === 'answer-ended') {
        writer.end(held + text);
        return;
      }
      if (text === '') continue;
      const behind = write(text);
      if (behind !== undefined) await behind;
    }
    throw new CadreError('internal', 'the stream ended without an answer');
  } catch (thrown) {
    if (!writer.started) {
      writer.abandon();
      throw thrown;
    }
    // Also where a piece could not be printed: the caller is told, not left with a broken stream.
    const error = toCadreError(thrown);
    logDefect(exchange, error);
    writer.end(last + printer.printFailure(publicError(error)));
  }
}

function logDefect({ id, server }: Exchange, error: CadreError): void {
  if (error.code === 'internal')
    server.log({ level: 'error', event: 'request-failed', id, message: error.message });
}
