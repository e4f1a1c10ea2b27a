import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundaryOf, readMultipart } from '../../src/server/files/multipart.ts';
import { formOf } from './upload.ts';

interface Read {
  readonly name: string;
  readonly filename: string | undefined;
  content: string;
}

async function* cut(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let start = 0;
  for (const size of [...sizes, bytes.length]) {
    if (start >= bytes.length) return;
    yield bytes.subarray(start, start + size);
    start += size;
  }
}

async function read(bytes: Buffer, sizes: readonly number[], boundary: string): Promise<Read[]> {
  const parts: Read[] = [];
  for await (const piece of readMultipart(cut(bytes, sizes), boundary)) {
    if (piece.type === 'part')
      parts.push({ name: piece.name, filename: piece.filename, content: '' });
    else {
      const last = parts.at(-1);
      if (last) last.content += piece.bytes.toString('latin1');
    }
  }
  return parts;
}

const boundaryIn = (type: string) => boundaryOf(type) ?? '';

describe('multipart bodies', () => {
  it('gives the same parts for every way to cut the bytes', async () => {
    // Contents that look like delimiters, and bytes that are no text.
    const content = fc.oneof(
      fc.constantFrom('', '\r\n', '\r\n--cadre-test', '--cadre-test-boundary', '\r\r\n--', '\r'),
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    );
    const parts = fc.array(fc.tuple(fc.constantFrom('file', 'purpose', 'é'), content), {
      minLength: 1,
      maxLength: 5,
    });
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(parts, sizes, async (given, pieces) => {
        const { body, type } = formOf(
          given.map(([name, text]) => ({
            name,
            filename: 'a.txt',
            content: Buffer.from(text, 'latin1'),
          })),
        );
        const expected = given.map(([name, text]) => ({ name, filename: 'a.txt', content: text }));
        expect(await read(body, pieces, boundaryIn(type))).toEqual(expected);
        expect(await read(body, Array(body.length).fill(1), boundaryIn(type))).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('takes a preamble, an epilogue and quoted names', async () => {
    const body = Buffer.from(
      'ignore me\r\n--b  \r\nContent-Disposition: form-data; filename="a; name=\\"x\\".txt"; name=file\r\n' +
        'Content-Type: text/plain\r\n\r\nhello\r\n--b--\r\nignored',
    );
    expect(await read(body, [], 'b')).toEqual([
      { name: 'file', filename: 'a; name="x".txt', content: 'hello' },
    ]);
  });

  it.each([
    ['no delimiter at all', 'hello'],
    ['no last delimiter', '--b\r\ncontent-disposition: form-data; name="a"\r\n\r\nhello'],
    ['headers without an end', '--b\r\ncontent-disposition: form-data; name="a"'],
    ['a part without a name', '--b\r\ncontent-disposition: form-data\r\n\r\nx\r\n--b--'],
    ['a part that is no field', '--b\r\ncontent-type: text/plain\r\n\r\nx\r\n--b--'],
    ['text after a delimiter', '--b no\r\n\r\nx\r\n--b--'],
    ['endless headers', `--b\r\nx: ${'y'.repeat(9000)}`],
    ['an endless delimiter', `--b${' '.repeat(9000)}`],
    ['too many parts', '--b\r\ncontent-disposition: form-data; name="a"\r\n\r\nx\r\n'.repeat(40)],
  ])('refuses %s', async (_what, text) => {
    await expect(read(Buffer.from(text), [], 'b')).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining('multipart body is broken'),
    });
  });

  it.each([
    ['multipart/form-data; boundary=abc', 'abc'],
    ['Multipart/Form-Data; charset=utf-8; boundary="a b"', 'a b'],
    ['multipart/form-data', undefined],
    ['multipart/mixed; boundary=abc', undefined],
    [`multipart/form-data; boundary=${'a'.repeat(71)}`, 'a'.repeat(70)],
    ['application/json', undefined],
  ])('finds the boundary of %s', (type, boundary) => {
    expect(boundaryOf(type)).toBe(boundary);
  });
});
