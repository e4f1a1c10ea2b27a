import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { modelFilePath } from '../adapters/models/model-files.ts';
import { type AdapterFile, adaptedModelId } from '../core/adapter.ts';
import type { ModelEntry } from '../core/catalogue.ts';
import type { SpokeConfig } from '../core/config.ts';
import { CadreError, toCadreError } from '../core/errors.ts';
import { fileTrouble } from '../core/file-trouble.ts';
import type { ModelLease } from '../core/ports.ts';
import type { Catalogue } from '../fleet/catalogue.ts';
import { type AdapterHeader, readAdapterHeader, requireBase } from '../fleet/gguf-adapter.ts';
import { type GgufHeader, readGgufHeader } from '../fleet/gguf-header.ts';
import type { ModelLibrary } from '../fleet/library.ts';
import type { AcquireOptions } from '../fleet/residency-deps.ts';
import { AdapterHashes } from './adapter-hashes.ts';
import { weightsOf, withFileReader } from './model-memory.ts';
import type { Settings } from './settings.ts';

interface Known {
  /** Size and time of the last change when it was read. */
  readonly stamp: string;
  readonly file: AdapterFile;
  readonly header: AdapterHeader;
  /** Models that it was checked against. */
  readonly fits: Set<string>;
}

interface FilesParts {
  /** Of the catalogue. */
  readonly find: (model: string) => ModelEntry | undefined;
  readonly isInstalled: (model: string) => boolean;
  readonly pathOf: (entry: ModelEntry) => string;
  /** Where the adapters of specialists lie, by hash. */
  readonly folder: string;
}

/**
 * The LoRA adapters that spokes name: each is read and checked against its base before anything
 * loads it, and again when its file has changed.
 */
export class AdapterFiles {
  readonly #parts: FilesParts;
  readonly #hashes: AdapterHashes;
  readonly #known = new Map<string, Known>();
  readonly #bases = new Map<string, Promise<GgufHeader>>();
  #readings = 0;
  /** Paths by model, as the spokes name them now. */
  #named = new Map<string, Set<string>>();

  constructor(parts: FilesParts) {
    this.#parts = parts;
    this.#hashes = new AdapterHashes(`${parts.folder}.json`);
  }

  /** What was read last; undefined where nothing was. */
  get(path: string): AdapterFile | undefined {
    return this.#known.get(path)?.file;
  }

  /** How often a file was read that was new or had changed. */
  get readings(): number {
    return this.#readings;
  }

