import { closeSync, fstatSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { endianness } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { CadreError } from '../../core/errors.ts';
import type { IndexFiles, SavedIndex, SavedSection } from '../../core/index-files.ts';

/** Rises when the layout of the file or of its sections changes. */
const FORMAT = 2;
const MAGIC = Buffer.from('cadre index\n');
/** Length and checksum of the contents table, then the magic. */
const TAIL_BYTES = 8 + MAGIC.length;
const SUFFIX = '.index';
const PIECE_BYTES = 1 << 20;
const LONGEST_WRITING_MS = 600_000;

const contentsSchema = z.object({
  format: z.number(),
  release: z.string(),
  byteOrder: z.string(),
  about: z.record(z.string(), z.json()),
  sections: z.array(z.object({ name: z.string(), bytes: z.number(), crc: z.number() })),
});
type Contents = Omit<z.infer<typeof contentsSchema>, 'about'> & Pick<SavedIndex, 'about'>;

/**
 * Derived indexes, one file each in `folder`: the sections one after the other, then a table of
 * contents with a checksum per section, then where the table begins. Typed arrays are written as
 * they lie in memory, so a file is for this byte order, and for one `release` of the program, whose
 * words it was made of.
 */
export function createIndexFiles(options: {
  readonly folder: string;
  readonly release: string;
}): IndexFiles {
  const pathOf = (collection: string) => join(options.folder, `${collection}${SUFFIX}`);
  /** How often each was deleted: one that is being written at that moment must not come back. */
  const deletions = new Map<string, number>();
  return {
    async doRead(collection, use) {
      const file = openFile(pathOf(collection));
      if (file === undefined) return undefined;
      try {
        const contents = readContents(file, options.release);
        return use({ about: contents.about, sections: sectionsOf(file, contents) });
      } catch (thrown) {
        throw toIndexError(thrown, collection);
      } finally {
        closeSync(file);
      }
    },
    async doWrite(collection, index) {
      mkdirSync(options.folder, { recursive: true, mode: 0o700 });
      const temporary = `${pathOf(collection)}.${process.pid}.part`;
      const before = deletions.get(collection);
      try {
        writeFile(temporary, index, options.release);
        await makeLasting(temporary);
        await rename(temporary, pathOf(collection));
        if (deletions.get(collection) !== before) await rm(pathOf(collection), { force: true });
        await makeLasting(options.folder);
      } catch (thrown) {
        await rm(temporary, { force: true });
        throw toIndexError(thrown, collection);
      }
    },
    async doDelete(collection) {
      deletions.set(collection, (deletions.get(collection) ?? 0) + 1);
      await rm(pathOf(collection), { force: true });
    },
    async doTidy(collections) {
      const known = new Set(collections.map((name) => `${name}${SUFFIX}`));
      const found = await readdir(options.folder).catch(() => []);
      for (const name of found) {
        const path = join(options.folder, name);
        if (!known.has(name) && !(await isBeingWritten(path))) await rm(path, { force: true });
      }
    },
  };
}

/** Another process of this home may write at this moment. */
async function isBeingWritten(path: string): Promise<boolean> {
  if (!path.endsWith('.part')) return false;
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: 0 }));
  return Date.now() - mtimeMs < LONGEST_WRITING_MS;
}

function openFile(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw thrown;
  }
}

function readContents(file: number, release: string): Contents {
  const { size } = fstatSync(file);
  const tail = Buffer.from(readAt(file, size - TAIL_BYTES, TAIL_BYTES).buffer);
  if (!MAGIC.equals(tail.subarray(8))) throw new Error('it is cut off or no index');
  const length = tail.readUInt32LE(0);
  const table = readAt(file, size - TAIL_BYTES - length, length);
  if (crc32(table) !== tail.readUInt32LE(4)) throw new Error('its table of contents is damaged');
  const contents = contentsSchema.parse(JSON.parse(new TextDecoder().decode(table)));
  if (contents.format !== FORMAT || contents.release !== release)
    throw new Error(`it was written by release ${contents.release}`);
  if (contents.byteOrder !== endianness()) throw new Error('another kind of machine wrote it');
  return contents;
}

function sectionsOf(file: number, contents: Contents): SavedIndex['sections'] {
  const sections: Record<string, SavedSection> = {};
  let start = 0;
  for (const section of contents.sections) {
    const place = { ...section, start };
    sections[section.name] = {
      bytes: section.bytes,
      pieces: { [Symbol.iterator]: () => piecesOf(file, place) },
    };
    start += section.bytes;
  }
  return sections;
}

/** All in the same memory, one after the other. */
function* piecesOf(
  file: number,
  { name, start, bytes, crc }: Contents['sections'][number] & { readonly start: number },
): Generator<Uint8Array> {
  const piece = new Uint8Array(Math.min(bytes, PIECE_BYTES));
  let sum = 0;
  for (let at = 0; at < bytes; at += piece.length) {
    const part = piece.subarray(0, Math.min(piece.length, bytes - at));
    fill(file, start + at, part);
    sum = crc32(part, sum);
    yield part;
  }
  if (sum !== crc) throw new Error(`its section ${name} is damaged`);
}

function readAt(file: number, position: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  fill(file, position, bytes);
  return bytes;
}

function fill(file: number, position: number, bytes: Uint8Array): void {
  if (position < 0) throw new Error('it is cut off');
  for (let done = 0; done < bytes.length; ) {
    const count = readSync(file, bytes, done, bytes.length - done, position + done);
    if (count === 0) throw new Error('it is cut off');
    done += count;
  }
}

/** At once, because the index may change as soon as others have a turn: 90 MB take about 150 ms. */
function writeFile(path: string, index: SavedIndex, release: string): void {
  const file = openSync(path, 'w', 0o600);
  try {
    const sections = Object.entries(index.sections).map(([name, { bytes, pieces }]) => {
      let crc = 0;
      for (const piece of pieces) {
        crc = crc32(piece, crc);
        writeWhole(file, piece);
      }
      return { name, bytes, crc };
    });
    const byteOrder = endianness();
    const contents: Contents = { format: FORMAT, release, byteOrder, about: index.about, sections };
    const table = Buffer.from(JSON.stringify(contents));
    const tail = Buffer.alloc(8);
    tail.writeUInt32LE(table.length, 0);
    tail.writeUInt32LE(crc32(table), 4);
    writeWhole(file, Buffer.concat([table, tail, MAGIC]));
  } finally {
    closeSync(file);
  }
}

function writeWhole(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; )
    done += writeSync(file, bytes, done, bytes.length - done);
}

async function makeLasting(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

function toIndexError(thrown: unknown, collection: string): CadreError {
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new CadreError('store_failed', `the saved index of ${collection}: ${reason}`);
}
