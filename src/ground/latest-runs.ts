/**
 * Runs by name, one at a time each. A run that is asked for while another is on begins after it, once
 * for all who asked meanwhile: whoever waits for it knows that it saw what was there when he asked.
 */
export class LatestRuns {
  readonly #work: (name: string) => Promise<void>;
  readonly #running = new Map<string, Promise<void>>();
  readonly #waiting = new Map<string, Promise<void>>();

  constructor(work: (name: string) => Promise<void>) {
    this.#work = work;
  }

  run(name: string): Promise<void> {
    const waiting = this.#waiting.get(name);
    if (waiting !== undefined) return waiting;
    const running = this.#running.get(name);
    if (running === undefined) return this.#begin(name);
    const next = running
      .catch(() => undefined)
      .then(() => {
        this.#waiting.delete(name);
        return this.#begin(name);
      });
    this.#waiting.set(name, next);
    return next;
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

  #begin(name: string): Promise<void> {
    const run = this.#work(name).finally(() => {
      if (this.#running.get(name) === run) this.#running.delete(name);
    });
    this.#running.set(name, run);
    return run;
  }
}
