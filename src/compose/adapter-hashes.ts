import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';

/** A quarter of a MiB takes SHA-256 about a millisecond. */
const HASH_PIECE_BYTES = 262_144;

const notesSchema = z.record(z.string(), z.strictObject({ stamp: z.string(), hash: z.string() }));
type Notes = z.infer<typeof notesSchema>;

/**
 * Hashes of adapter files, kept over restarts: a file with the size and times of its last reading is
 * trusted, as models are; 200 adapters of 10 MB take seconds to hash.
 */
export class AdapterHashes {
  readonly #file: string;
  #reading: Promise<Map<string, Notes[string]>> | undefined;
  #isChanged = false;

  /** `file`: where they are kept. */
  constructor(file: string) {
    this.#file = file;
  }

  /** SHA-256 of a file's bytes, hex. */
  async hashOf(path: string, stamp: string): Promise<string> {
    const notes = await this.#notes();
    const known = notes.get(path);
    if (known?.stamp === stamp) return known.hash;
    const hash = createHash('sha256');
    for await (const piece of createReadStream(path, { highWaterMark: HASH_PIECE_BYTES }))
      hash.update(piece as Buffer);
    const fresh = { stamp, hash: hash.digest('hex') };
    notes.set(path, fresh);
    this.#isChanged = true;
    return fresh.hash;
  }

  /** Writes those of the files that are named, where anything is new. */
  async save(paths: ReadonlySet<string>): Promise<void> {
    if (!this.#isChanged) return;
    this.#isChanged = false;
    const kept = [...(await this.#notes())].filter(([path]) => paths.has(path));
    await mkdir(dirname(this.#file), { recursive: true });
    const partial = `${this.#file}.partial`;
    await writeFile(partial, JSON.stringify(Object.fromEntries(kept)));
    await rename(partial, this.#file);
  }

  #notes(): Promise<Map<string, Notes[string]>> {
    this.#reading ??= readNotes(this.#file);
    return this.#reading;
  }
}

/** What cannot be read is found out anew. */
async function readNotes(file: string): Promise<Map<string, Notes[string]>> {
  try {
    return new Map(Object.entries(notesSchema.parse(JSON.parse(await readFile(file, 'utf8')))));
  } catch {
    return new Map();
  }
}
