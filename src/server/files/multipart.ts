import { CadreError } from '../../core/errors.ts';

/** One step through a multipart body: a part begins, or bytes of the part that began last. */
export type MultipartPiece =
  | {
      readonly type: 'part';
      readonly name: string;
      /** Absent = an ordinary field. */
      readonly filename?: string;
      readonly contentType?: string;
    }
  | { readonly type: 'data'; readonly bytes: Buffer };

const HEADER_BYTES = 8192;
const PARTS = 32;
const LINE = Buffer.from('\r\n');
const BLANK_LINE = Buffer.from('\r\n\r\n');

/** The boundary of a `multipart/form-data` content type; undefined where it is none. */
export function boundaryOf(contentType: string): string | undefined {
  if (contentType.length > 1000) return undefined;
  const match =
    /^multipart\/form-data\s*;(?:.*;)?\s*boundary=(?:"([^"\r\n]{1,70})"|([^\s;"]{1,70}))/i.exec(
      contentType,
    );
  return match?.[1] ?? match?.[2];
}

/**
 * Reads a multipart body piece by piece (RFC 7578), holding no more than one header or one delimiter
 * of it. However the bytes are cut, the parts are the same. Throws `invalid_request` for what is no
 * multipart body, ends too early, or has more than 32 parts or 8 KB of headers in one.
 */
export async function* readMultipart(
  source: AsyncIterable<Buffer>,
  boundary: string,
): AsyncGenerator<MultipartPiece, void, void> {
  const reader = new MultipartReader(boundary);
  for await (const chunk of source) {
    yield* reader.push(chunk);
  }
  reader.end();
}

class MultipartReader {
  readonly #delimiter: Buffer;
  #state: 'preamble' | 'after-delimiter' | 'headers' | 'data' | 'epilogue' = 'preamble';
  /** The first delimiter may stand at the very beginning, without the line end before it. */
  #rest: Buffer = LINE;
  #partCount = 0;

  constructor(boundary: string) {
    this.#delimiter = Buffer.from(`\r\n--${boundary}`);
  }

  *push(chunk: Buffer): Generator<MultipartPiece, void, void> {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (;;) {
      switch (this.#state) {
        case 'preamble':
        case 'data': {
          const isData = this.#state === 'data';
          const found = this.#rest.indexOf(this.#delimiter);
          // What may be the beginning of a delimiter waits for the next chunk.
          const end = found < 0 ? this.#rest.length - this.#delimiter.length + 1 : found;
          if (isData && end > 0) yield { type: 'data', bytes: this.#rest.subarray(0, end) };
          if (found < 0) {
            if (end > 0) this.#rest = this.#rest.subarray(end);
            return;
          }
          this.#rest = this.#rest.subarray(found + this.#delimiter.length);
          this.#state = 'after-delimiter';
          break;
        }
        case 'after-delimiter':
          if (!this.#readDelimiterEnd()) return;
          break;
        case 'headers': {
          const part = this.#readHeaders();
          if (part === undefined) return;
          yield part;
          break;
        }
        case 'epilogue':
          this.#rest = Buffer.alloc(0);
          return;
      }
    }
  }

  end(): void {
    if (this.#state !== 'epilogue') throw broken('it ends before its last delimiter');
  }

  /** After a delimiter: `--` ends the body, else white space and a line end begin a part. */
  #readDelimiterEnd(): boolean {
    if (this.#rest.length < 2) return false;
    if (this.#rest.subarray(0, 2).toString('latin1') === '--') {
      this.#state = 'epilogue';
      return true;
    }
    const end = this.#rest.indexOf(LINE);
    if (end < 0) {
      if (this.#rest.length > HEADER_BYTES) throw broken('a delimiter has no end');
      return false;
    }
    if (this.#rest.subarray(0, end).toString('latin1').trim() !== '')
      throw broken('a delimiter is followed by other text');
    this.#partCount += 1;
    if (this.#partCount > PARTS) throw broken(`it has more than ${PARTS} parts`);
    // The line end stays, so that a part without headers has its blank line too.
    this.#rest = this.#rest.subarray(end);
    this.#state = 'headers';
    return true;
  }

  #readHeaders(): MultipartPiece | undefined {
    const end = this.#rest.indexOf(BLANK_LINE);
    if (end > HEADER_BYTES || (end < 0 && this.#rest.length > HEADER_BYTES))
      throw broken('the headers of a part are too large');
    if (end < 0) return undefined;
    const headers = parseHeaders(this.#rest.subarray(0, end).toString('utf8'));
    this.#rest = this.#rest.subarray(end + BLANK_LINE.length);
    this.#state = 'data';
    return headers;
  }
}

function parseHeaders(text: string): MultipartPiece {
  let disposition = '';
  let contentType: string | undefined;
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    if (name === 'content-disposition') disposition = line.slice(colon + 1).trim();
    if (name === 'content-type') contentType = line.slice(colon + 1).trim();
  }
  if (!/^form-data\s*(;|$)/i.test(disposition))
    throw broken('a part has no `content-disposition: form-data`');
  const parameters = parametersOf(disposition);
  const name = parameters.get('name');
  if (name === undefined) throw broken('a part has no name');
  const filename = parameters.get('filename');
  return {
    type: 'part',
    name,
    ...(filename === undefined ? {} : { filename }),
    ...(contentType === undefined ? {} : { contentType }),
  };
}

/** Browsers write a quote within a value as %22, others as \". */
function parametersOf(disposition: string): Map<string, string> {
  const parameters = new Map<string, string>();
  const pattern = /;\s*([\w*-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))\s*/gy;
  pattern.lastIndex = Math.max(0, disposition.indexOf(';'));
  for (;;) {
    const match = pattern.exec(disposition);
    if (match === null) return parameters;
    const [, name = '', quoted, bare = ''] = match;
    const value = quoted?.replaceAll('%22', '"').replaceAll(/\\(["\\])/g, '$1') ?? bare;
    parameters.set(name.toLowerCase(), value);
  }
}

function broken(problem: string): CadreError {
  return new CadreError('invalid_request', `the multipart body is broken: ${problem}`);
}
