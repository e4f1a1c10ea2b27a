import { SharedRun } from '../base/shared-run.ts';

/** Runs by name: each as a `SharedRun`, kept while somebody waits for it. */
export class LatestRuns {
  readonly #work: (name: string) => Promise<void>;
  readonly #shared = new Map<string, { readonly run: SharedRun; waiting: number }>();

  constructor(work: (name: string) => Promise<void>) {
    this.#work = work;
  }

  async run(name: string): Promise<void> {
    const shared = this.#shared.get(name) ?? {
      run: new SharedRun(() => this.#work(name)),
      waiting: 0,
    };
    this.#shared.set(name, shared);
    shared.waiting += 1;
    try {
      await shared.run.run();
    } finally {
      shared.waiting -= 1;
      if (shared.waiting === 0) this.#shared.delete(name);
    }
  }

  /** As `run`, but waits no longer than so many milliseconds; the run goes on all the same. */
  async runFor(name: string, most: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, most);
    });
    try {
      await Promise.race([this.run(name), late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
