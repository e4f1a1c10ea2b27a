/**
 * Work that is done once for all who ask: one run at a time, and whoever asks while it runs shares
 * the one after it, which sees all that was there when it was asked for.
 */
export class SharedRun {
  readonly #work: () => Promise<void>;
  #last: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  /** Settles as a run does that begins after this call. */
  run(): Promise<void> {
    this.#next ??= this.#last.then(() => {
      this.#next = undefined;
      const current = this.#work();
      this.#last = current.catch(() => undefined);
      return current;
    });
    return this.#next;
  }

  /** Resolves when nothing of what was asked for runs or waits. */
  async idle(): Promise<void> {
    await this.#next?.catch(() => undefined);
    await this.#last;
  }
}