  /** How many adapters of a model spokes name, and their bytes. */
  namedOf(model: string): { readonly count: number; readonly bytes: number } {
    const paths = [...(this.#named.get(model) ?? [])];
    const bytes = paths.reduce((sum, path) => sum + (this.get(path)?.bytes ?? 0), 0);
    return { count: paths.length, bytes };
  }

  /**
   * Reads the adapters of all spokes. Throws `config_invalid` with spoke and reason for one that is
   * none, or of another base; a base that is not installed yet is compared when it is asked.
   */
  async prepare(spokes: readonly SpokeConfig[]): Promise<void> {
    const named = new Map<string, Set<string>>();
    for (const { id, model, adapter } of spokes) {
      if (adapter === undefined) continue;
      const entry = this.#parts.find(model);
      try {
        if (entry?.format !== 'gguf')
          throw new CadreError('adapter_refused', `${model} is no local model that takes adapters`);
        if (this.#parts.isInstalled(model)) await this.checked(entry, adapter);
        else await this.#look(adapter);
      } catch (error) {
        const { message } = toCadreError(error);
        throw new CadreError('config_invalid', `the spoke ${id}: ${message}`, { param: 'spokes' });
      }
      const paths = named.get(model) ?? new Set();
      named.set(model, paths.add(adapter));
    }
    this.#named = named;
    const paths = new Set([...named.values()].flatMap((one) => [...one]));
    // A home that is read only hashes anew at every start.
    await this.#hashes.save(paths).catch(() => undefined);
  }

  /** An adapter as it lies on disk now. Rejects with `adapter_refused`; `model_damaged` is the base. */
  async checked(entry: ModelEntry, path: string): Promise<AdapterFile> {
    const { file, header, fits } = await this.#look(path);
    if (fits.has(entry.id)) return file;
    const hash = entry.files[0]?.sha256 ?? '';
    requireBase(header, await this.#baseOf(entry), { id: entry.id, hash });
    fits.add(entry.id);
    return file;
  }

  /**
   * The same for a base by name and hash, which need not be installed yet. Rejects with
   * `adapter_refused` where the farm's model of that name is another file.
   */
  async requireFor(base: { readonly model: string; readonly hash: string }, path: string) {
    const entry = this.#parts.find(base.model);
    const hash = entry?.files[0]?.sha256;
    if (entry === undefined || hash !== base.hash)
      throw new CadreError(
        'adapter_refused',
        `it was made for ${base.model} with the hash ${base.hash.slice(0, 12)}…, and ${hash === undefined ? 'models.lock.json does not hold that model' : `the one here is ${hash.slice(0, 12)}…`}`,
      );
    if (this.#parts.isInstalled(entry.id)) await this.checked(entry, path);
    else await this.#look(path);
  }

  /** Puts the adapter of a specialist on the disk; returns its path. */
  async keep(hash: string, bytes: Uint8Array): Promise<string> {
    const path = join(this.#parts.folder, `${hash}.gguf`);
    if ((await stat(path).catch(() => undefined))?.size === bytes.length) return path;
    await mkdir(this.#parts.folder, { recursive: true });
    const partial = `${path}.partial`;
    try {
      await writeFile(partial, bytes);
      await rename(partial, path);
    } catch (error) {
      throw fileTrouble(error, path) ?? error;
    }
    return path;
  }

  /** Deletes the adapters of specialists that serve no more. */
  async tidy(kept: readonly string[]): Promise<void> {
    const names = new Set(kept.map((path) => basename(path)));
    for (const name of await readdir(this.#parts.folder).catch(() => []))
      if (!names.has(name)) await rm(join(this.#parts.folder, name), { force: true });
  }

  async #look(path: string): Promise<Known> {
    const found = await stat(path).catch((error: unknown) => {
      const reason = fileTrouble(error, path)?.message ?? `${path} is not there`;
      throw new CadreError('adapter_refused', `the adapter cannot be read: ${reason}`);
    });
    const stamp = `${found.size} ${found.mtimeMs} ${found.ctimeMs}`;
    const known = this.#known.get(path);
    if (known?.stamp === stamp) return known;
    const header = await withFileReader(path, (read) => readAdapterHeader(read, found.size)).catch(
      (error: unknown) => {
        if (!(error instanceof CadreError && error.code === 'model_damaged')) throw error;
        throw new CadreError('adapter_refused', `${path} is no whole GGUF file: ${error.message}`);
      },
    );
    const file = { path, hash: await this.#hashes.hashOf(path, stamp), bytes: found.size };
    const fresh = { stamp, file, header, fits: new Set<string>() };
    this.#known.set(path, fresh);
    this.#readings += 1;
    return fresh;
  }

  #baseOf(entry: ModelEntry): Promise<GgufHeader> {
    const known = this.#bases.get(entry.id);
    if (known !== undefined) return known;
    const path = this.#parts.pathOf(entry);
    const bytes = entry.files[0]?.bytes ?? 0;
    const reading = withFileReader(path, (read) => readGgufHeader(read, bytes));
    this.#bases.set(entry.id, reading);
    reading.catch(() => this.#bases.delete(entry.id));
    return reading;
  }
}

/** The adapters of a home, over the models of its folder. */
export function composeAdapters(
  home: string,
  folder: string,
  catalogue: Catalogue,
  library: ModelLibrary,
): AdapterFiles {
  return new AdapterFiles({
    find: (id) => catalogue.find(id),
    isInstalled: (id) => library.stateOf(id).state === 'installed',
    pathOf: (entry) => modelFilePath(folder, weightsOf(entry)),
    folder: join(home, 'adapters'),
  });
}

/** Leases on models with adapters. */
export function adaptedModels(
  acquire: (id: string, options: AcquireOptions) => Promise<ModelLease>,
  library: ModelLibrary,
  adapters: AdapterFiles,
): {
  readonly adapters: AdapterFiles;
  acquireAdapted(id: string, path: string, options: AcquireOptions): Promise<ModelLease>;
} {
  return {
    adapters,
    acquireAdapted: (id, path, options) =>
      acquireAdapted(adapters, library.requireInstalled(id), path, (group) =>
        acquire(id, { ...options, group }),
      ),
  };
}

/** A lease on a model as an adapter changes it; its requests are served one after the other. */
export async function acquireAdapted(
  adapters: AdapterFiles,
  entry: ModelEntry,
  path: string,
  acquire: (group: string) => Promise<ModelLease>,
): Promise<ModelLease> {
  const adapter = await adapters.checked(entry, path);
  const lease = await acquire(adapter.hash);
  const model = lease.model.adapted?.(adapter);
  if (model !== undefined) return { ...lease, model };
  lease.release();
  throw new CadreError('adapter_refused', `${entry.id} takes no adapters`);
}

/** The name under which gate and receipts know the model of a local spoke. */
export function modelIdOf(
  { model, adapter }: Pick<SpokeConfig, 'model' | 'adapter'>,
  adapterOf?: (path: string) => AdapterFile | undefined,
): string {
  const file = adapter === undefined ? undefined : adapterOf?.(adapter);
  return file === undefined ? model : adaptedModelId(model, file);
}

/** Adapters with their whole path: a configured one is relative to the file that names it. */
export function withAdapterPaths(
  spokes: readonly SpokeConfig[],
  { configFile }: Pick<Settings, 'configFile'>,
): readonly SpokeConfig[] {
  const folder = configFile === undefined ? '.' : dirname(configFile);
  return spokes.map((spoke) =>
    spoke.adapter === undefined || isAbsolute(spoke.adapter)
      ? spoke
      : { ...spoke, adapter: resolve(folder, spoke.adapter) },
  );
}
