import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import {
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  statfs,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ModelFile } from '../../core/catalogue.ts';
import type { CallOptions } from '../../core/ports.ts';

/** SHA-256 took 3.8 ms per MiB on a busy machine; a quarter of that holds the event loop 1 ms. */
const HASH_PIECE_BYTES = 262_144;

/** Where an installed model file lies below the models folder. */
export function modelFilePath(folder: string, file: ModelFile): string {
  return join(folder, file.sha256, file.name);
}

/** The folder of model files on a disk; the fleet's `ModelFiles` port. */
export class DiskModelFiles {
  readonly #folder: string;

  /** `folder`: CADRE_HOME/models, made when missing. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async doInspect(file: ModelFile) {
    const found = await statOf(this.#installed(file));
    if (!found) {
      const problem = await textOf(this.#damageNote(file));
      return problem === undefined
        ? ({ state: 'absent' } as const)
        : ({ state: 'damaged', problem } as const);
    }
    if (found.bytes !== file.bytes)
      return {
        state: 'damaged',
        problem: `${file.name} has ${found.bytes} bytes instead of ${file.bytes}`,
      } as const;
    const note = await textOf(this.#verifiedNote(file));
    return { state: note === found.stamp ? 'verified' : 'unverified' } as const;
  }

  async doOpenPartial(file: ModelFile): Promise<string> {
    const path = this.#partial(file);
    await mkdir(dirname(path), { recursive: true });
    return path;
  }

  async doPartialBytes(file: ModelFile): Promise<number> {
    return (await statOf(this.#partial(file)))?.bytes ?? 0;
  }

  async doFreeBytes(): Promise<number> {
    await mkdir(this.#folder, { recursive: true });
    const { bavail, bsize } = await statfs(this.#folder);
    return bavail * bsize;
  }

  async doHash(
    file: ModelFile,
    place: 'partial' | 'installed',
    { signal }: CallOptions,
  ): Promise<string> {
    signal.throwIfAborted();
    const hash = createHash('sha256');
    const stream = createReadStream(this.#at(file, place), { highWaterMark: HASH_PIECE_BYTES });
    for await (const piece of stream) {
      signal.throwIfAborted();
      hash.update(piece);
    }
    return hash.digest('hex');
  }

  async doReadPartial(file: ModelFile, offset: number, length: number): Promise<Uint8Array> {
    const handle = await open(this.#partial(file));
    try {
      const bytes = new Uint8Array(length);
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return bytes.subarray(0, filled);
    } finally {
      await handle.close();
    }
  }

  async doInstall(file: ModelFile): Promise<void> {
    const path = this.#installed(file);
    await mkdir(dirname(path), { recursive: true });
    await flush(this.#partial(file));
    await rename(this.#partial(file), path);
    await flush(dirname(path));
    await rm(this.#parts(file), { recursive: true, force: true });
    await rm(this.#damageNote(file), { force: true });
    await this.doMarkVerified(file);
  }

  async doMarkVerified(file: ModelFile): Promise<void> {
    const found = await statOf(this.#installed(file));
    if (found) await writeWhole(this.#verifiedNote(file), found.stamp);
  }

  async doQuarantine(
    file: ModelFile,
    place: 'partial' | 'installed',
    problem: string,
  ): Promise<void> {
    const folder = join(this.#folder, 'quarantine');
    await mkdir(folder, { recursive: true });
    await rename(this.#at(file, place), join(folder, `${file.sha256}-${file.name}`));
    if (place === 'installed') {
      await rm(this.#verifiedNote(file), { force: true });
      await writeWhole(this.#damageNote(file), problem);
    } else await rm(this.#parts(file), { recursive: true, force: true });
  }

  async doSweep(): Promise<void> {
    const folder = join(this.#folder, 'partial');
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries)
      if (entry.isDirectory() && !entry.name.endsWith('.parts'))
        await rm(join(folder, entry.name), { recursive: true, force: true });
  }

  #at(file: ModelFile, place: 'partial' | 'installed'): string {
    return place === 'partial' ? this.#partial(file) : this.#installed(file);
  }

  #partial(file: ModelFile): string {
    return join(this.#folder, 'partial', file.sha256);
  }

  /** Where a source keeps the finished parts of one file. */
  #parts(file: ModelFile): string {
    return `${this.#partial(file)}.parts`;
  }

  #installed(file: ModelFile): string {
    return modelFilePath(this.#folder, file);
  }

  #verifiedNote(file: ModelFile): string {
    return join(this.#folder, file.sha256, 'verified');
  }

  #damageNote(file: ModelFile): string {
    return join(this.#folder, file.sha256, 'damaged');
  }
}

/** Undefined when nothing is there. The stamp changes with every write, also one that keeps mtime. */
async function statOf(path: string) {
  const found = await stat(path, { bigint: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!found) return undefined;
  return {
    bytes: Number(found.size),
    stamp: `${found.size} bytes, modified ${found.mtimeNs}, changed ${found.ctimeNs}`,
  };
}

async function textOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

async function flush(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeWhole(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}
