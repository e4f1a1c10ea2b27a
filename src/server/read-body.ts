import type { IncomingMessage } from 'node:http';
import { CadreError } from '../core/errors.ts';

/** Bodies being received may take this many times the bound of one body together. */
const BODIES_AT_ONCE = 16;

/** Receives bodies within bounds of one and of all together. */
export class BodyReader {
  private readonly limit: number;
  private held = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /**
   * The body of a write. Rejects with `unsupported_media_type`, `body_too_large` (before reading when
   * the length is declared), `overloaded`, or `cancelled` when the sender goes away.
   */
  async read(incoming: IncomingMessage): Promise<Buffer> {
    requireJson(incoming);
    const declared = Number(incoming.headers['content-length'] ?? 0);
    if (declared > this.limit) throw this.tooLarge();
    const chunks: Buffer[] = [];
    let size = 0;
    try {
      await new Promise<void>((resolve, reject) => {
        incoming.on('data', (chunk: Buffer) => {
          size += chunk.length;
          this.held += chunk.length;
          if (size > this.limit) reject(this.tooLarge());
          else if (this.held > this.limit * BODIES_AT_ONCE) reject(tooManyBodies());
          else chunks.push(chunk);
        });
        incoming.once('end', resolve);
        incoming.once('error', () => reject(goneAway()));
        incoming.once('close', () => reject(goneAway()));
      });
    } finally {
      this.held -= size;
      incoming.removeAllListeners('data');
    }
    return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size);
  }

  private tooLarge(): CadreError {
    return new CadreError('body_too_large', `the body is larger than ${this.limit} bytes`);
  }
}

function requireJson(incoming: IncomingMessage): void {
  const type = incoming.headers['content-type'] ?? '';
  const isJson = /^application\/json\s*(;\s*charset="?utf-?8"?\s*)?$/i.test(type);
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

function tooManyBodies(): CadreError {
  return new CadreError('overloaded', 'too many large bodies are being received', {
    retryAfter: 1,
  });
}
