import { CadreError } from '../../core/errors.ts';
import type { ModelEvent } from '../../core/ports.ts';
import type { ExchangeResponse } from '../egress/exchange.ts';
import { answerBytes } from './answer-bytes.ts';
import { SseParser } from './sse-parser.ts';

/** Cuts bytes into a dialect's messages. */
export interface StreamParser {
  /** The stream broke a bound; nothing is read after that. */
  readonly failure: CadreError | undefined;
  push(bytes: Uint8Array): readonly { readonly data: string }[];
  /** What is left when the body has ended. */
  end(): readonly { readonly data: string }[];
}

/** Reads a dialect's events one by one and knows how far the answer has come. */
export interface RemoteReader {
  /** Throws what the server's words amount to. */
  read(data: string): readonly ModelEvent[];
  /** The answer has said how it ended; only usage and an end mark may follow. */
  readonly complete: boolean;
  /** The end mark has come. */
  readonly closed: boolean;
  /** Where what was read goes on at once: a promise while that place is full. */
  readonly behind?: Promise<void> | undefined;
}

/** An answer of another type than a stream's is refused before a byte of it is read. */
export function requireStream(
  response: ExchangeResponse,
  destination: string,
  types: readonly string[] = ['text/event-stream'],
): void {
  const type = response.headers['content-type'] ?? '';
  if (types.some((one) => type.includes(one))) return;
  void response.body.return();
  throw new CadreError(
    'upstream_failed',
    `${destination} answered with ${type || 'no content type'} instead of a stream`,
    { fault: 'malformed' },
  );
}

/**
 * The events of each arriving run of bytes. Ends with the end mark, with the body, or `endMs` after
 * the answer was complete; a connection that breaks after that took nothing of the answer with it.
 * What was read before a failure is given before the failure is thrown.
 */
export async function* readStream(
  response: ExchangeResponse,
  reader: RemoteReader,
  { destination, endMs }: { readonly destination: string; readonly endMs: number },
  parser: StreamParser = new SseParser(),
): AsyncGenerator<readonly ModelEvent[]> {
  try {
    for await (const bytes of answerBytes(response, destination)) {
      yield* readAll(parser.push(bytes), reader);
      if (reader.behind !== undefined) await reader.behind;
      if (reader.closed) {
        response.body.finish();
        return;
      }
      if (parser.failure !== undefined) throw parser.failure;
      if (reader.complete) response.body.finishWithin(endMs);
    }
    yield* readAll(parser.end(), reader);
  } catch (error) {
    if (!reader.complete || !isNetworkFault(error)) throw error;
  }
}

function* readAll(
  messages: readonly { readonly data: string }[],
  reader: RemoteReader,
): Generator<readonly ModelEvent[]> {
  const events: ModelEvent[] = [];
  let failure: unknown;
  for (const { data } of messages) {
    if (reader.closed) break;
    try {
      events.push(...reader.read(data));
    } catch (error) {
      failure = error;
      break;
    }
  }
  if (events.length > 0) yield events;
  if (failure !== undefined) throw failure;
}

function isNetworkFault(error: unknown): boolean {
  return (
    error instanceof CadreError &&
    (error.code === 'upstream_timeout' || error.code === 'upstream_failed')
  );
}

/** The answer ended without saying that it was finished. */
export function cutShort(destination: string): CadreError {
  return new CadreError('upstream_failed', `${destination} cut the answer short`, {
    fault: 'cut',
  });
}
