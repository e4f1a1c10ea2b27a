const WIDTH = 8;

/** A set of rows by keys of 64 bits, as sorted bytes that can be kept beside a model. */
export class RowKeys {
  /** Big-endian keys in ascending order. */
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  static of(keys: readonly bigint[]): RowKeys {
    const sorted = BigUint64Array.from(keys).sort();
    const bytes = new Uint8Array(sorted.length * WIDTH);
    const view = new DataView(bytes.buffer);
    sorted.forEach((key, at) => {
      view.setBigUint64(at * WIDTH, key);
    });
    return new RowKeys(bytes);
  }

  has(key: bigint): boolean {
    let [low, high] = [0, this.bytes.length / WIDTH];
    while (low < high) {
      const middle = (low + high) >> 1;
      const found = this.#view.getBigUint64(middle * WIDTH);
      if (found === key) return true;
      if (found < key) low = middle + 1;
      else high = middle;
    }
    return false;
  }
}
