/** Values that a promise gives off while it runs, as an async iterable that ends or fails with it. */
export class ProgressQueue<T> implements AsyncIterable<T> {
  readonly #values: T[] = [];
  #wake: () => void = () => undefined;
  #isDone = false;
  #error: { readonly thrown: unknown } | undefined;

  push(value: T): void {
    this.#values.push(value);
    this.#wake();
  }

  follow(work: Promise<unknown>): void {
    work
      .catch((thrown: unknown) => {
        this.#error = { thrown };
      })
      .finally(() => {
        this.#isDone = true;
        this.#wake();
      });
  }

  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    for (;;) {
      const value = this.#values.shift();
      if (value !== undefined) {
        yield value;
        continue;
      }
      if (this.#isDone) break;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#error !== undefined) throw this.#error.thrown;
  }
}
