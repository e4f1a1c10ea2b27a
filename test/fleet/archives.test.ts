import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readTarMember } from '../../src/adapters/models/sources/tar-member.ts';
import { findZipMember, readZipMember } from '../../src/adapters/models/sources/zip-member.ts';
import { tarOf, zipOf } from '../fixtures/archives.ts';
import { calm, ModelHome } from '../fixtures/model-home.ts';

let at: ModelHome;
beforeEach(() => {
  at = new ModelHome();
});
afterEach(() => at.remove());

const BYTES = Buffer.alloc(600_000, 'weights ');

async function wholeOf(pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const piece of pieces) parts.push(piece);
  return Buffer.concat(parts);
}

async function unzip(bytes: Buffer, path = 'a/model'): Promise<Buffer> {
  const member = await findZipMember(at.put('archive', bytes), path);
  return wholeOf(readZipMember(member, calm()));
}

describe('a zip', () => {
  it.each([true, false])('gives a member (stored: %s)', async (stored) => {
    const zip = zipOf([
      { path: 'a/other', bytes: Buffer.from('x') },
      { path: 'a/model', bytes: BYTES, stored },
    ]);
    expect((await unzip(zip)).equals(BYTES)).toBe(true);
    await expect(unzip(zip, 'a/mode')).rejects.toMatchObject({ code: 'source_failed' });
  });

  it('gives an empty member', async () => {
    expect(await unzip(zipOf([{ path: 'a/model', bytes: Buffer.alloc(0), stored: true }]))).toEqual(
      Buffer.alloc(0),
    );
  });

  it('that inflates to more than it says is refused', async () => {
    const zip = zipOf([{ path: 'a/model', bytes: BYTES }]);
    const entry = zip.lastIndexOf('PK\u0001\u0002');
    zip.writeUInt32LE(1000, entry + 24);
    await expect(unzip(zip)).rejects.toThrow('longer than the directory says');
    zip.writeUInt32LE(BYTES.length + 1, entry + 24);
    await expect(unzip(zip)).rejects.toThrow('shorter than the directory says');
  });

  it('of any bytes fails in words', async () => {
    const honest = zipOf([{ path: 'a/model', bytes: Buffer.from('some weights') }]);
    await fc.assert(
      fc.asyncProperty(fc.nat(honest.length - 1), fc.nat(255), async (at, value) => {
        const zip = Buffer.from(honest);
        zip[at] = value;
        await unzip(zip).catch((error: unknown) => expect(error).toBeInstanceOf(Error));
      }),
      { numRuns: 150 },
    );
  });
});

describe('a tarball', () => {
  const untar = (bytes: Buffer, path = 'package/model') =>
    wholeOf(readTarMember(at.put('archive', bytes), path, calm()));

  it('gives a member behind others', async () => {
    const tar = tarOf([
      { path: 'package/first', bytes: Buffer.alloc(513) },
      { path: 'package/model', bytes: BYTES },
    ]);
    expect((await untar(tar)).equals(BYTES)).toBe(true);
    await expect(untar(tar, 'model')).rejects.toThrow('no member model');
  });

  it('that is cut is refused', async () => {
    const tar = tarOf([{ path: 'package/model', bytes: BYTES }]);
    await expect(untar(tar.subarray(0, tar.length - 20))).rejects.toThrow();
    await expect(untar(Buffer.from('no archive'))).rejects.toThrow();
  });

  it('is left on an abort', async () => {
    const path = at.put('archive', tarOf([{ path: 'package/model', bytes: BYTES }]));
    const abort = new AbortController();
    const pieces = readTarMember(path, 'package/model', abort.signal);
    await pieces.next();
    abort.abort(new Error('enough'));
    await expect(wholeOf(pieces)).rejects.toThrow('enough');
  });
});
