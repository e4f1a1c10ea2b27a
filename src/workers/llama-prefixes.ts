import { closeSync, existsSync, mkdtempSync, openSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LlamaContextSequence, Token } from 'node-llama-cpp';
import { sharedPrefix } from './llama-slots.ts';

/** What a sequence held when it had read a beginning, in a file. */
export interface SavedPrefix {
  readonly key: string;
  readonly tokens: readonly Token[];
  readonly file: number;
  readonly bytes: number;
  /** Requests that are reading the file now. */
  users: number;
}

type Sequence = Pick<
  LlamaContextSequence,
  'contextTokens' | 'saveStateToFile' | 'loadStateFromFile' | 'clearHistory'
>;

/** Shorter beginnings are read again faster than they are worth a file: chat templates share some tokens. */
const LEAST_TOKENS = 32;
/** A beginning that is longer than a saved one by less than this part is not saved beside it. */
const LEAST_GAIN = 0.1;
/** Fewer tokens than this are read as fast as the file is. */
const LEAST_SAVING = 4;
/** Latest prompts, of all adapters, that a new one is held against, each with so many tokens at most. */
const MOST_PROMPTS = 512;
const MOST_TOKENS = 2048;
/** Open files that a process may spend on this; systems allow 1024 and more. */
const MOST_FILES = 256;
/** Where a process reaches its open files by name; a file there needs no name of its own. */
const OPEN_FILES = '/proc/self/fd';
/** Types of file systems that keep their files in memory: tmpfs and ramfs (linux/magic.h). */
const IN_MEMORY: readonly number[] = [0x01021994, 0x858458f6];

/** Where the files lie, and who hears that they take other memory than before. */
export interface ShelfPlace {
  readonly folder: string;
  readonly onMemory: () => void;
}

/**
 * What the engine makes of beginnings that several prompts share (instructions, tools), per adapter:
 * where a slot has lost it to another conversation, it is read from a file instead of computed. 250
 * tokens take the 135M 960 ms of CPU and their file, of 23 kB a token, 0.6 (2 × AMD EPYC). Only where
 * two prompts part is saved, so no whole conversation is. The files have no name: they are gone with
 * the process however it ends, and only processes of the same user reach them meanwhile. On systems
 * that cannot reopen such files (all but Linux) nothing is saved.
 */
export class PrefixShelf {
  readonly #mostBytes: number;
  readonly #place: ShelfPlace;
  /** The one that was used last comes last. */
  readonly #saved = new Set<SavedPrefix>();
  readonly #latest: { readonly key: string; readonly tokens: readonly Token[] }[] = [];
  #isOpen: boolean;

  constructor(
    mostBytes: number,
    place: ShelfPlace = { folder: tmpdir(), onMemory: () => undefined },
  ) {
    this.#mostBytes = mostBytes;
    this.#place = place;
    this.#isOpen = mostBytes > 0 && existsSync(OPEN_FILES);
  }

  /** Bytes of memory that the files take: theirs where the folder is of such a file system, else 0. */
  memoryBytes(): number {
    const bytes = this.#bytes();
    return bytes > 0 && isInMemory(this.#place.folder) ? bytes : 0;
  }

  /** After how many tokens of this prompt the sequence is worth saving; undefined = nowhere. */
  note(key: string, tokens: readonly Token[]): number | undefined {
    if (!this.#isOpen) return undefined;
    let shared = 0;
    for (const latest of this.#latest) {
      if (latest.key !== key) continue;
      const length = sharedPrefix(latest.tokens, tokens);
      // The same prompt again, or a conversation that goes on, parts from nothing.
      const isParted = length < latest.tokens.length && length < tokens.length;
      if (isParted && length > shared) shared = length;
    }
    this.#latest.push({ key, tokens: tokens.slice(0, MOST_TOKENS) });
    if (this.#latest.length > MOST_PROMPTS) this.#latest.shift();
    if (shared < LEAST_TOKENS) return undefined;
    const known = this.#longest(key, tokens)?.tokens.length ?? 0;
    return known >= shared * (1 - LEAST_GAIN) ? undefined : shared;
  }

  /** The longest saved beginning of the prompt, if it saves reading; `kept`: tokens that are there. */
  find(key: string, tokens: readonly Token[], kept: number): SavedPrefix | undefined {
    const found = this.#longest(key, tokens);
    return found && found.tokens.length >= kept + LEAST_SAVING ? found : undefined;
  }

  /** Saves what the sequence holds; a fault, as a full disk, costs only what would have been saved. */
  async save(key: string, sequence: Sequence): Promise<void> {
    const tokens = [...sequence.contextTokens];
    let file: number | undefined;
    try {
      file = openNameless(this.#place.folder);
      const { fileSize: bytes } = await sequence.saveStateToFile(`${OPEN_FILES}/${file}`);
      this.#saved.add({ key, tokens, file, bytes, users: 0 });
      this.#trim();
      this.#place.onMemory();
    } catch {
      if (file !== undefined) closeSync(file);
      this.#isOpen = false;
    }
  }

  /** Puts it in the place of what the sequence holds. Returns the tokens that the sequence holds now. */
  async restore(saved: SavedPrefix, sequence: Sequence): Promise<number> {
    this.#saved.delete(saved);
    this.#saved.add(saved);
    saved.users += 1;
    try {
      await sequence.loadStateFromFile(`${OPEN_FILES}/${saved.file}`, { acceptRisk: true });
      return saved.tokens.length;
    } catch {
      this.#saved.delete(saved);
      await sequence.clearHistory();
      return 0;
    } finally {
      saved.users -= 1;
      if (saved.users === 0 && !this.#saved.has(saved)) closeSync(saved.file);
    }
  }

  dispose(): void {
    this.#isOpen = false;
    // Whoever still reads one closes it.
    for (const { file, users } of this.#saved) if (users === 0) closeSync(file);
    this.#saved.clear();
  }

  #longest(key: string, tokens: readonly Token[]): SavedPrefix | undefined {
    let longest: SavedPrefix | undefined;
    for (const one of this.#saved) {
      const { length } = one.tokens;
      // One token must be read anew to know what follows.
      if (one.key !== key || length >= tokens.length) continue;
      if (length <= (longest?.tokens.length ?? 0)) continue;
      if (sharedPrefix(one.tokens, tokens) === length) longest = one;
    }
    return longest;
  }

  #bytes(): number {
    let sum = 0;
    for (const { bytes } of this.#saved) sum += bytes;
    return sum;
  }

  #trim(): void {
    let sum = this.#bytes();
    for (const one of this.#saved) {
      if (sum <= this.#mostBytes && this.#saved.size <= MOST_FILES) return;
      if (one.users > 0) continue;
      sum -= one.bytes;
      this.#saved.delete(one);
      closeSync(one.file);
    }
  }
}

function openNameless(parent: string): number {
  const folder = mkdtempSync(join(parent, 'cadre-prefix-'));
  try {
    return openSync(join(folder, 'prefix'), 'w+', 0o600);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function isInMemory(folder: string): boolean {
  try {
    return IN_MEMORY.includes(statfsSync(folder).type);
  } catch {
    return false;
  }
}
