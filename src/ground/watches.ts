import type { FolderSource } from '../core/ports.ts';

interface Watch {
  readonly folder: string;
  readonly controller: AbortController;
}

/**
 * The folders that are followed. The source reports once when it begins to watch; a change sets off one reconciliation; changes while it runs set
 * off one more. Before `start` folders are only noted.
 */
export class Watches {
  readonly #doWatch: FolderSource['doWatch'];
  readonly #follow: (name: string, signal: AbortSignal) => Promise<void>;
  readonly #watches = new Map<string, Watch>();
  #signal: AbortSignal | undefined;

  constructor(
    doWatch: FolderSource['doWatch'],
    follow: (name: string, signal: AbortSignal) => Promise<void>,
  ) {
    this.#doWatch = doWatch;
    this.#follow = follow;
  }

  /** Follows these folders (what changed meanwhile is caught up) until the signal aborts. */
  async start(folders: ReadonlyMap<string, string>, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    this.#signal = signal;
    const stopped = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    for (const [name, folder] of folders) {
      this.set(name, folder);
    }
    await stopped;
    for (const name of [...this.#watches.keys()]) this.set(name, undefined);
    this.#signal = undefined;
  }

  /** Follows a folder from now on, or no longer; does nothing before `start` or after its end. */
  set(name: string, folder: string | undefined): void {
    const known = this.#watches.get(name);
    if (known?.folder === folder && known !== undefined) return;
    known?.controller.abort();
    this.#watches.delete(name);
    if (folder === undefined || this.#signal === undefined || this.#signal.aborted) return;
    const controller = new AbortController();
    this.#watches.set(name, { folder, controller });
    void this.#run(name, folder, AbortSignal.any([this.#signal, controller.signal]));
  }

  async #run(name: string, folder: string, signal: AbortSignal): Promise<void> {
    let isRunning = false;
    let isDirty = false;
    const onChange = async () => {
      isDirty = true;
      if (isRunning) return;
      isRunning = true;
      while (isDirty && !signal.aborted) {
        isDirty = false;
        await this.#follow(name, signal).catch(() => undefined);
      }
      isRunning = false;
    };
    await this.#doWatch(folder, onChange, { signal }).catch(() => undefined);
  }
}
