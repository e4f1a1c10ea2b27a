import { readFile, rename, stat, truncate, writeFile } from 'node:fs/promises';

/**
 * How far a file joined from parts has come: parts that are whole in it, and its bytes after them.
 * Written after each part, so that a cut run goes on with the next part.
 */
export class PartJournal {
  readonly #path: string;
  readonly #source: string;
  #partCount = 0;
  #bytes = 0;

  private constructor(path: string, source: string) {
    this.#path = path;
    this.#source = source;
  }

  /** Reads the journal and cuts `target` back to the last whole part; a stranger's counts as none. */
  static async open(path: string, source: string, target: string): Promise<PartJournal> {
    const journal = new PartJournal(path, source);
    const noted = parse(await readFile(path, 'utf8').catch(() => ''));
    const there = (await stat(target).catch(() => undefined))?.size ?? 0;
    if (noted?.source === source && noted.bytes <= there) {
      journal.#partCount = noted.partCount;
      journal.#bytes = noted.bytes;
    }
    if (there > journal.#bytes) await truncate(target, journal.#bytes);
    return journal;
  }

  get partCount(): number {
    return this.#partCount;
  }

  get bytes(): number {
    return this.#bytes;
  }

  async add(bytes: number): Promise<void> {
    this.#partCount += 1;
    this.#bytes += bytes;
    const note = { source: this.#source, partCount: this.#partCount, bytes: this.#bytes };
    await writeFile(`${this.#path}.new`, JSON.stringify(note));
    await rename(`${this.#path}.new`, this.#path);
  }
}

interface Note {
  readonly source: string;
  readonly partCount: number;
  readonly bytes: number;
}

function parse(text: string): Note | undefined {
  try {
    const value = JSON.parse(text) as Partial<Note> | null;
    const { source, partCount, bytes } = value ?? {};
    const isWhole =
      typeof source === 'string' && Number.isInteger(partCount) && Number.isInteger(bytes);
    return isWhole ? (value as Note) : undefined;
  } catch {
    // Half-written or absent: start from the first part.
    return undefined;
  }
}
