import { type FSWatcher, watch } from 'node:fs';
import { basename, join } from 'node:path';
import { CadreError } from '../../core/errors.ts';
import { isIgnored, walkFolder } from './folder-walk.ts';

export interface WatchOptions {
  /** Quiet time after the last event before a change is reported. */
  readonly debounceMs: number;
  /** A change is reported this often without any event, for file systems that send none. */
  readonly reconcileSeconds: number;
  /** A folder that is missing or cannot be watched is tried again this often; 5,000 when absent. */
  readonly retryMs?: number;
  /** Folders below one that are watched at most; 5,000 when absent. */
  readonly mostFolders?: number;
  /** Told when folders are left that no watch stands for. */
  readonly onProblem?: ((error: CadreError) => void) | undefined;
}

/** A file that is written all the time is reported this often all the same. */
const LONGEST_DEBOUNCE = 10;
/** Each watched folder takes one of the system's watches; beyond this only the period helps. */
const MOST_FOLDERS = 5000;
const RETRY_MS = 5000;

/**
 * Watches a folder and all below it with one system watch per folder. The recursive mode of
 * node:fs.watch would also take one per file and those of ignored folders.
 */
export class FolderWatch {
  readonly #folder: string;
  readonly #onChange: () => void;
  readonly #options: WatchOptions;
  readonly #watchers = new Map<string, FSWatcher>();
  #timer: NodeJS.Timeout | undefined;
  #firstEvent: number | undefined;
  #unwatched = 0;

  constructor(folder: string, onChange: () => void, options: WatchOptions) {
    this.#folder = folder;
    this.#onChange = onChange;
    this.#options = options;
  }

  /** Resolves when the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const stopped = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await this.#refresh(signal);
    // What changed before the watches stood went unseen.
    if (!signal.aborted) this.#onChange();
    const period = setInterval(() => this.#report(signal), this.#options.reconcileSeconds * 1000);
    const retry = setInterval(() => this.#retry(signal), this.#options.retryMs ?? RETRY_MS);
    period.unref();
    retry.unref();
    await stopped;
    clearInterval(period);
    clearInterval(retry);
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #onEvent(name: string | null, signal: AbortSignal): void {
    if (name !== null && isIgnored(name)) return;
    const now = performance.now();
    this.#firstEvent ??= now;
    const { debounceMs } = this.#options;
    const most = this.#firstEvent + debounceMs * LONGEST_DEBOUNCE - now;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#report(signal), Math.max(0, Math.min(debounceMs, most)));
  }

  async #report(signal: AbortSignal): Promise<void> {
    this.#firstEvent = undefined;
    await this.#refresh(signal);
    if (!signal.aborted) this.#onChange();
  }

  async #retry(signal: AbortSignal): Promise<void> {
    if (this.#watchers.size > 0) return;
    await this.#refresh(signal);
    if (this.#watchers.size > 0 && !signal.aborted) this.#onChange();
  }

  /** Watches new folders and forgets those that are gone. */
  async #refresh(signal: AbortSignal): Promise<void> {
    const listing = await walkFolder(this.#folder, signal).catch(() => undefined);
    if (signal.aborted) return;
    const all = listing?.folders ?? [];
    const folders = new Set(all.slice(0, this.#options.mostFolders ?? MOST_FOLDERS));
    for (const [path, watcher] of this.#watchers) {
      if (folders.has(path)) continue;
      watcher.close();
      this.#watchers.delete(path);
    }
    let unwatched = all.length - folders.size;
    for (const path of folders)
      if (!this.#watchers.has(path) && !this.#watch(path, signal)) unwatched += 1;
    this.#tell(unwatched);
  }

  /** Once for each time that it begins. */
  #tell(unwatched: number): void {
    const isNew = unwatched > 0 && this.#unwatched === 0;
    this.#unwatched = unwatched;
    if (!isNew) return;
    const { reconcileSeconds, onProblem } = this.#options;
    onProblem?.(
      new CadreError(
        'source_failed',
        `${unwatched} folders in ${this.#folder} cannot be watched; their changes are found every ${reconcileSeconds} s. Raise fs.inotify.max_user_watches, or index fewer folders`,
      ),
    );
  }

  /** False where it cannot be watched although it is there. */
  #watch(path: string, signal: AbortSignal): boolean {
    try {
      const watcher = watch(path, { persistent: false });
      watcher.on('change', (kind, name) => {
        if (kind === 'rename' && name !== null) this.#forgetReplaced(path, String(name));
        this.#onEvent(name === null ? null : String(name), signal);
      });
      watcher.on('error', () => {
        watcher.close();
        if (this.#watchers.get(path) === watcher) this.#watchers.delete(path);
      });
      this.#watchers.set(path, watcher);
      return true;
    } catch (thrown) {
      // Where the system has no watch left (ENOSPC) the period finds the changes.
      return (thrown as NodeJS.ErrnoException).code === 'ENOENT';
    }
  }

  /** A folder that was removed and made again is another one; its old watch would stay silent. */
  #forgetReplaced(path: string, name: string): void {
    for (const replaced of [join(path, name), ...(basename(path) === name ? [path] : [])]) {
      this.#watchers.get(replaced)?.close();
      this.#watchers.delete(replaced);
    }
  }
}
