import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { createInflateRaw } from 'node:zlib';
import { CadreError } from '../../../core/errors.ts';

/** Where a member's bytes lie in a zip (APPNOTE.TXT 4.3): wheels and jars are zips. */
export interface ZipMember {
  readonly archive: string;
  readonly start: number;
  readonly storedBytes: number;
  /** Bytes after inflating, as the directory claims. */
  readonly bytes: number;
  readonly isDeflated: boolean;
}

const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
const END_BYTES = 22;
const LONGEST_COMMENT = 65_535;
const LOCAL_BYTES = 30;
const ENTRY_BYTES = 46;
/** Of directories: the largest of the pinned archives has 2 kB. */
const LARGEST_DIRECTORY = 16_777_216;

/** Finds a member by its full path. Rejects with `source_failed` when it is not there. */
export async function findZipMember(archive: string, path: string): Promise<ZipMember> {
  const handle = await open(archive);
  try {
    const directory = await readDirectory(handle);
    const entry = findEntry(directory, path);
    if (!entry) throw unreadable(`the archive has no member ${path}`);
    const local = await readAt(handle, entry.localOffset, LOCAL_BYTES);
    if (local.readUInt32LE(0) !== LOCAL_SIGNATURE) throw unreadable('the archive is damaged');
    const start = entry.localOffset + LOCAL_BYTES + local.readUInt16LE(26) + local.readUInt16LE(28);
    return { archive, start, ...entry.sizes };
  } finally {
    await handle.close();
  }
}

/** The member's bytes in pieces; never more than the directory claims. */
export async function* readZipMember(
  member: ZipMember,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  // A stream has no way to say "no byte".
  if (member.storedBytes === 0 && member.bytes === 0) return;
  const stored = createReadStream(member.archive, {
    start: member.start,
    end: member.start + member.storedBytes - 1,
    highWaterMark: 262_144,
  });
  const stream = member.isDeflated ? stored.pipe(createInflateRaw({ chunkSize: 262_144 })) : stored;
  stored.once('error', (error) => stream.destroy(error));
  let bytes = 0;
  try {
    for await (const piece of stream as AsyncIterable<Buffer>) {
      signal.throwIfAborted();
      bytes += piece.length;
      if (bytes > member.bytes) throw unreadable('a member is longer than the directory says');
      yield piece;
    }
  } finally {
    stored.destroy();
    stream.destroy();
  }
  if (bytes !== member.bytes) throw unreadable('a member is shorter than the directory says');
}

async function readDirectory(handle: FileHandle): Promise<Buffer> {
  const { size } = await handle.stat();
  const tailStart = Math.max(0, size - END_BYTES - LONGEST_COMMENT);
  const tail = await readAt(handle, tailStart, size - tailStart);
  let end = tail.length - END_BYTES;
  while (end >= 0 && tail.readUInt32LE(end) !== END_SIGNATURE) end -= 1;
  if (end < 0) throw unreadable('the archive is no zip, or it is cut');
  const bytes = tail.readUInt32LE(end + 12);
  const offset = tail.readUInt32LE(end + 16);
  if (bytes > LARGEST_DIRECTORY || offset + bytes > size)
    throw unreadable('the archive has a directory that does not fit');
  return readAt(handle, offset, bytes);
}

function findEntry(directory: Buffer, path: string) {
  let at = 0;
  while (at + ENTRY_BYTES <= directory.length && directory.readUInt32LE(at) === ENTRY_SIGNATURE) {
    const nameEnd = at + ENTRY_BYTES + directory.readUInt16LE(at + 28);
    if (directory.toString('utf8', at + ENTRY_BYTES, nameEnd) === path) {
      const method = directory.readUInt16LE(at + 10);
      if (method !== 0 && method !== 8)
        throw unreadable(`${path} is packed by a method that is not read (${method})`);
      return {
        localOffset: directory.readUInt32LE(at + 42),
        sizes: {
          storedBytes: directory.readUInt32LE(at + 20),
          bytes: directory.readUInt32LE(at + 24),
          isDeflated: method === 8,
        },
      };
    }
    at = nameEnd + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return undefined;
}

async function readAt(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, offset);
  if (bytesRead < length) throw unreadable('the archive is cut');
  return buffer;
}

function unreadable(what: string): CadreError {
  return new CadreError('source_failed', what);
}
