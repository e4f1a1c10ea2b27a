import type { LlamaModel } from 'node-llama-cpp';
import type { AdapterFile } from '../core/adapter.ts';
import { CadreError } from '../core/errors.ts';
import { type AddonAdapter, loadAddonAdapter } from './llama-addon.ts';

/** An adapter in memory for the time of a request. */
export interface HeldAdapter {
  readonly key: string;
  readonly addon: AddonAdapter;
  release(): void;
}

interface Entry {
  readonly addon: Promise<AddonAdapter>;
  readonly bytes: number;
  users: number;
  isLoaded: boolean;
}

/** Adapters of one base in memory: those longest unused leave when there are too many bytes. */
export class AdapterRack {
  readonly #model: LlamaModel;
  readonly #mostBytes: number;
  readonly #onLeave: (key: string) => void;
  readonly #onMemory: () => void;
  /** The one that was used last comes last. */
  readonly #entries = new Map<string, Entry>();

  /** `onLeave`: called before the adapter of that key is freed; it must not be set any more then. */
  constructor(
    model: LlamaModel,
    mostBytes: number,
    { onLeave, onMemory }: { onLeave: (key: string) => void; onMemory: () => void },
  ) {
    this.#model = model;
    this.#mostBytes = mostBytes;
    this.#onLeave = onLeave;
    this.#onMemory = onMemory;
  }

  /** Adapters in memory. */
  get count(): number {
    return this.#entries.size;
  }

  /** Loads it where need be. Rejects with `adapter_refused` or `out_of_memory`. */
  async take({ path, hash, bytes }: AdapterFile): Promise<HeldAdapter> {
    if (bytes > this.#mostBytes)
      throw new CadreError(
        'out_of_memory',
        `the adapter ${path} has ${bytes} bytes; the adapters of one model may take ${this.#mostBytes} together (\`fleet.adapterMemory\`)`,
      );
    const entry = this.#entries.get(hash) ?? this.#load(path, bytes);
    this.#entries.delete(hash);
    this.#entries.set(hash, entry);
    entry.users += 1;
    try {
      const addon = await entry.addon;
      if (!entry.isLoaded) {
        entry.isLoaded = true;
        this.#onMemory();
        this.#trim();
      }
      let isReleased = false;
      const release = () => {
        if (isReleased) return;
        isReleased = true;
        entry.users -= 1;
        this.#trim();
      };
      return { key: hash, addon, release };
    } catch (error) {
      if (this.#entries.get(hash) === entry) this.#entries.delete(hash);
      throw new CadreError('adapter_refused', `the adapter ${path} could not be loaded`, {
        cause: error,
      });
    }
  }

  #load(path: string, bytes: number): Entry {
    return { addon: loadAddonAdapter(this.#model, path), bytes, users: 0, isLoaded: false };
  }

  #trim(): void {
    let sum = 0;
    for (const { bytes } of this.#entries.values()) sum += bytes;
    for (const [key, entry] of this.#entries) {
      if (sum <= this.#mostBytes) return;
      if (entry.users > 0) continue;
      sum -= entry.bytes;
      this.#entries.delete(key);
      this.#onLeave(key);
      void entry.addon.then((addon) => addon.dispose()).finally(this.#onMemory);
    }
  }
}
