interface Connection {
  /** All of `work` or nothing of it; throws what stood in the way. */
  readonly write: (work: () => void) => void;
  readonly run: (sql: string) => void;
  readonly isInTransaction: () => boolean;
}

interface Part {
  /** A single statement, which is a transaction by itself. */
  readonly isOne: boolean;
  readonly work: () => void;
  readonly settle: () => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Group commit: what is shared within one turn of the event loop is written at its end in one
 * transaction, and each part settles when that is in the log. A commit of one receipt costs 30 to
 * 50 µs, of sixteen 13 to 19 µs each (two cores of an EPYC, 1.5 to 3 KB per row).
 */
export class SqliteGroup {
  readonly #connection: Connection;
  #parts: Part[] = [];

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** One statement, which is whole or not at all by itself. */
  shareOne<T>(work: () => T): Promise<T> {
    return this.#join(true, work);
  }

  /** All of `work` or nothing of it; its failure does not touch the other parts. */
  share<T>(work: () => T): Promise<T> {
    return this.#join(false, () => this.#apart(work));
  }

  /** Writes what waits now. */
  finish(): void {
    const parts = this.#parts;
    if (parts.length === 0) return;
    this.#parts = [];
    const done: Part[] = [];
    const [first] = parts;
    try {
      if (parts.length === 1 && first?.isOne) {
        first.work();
        done.push(first);
      } else {
        this.#connection.write(() => {
          for (const part of parts) if (this.#doPart(part)) done.push(part);
        });
      }
    } catch (error) {
      // A part that failed by itself has been told its own reason, which stands.
      for (const part of parts) part.fail(error);
      return;
    }
    for (const part of done) part.settle();
  }

  #join<T>(isOne: boolean, work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      let result: { readonly value: T } | undefined;
      if (this.#parts.length === 0) setImmediate(() => this.finish());
      this.#parts.push({
        isOne,
        work: () => {
          result = { value: work() };
        },
        settle: () => result && resolve(result.value),
        fail: reject,
      });
    });
  }

  #doPart(part: Part): boolean {
    try {
      part.work();
      return true;
    } catch (error) {
      part.fail(error);
      // A full disk and the like make SQLite give up the whole transaction.
      if (!this.#connection.isInTransaction()) throw error;
      return false;
    }
  }

  #apart<T>(work: () => T): T {
    this.#connection.run('SAVEPOINT part');
    try {
      const result = work();
      this.#connection.run('RELEASE part');
      return result;
    } catch (error) {
      if (this.#connection.isInTransaction()) {
        this.#connection.run('ROLLBACK TO part');
        this.#connection.run('RELEASE part');
      }
      throw error;
    }
  }
}
