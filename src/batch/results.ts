import type { BatchBody, BatchCounts } from '../core/batch.ts';
import type { ObjectStore } from '../core/objects.ts';

/** First byte of a stored result: the rest is a line of the output or of the error file. */
const OUTPUT = 43;
const ERROR = 45;

/** Changes a batch's state against whatever else changes it; undefined when the batch is gone. */
export async function changeBatch(
  objects: ObjectStore,
  id: string,
  change: (body: BatchBody) => BatchBody,
): Promise<BatchBody | undefined> {
  for (;;) {
    const row = await objects.doGetObject('batch', id);
    if (row === undefined) return undefined;
    const found = row.body as BatchBody;
    const body = change(found);
    if (body === found || (await objects.doChangeObject({ ...row, body }, found))) return body;
  }
}

/** The results of one batch, one per line of its input, each recorded once. */
export class Results {
  readonly #objects: ObjectStore;
  readonly #id: string;

  constructor(objects: ObjectStore, id: string) {
    this.#objects = objects;
    this.#id = id;
  }

  async record(index: number, isError: boolean, line: Uint8Array): Promise<void> {
    const bytes = new Uint8Array(line.length + 1);
    bytes[0] = isError ? ERROR : OUTPUT;
    bytes.set(line, 1);
    await this.#objects.doPutPart('batch', this.#id, { position: index, bytes });
  }

  /** Lines that have a result. */
  async places(): Promise<ReadonlySet<number>> {
    return new Set(await this.#objects.doListPlaces('batch', this.#id));
  }

  async count(): Promise<Pick<BatchCounts, 'completed' | 'failed'>> {
    const counts = { completed: 0, failed: 0 };
    for await (const { bytes } of this.#objects.doReadParts('batch', this.#id))
      counts[bytes[0] === ERROR ? 'failed' : 'completed'] += 1;
    return counts;
  }

  /** The lines of one of the two files, in the order of the input. */
  async *lines(isError: boolean): AsyncGenerator<Uint8Array, void, void> {
    const wanted = isError ? ERROR : OUTPUT;
    for await (const { bytes } of this.#objects.doReadParts('batch', this.#id))
      if (bytes[0] === wanted) yield bytes.subarray(1);
  }

  async drop(): Promise<void> {
    await this.#objects.doDropParts('batch', this.#id);
  }
}
