import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { lockfileSchema, type ModelEntry } from '../../core/catalogue.ts';
import { CadreError } from '../../core/errors.ts';

/** The models that this home made: `own.json` beside their files, in the form of the lockfile. */
export class OwnModels {
  readonly #path: string;
  #entries: readonly ModelEntry[];

  /** `folder`: CADRE_HOME/models. Throws `config_invalid` where the file is not what it was. */
  constructor(folder: string) {
    this.#path = join(folder, 'own.json');
    this.#entries = readEntries(this.#path);
  }

  get entries(): readonly ModelEntry[] {
    return this.#entries;
  }

  /** Kept in one step: a process that is killed leaves the file before or the file after. */
  add(entry: ModelEntry): void {
    const entries = [...this.#entries.filter(({ id }) => id !== entry.id), entry];
    mkdirSync(dirname(this.#path), { recursive: true });
    writeFileSync(`${this.#path}.new`, `${JSON.stringify({ version: 1, models: entries })}\n`, {
      flush: true,
    });
    renameSync(`${this.#path}.new`, this.#path);
    this.#entries = entries;
  }
}

function readEntries(path: string): readonly ModelEntry[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  try {
    return lockfileSchema.parse(JSON.parse(text)).models;
  } catch (cause) {
    throw new CadreError(
      'config_invalid',
      `${path} cannot be read; move it away, and make its models again with \`cadre quantise\``,
      { cause },
    );
  }
}
