import type { IncomingMessage, ServerResponse } from 'node:http';
import { CadreError } from '../core/errors.ts';

/** Bodies that are received or worked on may take this many times the bound of one body together. */
const BODIES_AT_ONCE = 16;

/** Receives bodies within bounds of one and of all together. */
export class BodyReader {
  readonly #limits: () => { readonly bodyBytes: number; readonly bodySeconds: number };
  #held = 0;

  constructor(limits: () => { readonly bodyBytes: number; readonly bodySeconds: number }) {
    this.#limits = limits;
  }

  /**
   * The body of a write. Rejects with `unsupported_media_type`, `body_too_large` (before reading when
   * the length is declared), `overloaded`, `request_timeout`, or `cancelled` when the sender goes
   * away. Its bytes count among those of all until the response has ended, since the request holds
   * them as long. `anyType` takes a body that says it is something else.
   */
  async read(
    incoming: IncomingMessage,
    response: ServerResponse,
    anyType = false,
  ): Promise<Buffer> {
    requireJson(incoming, anyType);
    const { bodyBytes, bodySeconds } = this.#limits();
    const declared = Number(incoming.headers['content-length'] ?? 0);
    if (declared > bodyBytes) throw tooLarge(bodyBytes);
    const chunks: Buffer[] = [];
    let size = 0;
    const received = Promise.withResolvers<void>();
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      this.#held += chunk.length;
      if (size > bodyBytes) received.reject(tooLarge(bodyBytes));
      else if (this.#held > bodyBytes * BODIES_AT_ONCE) received.reject(tooManyBodies());
      else chunks.push(chunk);
    };
    const timer = setTimeout(() => received.reject(tooSlow()), bodySeconds * 1000);
    const onGone = () => received.reject(goneAway());
    const onEnd = () => {
      // `close` follows in the same turn, before anybody who waits for the promise.
      incoming.off('close', onGone);
      received.resolve();
    };
    incoming.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone);
    const release = () => {
      this.#held -= size;
    };
    try {
      await received.promise;
      if (response.closed) release();
      else response.once('close', release);
    } catch (error) {
      release();
      // Its listeners keep the list alive as long as the connection; what is refused is held by nobody.
      chunks.length = 0;
      throw error;
    } finally {
      clearTimeout(timer);
      incoming.off('data', onData).off('close', onGone);
    }
    return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size);
  }
}

function tooLarge(bytes: number): CadreError {
  return new CadreError('body_too_large', `the body is larger than ${bytes} bytes`);
}

function requireJson(incoming: IncomingMessage, anyType: boolean): void {
  const type = incoming.headers['content-type'] ?? '';
  const isJson = anyType || /^application\/json\s*(;\s*charset="?utf-?8"?\s*)?$/i.test(type);
  const coding = incoming.headers['content-encoding'] ?? 'identity';
  if (isJson && coding === 'identity') return;
  const found = isJson ? `content-encoding ${coding}` : `content-type “${type.slice(0, 60)}”`;
  throw new CadreError('unsupported_media_type', `the body has ${found}`, {
    param: isJson ? 'content-encoding' : 'content-type',
  });
}

function goneAway(): CadreError {
  return new CadreError('cancelled', 'the sender went away within the body');
}

function tooSlow(): CadreError {
  return new CadreError('request_timeout', 'the body took too long to arrive');
}

function tooManyBodies(): CadreError {
  return new CadreError('overloaded', 'too many large bodies are being received or worked on', {
    retryAfter: 1,
  });
}
