import { type Lockfile, lockfileSchema, type ModelEntry } from '../core/catalogue.ts';
import { CadreError } from '../core/errors.ts';
import { nearestName } from '../core/nearest.ts';

/** The models of `models.lock.json`, and those that the farm made out of them, by id. */
export class Catalogue {
  readonly #byId: Map<string, ModelEntry>;

  constructor(lockfile: Lockfile) {
    this.#byId = new Map(lockfile.models.map((entry) => [entry.id, entry]));
  }

  /** In the order of the lockfile, then as they were made. */
  get entries(): readonly ModelEntry[] {
    return [...this.#byId.values()];
  }

  /** Adds a model, in the place of one of the same id. */
  add(entry: ModelEntry): void {
    this.#byId.set(entry.id, entry);
  }

  remove(id: string): void {
    this.#byId.delete(id);
  }

  find(id: string): ModelEntry | undefined {
    return this.#byId.get(id);
  }

  /** Throws `model_not_found` with the nearest id when there is one. */
  get(id: string): ModelEntry {
    const entry = this.#byId.get(id);
    if (entry) return entry;
    const near = nearestName(id, [...this.#byId.keys()]);
    throw new CadreError(
      'model_not_found',
      `no model is called \`${id}\`${near ? `; did you mean \`${near}\`?` : ''}`,
      { param: 'model' },
    );
  }

  /** The starter farm, first to fetch first. */
  starters(): readonly ModelEntry[] {
    return this.entries
      .filter((entry) => entry.starter !== undefined)
      .sort((a, b) => (a.starter ?? 0) - (b.starter ?? 0));
  }
}

/**
 * Parses the content of `models.lock.json`. Throws `config_invalid` naming the path of the first
 * problem; two models with one id, or one name for two files of a model, are problems too.
 */
export function parseLockfile(value: unknown): Catalogue {
  const parsed = lockfileSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const path = (issue?.path ?? []).map(String).join('.') || 'the file';
    throw new CadreError(
      'config_invalid',
      `models.lock.json: \`${path}\`: ${issue?.message ?? 'invalid'}`,
      { param: path },
    );
  }
  const ids = new Set<string>();
  for (const entry of parsed.data.models) {
    if (ids.has(entry.id)) throw twice(`the model \`${entry.id}\``);
    ids.add(entry.id);
    const names = new Set(entry.files.map((file) => file.name));
    if (names.size < entry.files.length) throw twice(`a file of \`${entry.id}\``);
  }
  return new Catalogue(parsed.data);
}

function twice(what: string): CadreError {
  return new CadreError('config_invalid', `models.lock.json: ${what} is listed twice`);
}

/** Bytes of all files of a model. */
export function fileBytesOf(entry: ModelEntry): number {
  return entry.files.reduce((sum, file) => sum + file.bytes, 0);
}
