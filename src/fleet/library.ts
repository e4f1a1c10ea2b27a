import type { ModelEntry, ModelFile } from '../core/catalogue.ts';
import { CadreError } from '../core/errors.ts';
import type { CallOptions } from '../core/ports.ts';
import type { Catalogue } from './catalogue.ts';
import type { ModelFiles } from './model-files.ts';

export interface InstallState {
  readonly state: 'absent' | 'installed' | 'damaged';
  /** What is wrong, in words; only when damaged. */
  readonly problem?: string;
}

const ABSENT: InstallState = { state: 'absent' };

/** Which models are whole on disk. Knows nothing until `installedModels` has looked once. */
export class ModelLibrary {
  readonly #catalogue: Catalogue;
  readonly #files: ModelFiles;
  readonly #states = new Map<string, InstallState>();

  constructor(catalogue: Catalogue, files: ModelFiles) {
    this.#catalogue = catalogue;
    this.#files = files;
  }

  /** What was found last; `absent` before anybody looked. */
  stateOf(id: string): InstallState {
    return this.#states.get(id) ?? ABSENT;
  }

  /**
   * Looks at every model: a file with the size and times of its last verification is trusted, any
   * other is hashed again. A file that fails is set aside and its model is `damaged`.
   */
  async installedModels(options: CallOptions): Promise<ReadonlyMap<string, InstallState>> {
    for (const entry of this.#catalogue.entries) await this.refresh(entry.id, options);
    return this.#states;
  }

  /** Looks at one model as `installedModels` does. */
  async refresh(id: string, { signal }: CallOptions): Promise<InstallState> {
    let state: InstallState = { state: 'installed' };
    for (const file of this.#catalogue.get(id).files) {
      signal.throwIfAborted();
      const found = await this.#checkFile(file, signal);
      if (found.state === 'damaged') {
        state = found;
        break;
      }
      if (found.state === 'absent') state = found;
    }
    this.#states.set(id, state);
    return state;
  }

  /** Throws `model_unavailable` or `model_damaged` when the model cannot be loaded. */
  requireInstalled(id: string): ModelEntry {
    const entry = this.#catalogue.get(id);
    const { state, problem } = this.stateOf(id);
    if (state === 'damaged')
      throw new CadreError('model_damaged', `\`${id}\` is damaged: ${problem ?? 'unknown'}`);
    if (state === 'absent')
      throw new CadreError('model_unavailable', `\`${id}\` is not installed`, { param: 'model' });
    return entry;
  }

  async #checkFile(file: ModelFile, signal: AbortSignal): Promise<InstallState> {
    const condition = await this.#files.doInspect(file);
    if (condition.state === 'absent' || condition.state === 'damaged') return condition;
    if (condition.state === 'verified') return { state: 'installed' };
    const hash = await this.#files.doHash(file, 'installed', { signal });
    if (hash === file.sha256) {
      await this.#files.doMarkVerified(file);
      return { state: 'installed' };
    }
    const problem = hashProblem(file, hash);
    await this.#files.doQuarantine(file, 'installed', problem);
    return { state: 'damaged', problem };
  }
}

/** In words: twelve digits tell two hashes apart and leave the line readable. */
export function hashProblem(file: ModelFile, hash: string): string {
  return `${file.name} has the hash ${hash.slice(0, 12)}… instead of ${file.sha256.slice(0, 12)}…`;
}
